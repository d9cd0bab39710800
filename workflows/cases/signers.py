"""加签 and 减签: one more agency signs at a step that several sign, or one less."""

from __future__ import annotations

from dataclasses import asdict

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows import audit, engine
from workflows.agencies.directory import get_agency
from workflows.cases.access import require
from workflows.cases.aggregate import Family, current_form, lock_family
from workflows.cases.assignment.offering import write
from workflows.cases.commands import ChangeSigner
from workflows.cases.complete_task import check_text
from workflows.cases.incidents import or_incident
from workflows.cases.members import members
from workflows.cases.models import OPEN, HumanTask, TaskStatus
from workflows.cases.projection import plan
from workflows.cases.routing import SIGNER
from workflows.cases.views import Moved
from workflows.cases.workdays import workdays
from workflows.clock import Clock, office_date
from workflows.errors import FieldError, InvalidInputError, NotFoundError, PermissionDeniedError, StateConflictError
from workflows.events import EventType
from workflows.permissions import Actor, Permission
from workflows.policies.responsibilities import leads


def add_signer(session: Session, command: ChangeSigner, *, actor: Actor, clock: Clock) -> Moved:
    """Ask one more agency to sign at the step of an open task; a lead agency of the measure may.

    Raises:
        NotFoundError: no such open task in a case of the actor's.
        PermissionDeniedError: not a lead agency.
        StateConflictError: the step is not one that several sign, or the case stands still.
        InvalidInputError: no reason, or no such agency, or it signs already.
    """
    family, task, reason = _prepare(session, command, actor, clock, "add-signer")
    code = (command.agency_code or "").strip()
    check_text(code, "agency")
    try:
        agency = get_agency(session, code, office_date(clock.now()))
    except NotFoundError:
        raise InvalidInputError([FieldError("agency", "not-in-list")]) from None
    if agency.outside:
        raise InvalidInputError([FieldError("agency", "not-in-list")])
    if _signs_already(session, task, agency.id):
        raise InvalidInputError([FieldError("agency", "duplicate")])

    def add() -> Moved:
        step = engine.add_signer(
            family.process.spec,
            family.state,
            task.token,
            {SIGNER: agency.code},
            now=clock.now(),
            workdays=workdays(session),
            members=members(session, family.measure_no, clock),
            grow=False,  # a further signer is no further issuer
        )
        moved = _write(session, family, step, actor, clock)
        payload = {"node": task.node_id, "agency": agency.code, "reason": reason}
        _record(session, task, EventType.SIGNER_ADDED, payload, actor, clock)
        return moved

    attempt = {"act": "add-signer", **asdict(command)}
    return or_incident(session, family, task, attempt, add, actor=actor, clock=clock)


def remove_signer(session: Session, command: ChangeSigner, *, actor: Actor, clock: Clock) -> Moved:
    """Withdraw the open task of a signer that was added; those the policy names cannot be removed.

    Raises:
        NotFoundError: no such open task in a case of the actor's.
        PermissionDeniedError: not a lead agency.
        StateConflictError: the signer was not added by hand, or the case stands still.
        InvalidInputError: no reason.
    """
    family, task, reason = _prepare(session, command, actor, clock, "remove-signer")
    if not task.added_signer:
        raise StateConflictError("task", task.id, "named-by-policy", "remove-signer")

    def remove() -> Moved:
        step = engine.remove_signer(
            family.process.spec,
            family.state,
            task.token,
            now=clock.now(),
            workdays=workdays(session),
            members=members(session, family.measure_no, clock),
        )
        moved = _write(session, family, step, actor, clock)
        _record(session, task, EventType.SIGNER_REMOVED, {"node": task.node_id, "reason": reason}, actor, clock)
        return moved

    attempt = {"act": "remove-signer", **asdict(command)}
    return or_incident(session, family, task, attempt, remove, actor=actor, clock=clock)


def _prepare(
    session: Session, command: ChangeSigner, actor: Actor, clock: Clock, wanted: str
) -> tuple[Family, HumanTask, str]:
    require(actor, Permission.TASK_COMPLETE)
    reason = command.reason.strip()
    if not reason:
        raise InvalidInputError([FieldError("reason", "reason-required")])
    check_text(reason, "reason")
    found = session.get(HumanTask, command.task_id)
    if found is None:
        raise NotFoundError("task", command.task_id)
    family = lock_family(session, found.root_id)
    task = session.get_one(HumanTask, command.task_id, populate_existing=True)
    codes = {agency.code for agency in leads(session, family.measure_no, office_date(clock.now()))}
    if actor.measure_only not in (None, family.measure_no):
        raise NotFoundError("task", command.task_id)
    if actor.agency_code not in codes:
        if task.agency_id != actor.agency_id:
            raise NotFoundError("task", command.task_id)
        raise PermissionDeniedError(Permission.TASK_COMPLETE, "not-lead")
    family.require_running(wanted)
    if task.status not in OPEN:
        raise StateConflictError("task", task.id, task.status, wanted)
    if family.node(task.node_id).multi_instance is None:
        raise StateConflictError("task", task.id, "signed-by-one", wanted)
    return family, task, reason


def _signs_already(session: Session, task: HumanTask, agency_id: int) -> bool:
    return bool(
        session.scalar(
            select(HumanTask.id)
            .where(
                HumanTask.root_id == task.root_id,
                HumanTask.node_id == task.node_id,
                HumanTask.agency_id == agency_id,
                HumanTask.status.in_({*OPEN, TaskStatus.COMPLETED}),
                HumanTask.voided_at.is_(None),
            )
            .limit(1)
        )
    )


def _write(session: Session, family: Family, step: engine.Step, actor: Actor, clock: Clock) -> Moved:
    planned = plan(session, family, step, clock=clock)
    return write(session, family, planned, actor=actor, clock=clock, form=lambda: current_form(session, family.id))


def _record(
    session: Session, task: HumanTask, event: EventType, payload: dict[str, str], actor: Actor, clock: Clock
) -> None:
    audit.append(session, actor=actor, event=event, case_id=task.case_id, task_id=task.id, payload=payload, clock=clock)
