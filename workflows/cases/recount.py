"""Counting open limits anew: when a case goes on after a pause, and when a later calendar says otherwise.

Each change is on record with what was and what is; limits that have been met or missed for good keep theirs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from workflows import audit
from workflows.cases.limits import CALENDARS, Limit
from workflows.cases.models import OPEN, Case, HumanTask
from workflows.clock import Clock, office_date
from workflows.deadlines import (
    Pause,
    PauseKind,
    StoredPause,
    TimerKind,
    WorkingCalendar,
    as_days,
    cancel_kind,
    deadline,
    due_at,
    move_timer,
    pauses_of,
    schedule,
)
from workflows.events import EventType
from workflows.permissions import Actor


def stops_tasks(pause: StoredPause) -> bool:
    """Tell whether a pause stops the clocks of tasks too: what the case waits for outside is nobody's task."""
    return pause.kind is PauseKind.SUSPENDED


def recount_tasks(
    session: Session, root_id: int, calendar: WorkingCalendar, why: str, *, actor: Actor | None, clock: Clock
) -> None:
    """Count the limits of a family's open tasks anew, and move what hangs on them.

    Args:
        session: the transaction, with the family locked.
        root_id: the root case.
        calendar: the calendar to count by.
        why: `resumed` or `calendar`.
        actor: whose act it is, or None for the system.
        clock: tells when.
    """
    pauses = as_days(pause for pause in pauses_of(session, root_id) if stops_tasks(pause))
    rows = session.scalars(
        select(HumanTask)
        .where(HumanTask.root_id == root_id, HumanTask.status.in_(OPEN), HumanTask.due_at.is_not(None))
        .order_by(HumanTask.id)
    ).all()
    for task in rows:
        if task.due_at is None or task.limit_days is None:
            continue
        counted = _Counted(task.limit_days, task.received_at or task.created_at, task.due_at, task.calendar_version)
        limit = _anew(session, counted, calendar, pauses)
        if limit is not None and limit.due_at is not None:
            _move_task(session, task, limit, limit.due_at, why, actor=actor, clock=clock)


@dataclass(frozen=True)
class _Counted:
    """A limit as it was counted last."""

    limit_days: int
    started_at: datetime
    due_at: datetime
    calendar_version: int | None


def _anew(session: Session, last: _Counted, calendar: WorkingCalendar, pauses: Sequence[Pause]) -> Limit | None:
    """Return the limit by the calendar given, or None where it says the same of every day on the way."""
    start_on = office_date(last.started_at)
    now = deadline(calendar, start_on, last.limit_days, pauses=pauses)
    if due_at(now.due_on) == last.due_at and last.calendar_version is not None:
        was = deadline(CALENDARS.get(session, last.calendar_version), start_on, last.limit_days, pauses=pauses)
        if was.explanation == now.explanation:
            return None
    return Limit(due_at(now.due_on), now.calendar_version)


def _move_task(
    session: Session, task: HumanTask, limit: Limit, ends_at: datetime, why: str, *, actor: Actor | None, clock: Clock
) -> None:
    payload = {"node": task.node_id, **_change(task.due_at, task.calendar_version, limit, why)}
    moved = {"due_at": ends_at, "queue_at": ends_at, "calendar_version": limit.calendar_version}
    if ends_at > clock.now():
        moved["overdue_at"] = None  # the mark was right by the calendar of its day, and stays on record
    if task.due_at != ends_at:
        move_timer(session, task.root_id, task.token, ends_at, now=clock.now())
    session.execute(
        update(HumanTask).where(HumanTask.id == task.id).values(moved).execution_options(synchronize_session=False)
    )
    audit.append(
        session,
        actor=actor,
        event=EventType.DEADLINE_MOVED,
        case_id=task.case_id,
        task_id=task.id,
        payload=payload,
        clock=clock,
    )


def recount_case(
    session: Session, root_id: int, calendar: WorkingCalendar, why: str, *, actor: Actor | None, clock: Clock
) -> None:
    """Count the limit of a whole case anew, unless it has none or its clock stands still."""
    case = session.get_one(Case, root_id, populate_existing=True)
    if case.due_at is None or case.closed_at is not None or case.accepted_at is None:
        return
    counted = _Counted(case.limit_days or 0, case.accepted_at, case.due_at, case.calendar_version)
    limit = _anew(session, counted, calendar, main_pauses(session, root_id))
    if limit is None:
        return
    payload = _change(case.due_at, case.calendar_version, limit, why)
    case.due_at, case.calendar_version = limit.due_at, limit.calendar_version
    if limit.due_at is not None and limit.due_at > clock.now():
        case.overdue_at = None
    session.flush()
    if case.waiting_since is None:
        set_case_timer(session, root_id, limit.due_at, clock=clock)
    audit.append(session, actor=actor, event=EventType.DEADLINE_MOVED, case_id=root_id, payload=payload, clock=clock)


def main_pauses(session: Session, root_id: int) -> tuple[Pause, ...]:
    """Return the finished pauses of the clock of a whole case: every pause stops it."""
    return as_days(pauses_of(session, root_id))


def set_case_timer(session: Session, root_id: int, ends_at: datetime | None, *, clock: Clock) -> None:
    """Have the limit of a whole case run out at `ends_at`, or not at all while its clock stands still."""
    cancel_kind(session, root_id, TimerKind.CASE_EXPIRY, now=clock.now())
    if ends_at is not None:
        schedule(session, case_id=root_id, kind=TimerKind.CASE_EXPIRY, due_at=ends_at, now=clock.now())


def _change(due_was: datetime | None, version_was: int | None, limit: Limit, why: str) -> dict[str, Any]:
    return {
        "why": why,
        "due_was": due_was.isoformat() if due_was else None,
        "due_now": limit.due_at.isoformat() if limit.due_at else None,
        "calendar_was": version_was,
        "calendar_now": limit.calendar_version,
    }
