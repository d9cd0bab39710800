"""Due timers: deadlines as rows. A worker asks for those that are due; whoever schedules them fires them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Select, insert, select, update
from sqlalchemy.orm import Session

from workflows.deadlines.tables import DueTimer, TimerKind
from workflows.errors import StateConflictError
from workflows.persistence import table_of

_ADD = insert(table_of(DueTimer)).inline()
"""Nobody asks for the keys."""


def schedule(
    session: Session,
    *,
    case_id: int,
    kind: TimerKind,
    due_at: datetime,
    now: datetime,
    task_id: int | None = None,
    token: str | None = None,
) -> DueTimer:
    """Add a timer to the transaction; the case (and the task) must be flushed already.

    Args:
        session: the transaction.
        case_id: the case whose lock the firing will take.
        kind: what is to happen.
        due_at: when, aware.
        now: the present instant, aware.
        task_id: the task whose limit it is.
        token: the engine's token, for a timer of the diagram.
    """
    timer = DueTimer(case_id=case_id, task_id=task_id, kind=kind.value, token=token, due_at=due_at, created_at=now)
    session.add(timer)
    return timer


def schedule_all(session: Session, timers: Sequence[Mapping[str, object]]) -> None:
    """Add timers by one plain statement, on the ways that everybody waits for.

    Args:
        session: the transaction.
        timers: for each `case_id`, `kind`, `token`, `due_at`, `created_at`.
    """
    if timers:
        session.connection().execute(_ADD, list(timers))


def cancel_for_task(session: Session, task_id: int, *, now: datetime) -> None:
    """End the waiting timers of a task that was completed, returned or withdrawn."""
    _cancel(session, DueTimer.task_id == task_id, now)


def cancel_for_token(session: Session, case_id: int, token: str, *, now: datetime) -> None:
    """End the waiting timers of an engine token that is gone."""
    _cancel(session, (DueTimer.case_id == case_id) & (DueTimer.token == token), now)


def cancel_for_case(session: Session, case_id: int, *, now: datetime) -> None:
    """End all waiting timers of a case that was closed or withdrawn."""
    _cancel(session, DueTimer.case_id == case_id, now)


def cancel_kind(session: Session, case_id: int, kind: TimerKind, *, now: datetime) -> None:
    """End the waiting timers of one kind of a case."""
    _cancel(session, (DueTimer.case_id == case_id) & (DueTimer.kind == kind.value), now)


def postpone_for_case(session: Session, case_id: int, later: Callable[[datetime], datetime]) -> None:
    """Move the waiting timers of the diagram of a case that stood still.

    Args:
        session: the transaction.
        case_id: the case.
        later: the instant a timer was due → the instant it is due now.
    """
    session.flush()
    waiting = select(DueTimer).where(
        DueTimer.case_id == case_id,
        DueTimer.kind == TimerKind.ENGINE,
        DueTimer.fired_at.is_(None),
        DueTimer.cancelled_at.is_(None),
    )
    for timer in session.scalars(waiting.execution_options(populate_existing=True)):
        timer.due_at = later(timer.due_at)
    session.flush()


def _cancel(session: Session, whose: ColumnElement[bool], now: datetime) -> None:
    session.flush()
    session.execute(
        update(DueTimer)
        .where(whose, DueTimer.fired_at.is_(None), DueTimer.cancelled_at.is_(None))
        .values(cancelled_at=now)
    )


def due(session: Session, now: datetime, limit: int = 100, *, resting: Select[int] | None = None) -> Sequence[DueTimer]:
    """Return the waiting timers due at or before `now`, oldest first, locked until the transaction ends.

    On PostgreSQL rows that another worker holds are skipped; SQLite has one writer at a time.

    Args:
        session: the transaction.
        now: the present instant, aware.
        limit: at most so many.
        resting: keys of cases whose timers wait; left out here, or many of them would keep the others from their turn.
    """
    query = select(DueTimer).where(DueTimer.due_at <= now, DueTimer.fired_at.is_(None), DueTimer.cancelled_at.is_(None))
    if resting is not None:
        query = query.where(DueTimer.case_id.not_in(resting))
    return session.scalars(
        query.order_by(DueTimer.due_at, DueTimer.id).limit(limit).with_for_update(skip_locked=True)
    ).all()


def move_timer(session: Session, case_id: int, token: str, due_at: datetime, *, now: datetime) -> None:
    """Have the limit of a task end at another instant, also if it had run out before."""
    cancel_for_token(session, case_id, token, now=now)
    schedule(session, case_id=case_id, kind=TimerKind.TASK_EXPIRY, token=token, due_at=due_at, now=now)


def mark_fired(session: Session, timer_id: int, *, now: datetime) -> None:
    """Note that a timer has done its work, in the transaction of that work: so it fires once.

    Raises:
        StateConflictError: it was fired or cancelled in the meantime.
    """
    session.flush()
    fired = session.execute(
        update(DueTimer)
        .where(DueTimer.id == timer_id, DueTimer.fired_at.is_(None), DueTimer.cancelled_at.is_(None))
        .values(fired_at=now)
        .returning(DueTimer.id)
    ).one_or_none()
    if fired is None:
        raise StateConflictError("timer", timer_id, "ended", "fire")
