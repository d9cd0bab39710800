"""请重新提出意见: the lead asks one supporting agency again; what the others said stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows import audit, engine
from workflows.agencies.models import Agency
from workflows.cases.access import require
from workflows.cases.aggregate import Family, current_form, lock_family_of_task
from workflows.cases.assignment.offering import write
from workflows.cases.commands import AskAgain
from workflows.cases.holding import does_a_part, require_held, require_version
from workflows.cases.incidents import or_incident
from workflows.cases.members import members
from workflows.cases.models import OPEN, CaseSnapshot, HumanTask, TaskRole, TaskStatus
from workflows.cases.opinions.steps import gives_opinion
from workflows.cases.opinions.voiding import VoidReason, mark_void
from workflows.cases.projection import plan
from workflows.cases.return_task import decided_since, done_effects
from workflows.cases.telling import tell_returned
from workflows.cases.texts import check_text
from workflows.cases.views import Moved, Named
from workflows.cases.workdays import workdays
from workflows.clock import Clock
from workflows.engine.model import Node
from workflows.errors import FieldError, InvalidInputError, StateConflictError
from workflows.events import EventType
from workflows.permissions import Actor, Permission


def askable(session: Session, task_id: int, *, actor: Actor) -> Sequence[tuple[int, Named]]:
    """List the opinions that the lead may ask for anew from a task: the task each was given with, and whose it is.

    Raises:
        NotFoundError: no such task in the actor's agency.
    """
    require(actor, Permission.TASK_COMPLETE)
    family, task = lock_family_of_task(session, task_id, actor=actor, for_update=False)
    if task.status not in OPEN or does_a_part(task, actor):
        return ()
    return [(said.id, _named(session, said.agency_id)) for said in _given_before(session, family, task)]


def ask_again(session: Session, command: AskAgain, *, actor: Actor, clock: Clock) -> Moved:
    """Open one supporting agency's branch again.

    Once all have answered, the case goes back to them and waits for this one alone; what the lead decided since is
    void, what the other agencies said is not.

    Raises:
        NotFoundError: no such task in the actor's agency.
        TaskAlreadyClaimedError: somebody else holds it.
        StateConflictError: not claimed, money has been sent since, or the case cannot go back there.
        ConcurrencyError: `row_version` is stale.
        InvalidInputError: no reason, or no opinion that was given before this task.
    """
    require(actor, Permission.TASK_COMPLETE)
    reason = command.reason.strip()
    if not reason:
        raise InvalidInputError([FieldError("reason", "reason-required")])
    check_text(reason, "reason")
    family, task = lock_family_of_task(session, command.task_id, actor=actor)
    require_held(session, task, actor, "ask-again")
    require_version(task, command.row_version)
    family.require_running("ask-again")
    said = next((one for one in _given_before(session, family, task) if one.id == command.opinion_task_id), None)
    if said is None:
        raise InvalidInputError([FieldError("opinion_task_id", "not-in-list")])
    attempt = {"act": "ask-again", **asdict(command)}

    def act() -> Moved:
        return _open_again(session, family, task, said, reason, actor=actor, clock=clock)

    return or_incident(session, family, task, attempt, act, actor=actor, clock=clock)


def _given_before(session: Session, family: Family, task: HumanTask) -> Sequence[HumanTask]:
    """The opinions given before a lead's task that can be asked for anew: none once money has moved."""
    if task.role != TaskRole.LEAD or done_effects(session, family):
        return ()
    nodes = [
        node.id
        for node in family.process.model.nodes.values()
        if gives_opinion(node) and _repeated(family, node) not in (None, *_around(family, task.node_id))
    ]
    if not nodes:
        return ()
    query = select(HumanTask).where(
        HumanTask.root_id == family.id,
        HumanTask.node_id.in_(nodes),
        HumanTask.status == TaskStatus.COMPLETED,
        HumanTask.voided_at.is_(None),
        HumanTask.instance.is_not(None),
    )
    if task.case_id != family.id:
        query = query.where(HumanTask.case_id.in_((task.case_id, family.id)))
    return session.scalars(query.order_by(HumanTask.id)).all()


def _repeated(family: Family, node: Node) -> str | None:
    """The activity whose instance an opinion is: its step, or the sub-process around it."""
    nodes = family.process.model.nodes
    return next((each for each in (node.id, *_around(family, node.id)) if nodes[each].multi_instance), None)


def _around(family: Family, node_id: str) -> Sequence[str]:
    nodes = family.process.model.nodes
    found: list[str] = []
    at = nodes[node_id].scope_id
    while at in nodes:
        found.append(at)
        at = nodes[at].scope_id
    return found


def _open_again(
    session: Session, family: Family, task: HumanTask, said: HumanTask, reason: str, *, actor: Actor, clock: Clock
) -> Moved:
    activity, instance = _repeated(family, family.node(said.node_id)), said.instance
    if activity is None or instance is None:
        raise StateConflictError("task", said.id, "asked-of-one", "ask-again")
    session.add(
        CaseSnapshot(
            case_id=family.id,
            rev=family.rev,
            process_version_id=family.process_version_id,
            reason="ask-again",
            state=family.state,
            taken_at=clock.now(),
        )
    )
    step = engine.ask_again(
        family.process.spec,
        family.state,
        task.token,
        activity,
        instance,
        now=clock.now(),
        workdays=workdays(session),
        members=members(session, family.measure_no, clock),
    )
    planned = plan(session, family, step, clock=clock)
    decided = decided_since(session, family, task, activity)
    of_others = [one for one in decided if _is_part_of(family, one, activity) and one.instance != instance]
    own = [one for one in decided if _is_part_of(family, one, activity) and one not in of_others]
    later = [one for one in decided if one not in of_others and one not in own] if step.closed else []
    mark_void(session, {said.id, *(one.id for one in own)}, VoidReason.ASKED_AGAIN, clock)
    mark_void(session, [one.id for one in later], VoidReason.RETURNED, clock)
    moved = write(session, family, planned, actor=actor, clock=clock, form=lambda: current_form(session, family.id))
    agency = _named(session, said.agency_id)
    audit.append(
        session,
        actor=actor,
        event=EventType.OPINION_ASKED_AGAIN,
        case_id=said.case_id,
        task_id=said.id,
        payload={"node": said.node_id, "of": [agency.code, agency.zh, agency.en], "reason": reason},
        clock=clock,
    )
    told = [said.completed_by_person_id] if said.completed_by_person_id else []
    tell_returned(session, said, said.node_id, told, reason=reason, actor=actor, clock=clock)
    return moved


def _is_part_of(family: Family, task: HumanTask, activity: str) -> bool:
    return task.node_id == activity or activity in _around(family, task.node_id)


def _named(session: Session, agency_id: int) -> Named:
    agency = session.get_one(Agency, agency_id)
    return Named(agency.code, agency.short_zh, agency.short_en)
