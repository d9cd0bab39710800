"""撤回申请, 中止, 恢复办理: what happens to a case as a whole."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows import audit, outbox
from workflows.cases.access import get_visible_case, may_withdraw, require, root_id_of
from workflows.cases.aggregate import Family, lock_family, write_back
from workflows.cases.complete_task import check_text
from workflows.cases.ending import money_moved, terminate
from workflows.cases.limits import CALENDARS
from workflows.cases.models import ENDED, OPEN, Case, CaseStatus, HumanTask
from workflows.cases.recount import recount_case, recount_tasks
from workflows.cases.views import Moved
from workflows.clock import Clock, office_date
from workflows.deadlines import PauseKind, WorkingCalendar, deadline, postpone_for_case, start_clock, stop_clock
from workflows.errors import FieldError, InvalidInputError, PermissionDeniedError, StateConflictError
from workflows.events import EventType
from workflows.permissions import Actor, Permission
from workflows.policies.responsibilities import leads


def withdraw_case(session: Session, case_no: str, *, reason: str, actor: Actor, clock: Clock) -> Moved:
    """撤回申请: the applicant, or whoever applied for them, no longer applies.

    An engine that fails is no incident here: nothing is changed, and the applicant may withdraw again themselves.

    Raises:
        NotFoundError: not the actor's case.
        PermissionDeniedError: the actor is not the one who applied.
        StateConflictError: ended, or money has been proposed.
        InvalidInputError: no reason.
        EngineError: the process could not be ended.
    """
    text = _reason(reason)
    family, case = _lock(session, case_no, actor)
    if not may_withdraw(case, actor):
        raise PermissionDeniedError(Permission.CASE_WITHDRAW)
    if family.status in ENDED:
        raise StateConflictError("case", family.no, family.status, "withdraw")
    if money_moved(session, family):
        raise StateConflictError("case", family.no, "payment-proposed", "withdraw")
    terminate(session, family, "withdrawn", notice="withdrawn", facts={"reason": text}, actor=actor, clock=clock)
    _record(session, family, EventType.CASE_WITHDRAWN, text, actor, clock)
    return Moved(family.no, CaseStatus.TERMINATED, row_version=family.rev, outcome="withdrawn")


def suspend_case(session: Session, case_no: str, *, reason: str, actor: Actor, clock: Clock) -> Moved:
    """中止: for a stated reason, nothing can be done to the case and its clocks stand still.

    Raises:
        NotFoundError: not a case of the actor's.
        PermissionDeniedError: not a head of a lead agency of the measure.
        StateConflictError: ended, or suspended already.
        InvalidInputError: no reason.
    """
    text = _reason(reason)
    family, _ = _lock(session, case_no, actor)
    _require_lead(session, family, actor, clock)
    family.require_running("suspend")
    write_back(session, family, {"status": CaseStatus.SUSPENDED, "suspended_at": clock.now()})
    stop_clock(session, family.id, PauseKind.SUSPENDED, at=clock.now(), reason=text)
    payload = {"was": family.status}
    _record(session, family, EventType.CASE_SUSPENDED, text, actor, clock, payload)
    return Moved(family.no, CaseStatus.SUSPENDED, row_version=family.rev)


def resume_case(session: Session, case_no: str, *, reason: str, actor: Actor, clock: Clock) -> Moved:
    """恢复办理: the case goes on, and each open limit moves by the working days it stood still.

    Raises:
        NotFoundError: not a case of the actor's.
        PermissionDeniedError: not a head of a lead agency of the measure.
        StateConflictError: not suspended.
    """
    text = _reason(reason)
    family, _ = _lock(session, case_no, actor)
    _require_lead(session, family, actor, clock)
    if family.status != CaseStatus.SUSPENDED:
        raise StateConflictError("case", family.no, family.status, "resume")
    calendar = CALENDARS.current(session)
    began_on = office_date(family.suspended_at or clock.now())
    stood_still = calendar.working_days_after(began_on, office_date(clock.now()))
    start_clock(session, family.id, [PauseKind.SUSPENDED], at=clock.now())
    recount_tasks(session, family.id, calendar, "resumed", actor=actor, clock=clock)
    if stood_still:
        postpone_for_case(session, family.id, lambda due: _later(calendar, due, stood_still))
    status = _status_by_steps(session, family)
    write_back(session, family, {"status": status, "suspended_at": None})
    recount_case(session, family.id, calendar, "resumed", actor=actor, clock=clock)
    # Who could do its steps may have left while it stood still.
    key = f"assignment.review:resumed:{family.id}:{family.rev}"
    outbox.enqueue(session, topic="assignment.review", key=key, payload={"root_id": family.id}, clock=clock)
    _record(session, family, EventType.CASE_RESUMED, text, actor, clock, {"working_days": stood_still})
    return Moved(family.no, status, row_version=family.rev)


def _status_by_steps(session: Session, family: Family) -> CaseStatus:
    """What the open steps call the case (`caseStatus`), which is what it was called before it was suspended."""
    open_nodes = session.scalars(
        select(HumanTask.node_id).where(HumanTask.root_id == family.id, HumanTask.status.in_(OPEN))
    )
    for node_id in open_nodes:
        status = family.node(node_id).attributes.get("caseStatus")
        if status:
            return CaseStatus(status)
    return CaseStatus.IN_PROGRESS if family.was_accepted else CaseStatus.SUBMITTED


def _lock(session: Session, case_no: str, actor: Actor) -> tuple[Family, Case]:
    case = get_visible_case(session, case_no, actor=actor)
    return lock_family(session, root_id_of(case)), case


def _reason(reason: str) -> str:
    text = reason.strip()
    if not text:
        raise InvalidInputError([FieldError("reason", "reason-required")])
    check_text(text, "reason")
    return text


def _require_lead(session: Session, family: Family, actor: Actor, clock: Clock) -> None:
    require(actor, Permission.CASE_SUSPEND)
    codes = {agency.code for agency in leads(session, family.measure_no, office_date(clock.now()))}
    if actor.agency_code not in codes:
        raise PermissionDeniedError(Permission.CASE_SUSPEND, "not-lead")


def _later(calendar: WorkingCalendar, due: datetime, working_days: int) -> datetime:
    """The same time of day, so many working days on."""
    on = office_date(due)
    return due + timedelta(days=(deadline(calendar, on, working_days).due_on - on).days)


def _record(
    session: Session,
    family: Family,
    event: EventType,
    reason: str,
    actor: Actor,
    clock: Clock,
    payload: dict[str, Any] | None = None,
) -> None:
    audit.append(
        session,
        actor=actor,
        event=event,
        case_id=family.id,
        payload={"reason": reason, **(payload or {})},
        clock=clock,
    )
