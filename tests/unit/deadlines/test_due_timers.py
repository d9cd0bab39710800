"""Due timers: found when due, fired once, never after they were cancelled."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from tests.factories.rows import AT, add_agency, add_case, add_officer, add_task
from workflows.cases.models import Case
from workflows.deadlines import (
    DueTimer,
    TimerKind,
    cancel_for_case,
    cancel_for_task,
    cancel_for_token,
    due,
    mark_fired,
    schedule,
)
from workflows.errors import StateConflictError

HOUR = timedelta(hours=1)


@pytest.fixture
def case(session: Session) -> Case:
    return add_case(session, add_officer(session, add_agency(session)))


def add_timer(session: Session, case: Case, *, hours: int = 0, token: str | None = None) -> DueTimer:
    timer = schedule(session, case_id=case.id, kind=TimerKind.ENGINE, token=token, due_at=AT + HOUR * hours, now=AT)
    session.flush()
    return timer


def test_timers_are_found_from_their_instant_on_oldest_first(session: Session, case: Case) -> None:
    later, sooner, future = (add_timer(session, case, hours=hours) for hours in (2, 1, 3))
    assert list(due(session, AT)) == []
    assert list(due(session, AT + HOUR * 2)) == [sooner, later]
    assert list(due(session, AT + HOUR * 72)) == [sooner, later, future]
    assert list(due(session, AT + HOUR * 72, limit=1)) == [sooner]


def test_a_timer_fires_once(session: Session, case: Case) -> None:
    timer = add_timer(session, case)
    mark_fired(session, timer.id, now=AT)
    assert list(due(session, AT)) == []
    with pytest.raises(StateConflictError):
        mark_fired(session, timer.id, now=AT)


def test_a_cancelled_timer_never_fires(session: Session, case: Case) -> None:
    task = add_task(session, case, case.opened_by_agency_id)
    of_task = schedule(session, case_id=case.id, task_id=task.id, kind=TimerKind.TASK_EXPIRY, due_at=AT, now=AT)
    of_token, of_case = add_timer(session, case, token="t1"), add_timer(session, case)
    cancel_for_task(session, task.id, now=AT)
    assert list(due(session, AT)) == [of_token, of_case]
    cancel_for_token(session, case.id, "t1", now=AT)
    assert list(due(session, AT)) == [of_case]
    cancel_for_case(session, case.id, now=AT)
    assert list(due(session, AT)) == []
    with pytest.raises(StateConflictError):
        mark_fired(session, of_task.id, now=AT)


def test_a_second_worker_skips_what_the_first_one_holds(engine: Engine, session: Session, case: Case) -> None:
    first, second = add_timer(session, case), add_timer(session, case, hours=1)
    session.commit()
    assert [timer.id for timer in due(session, AT + HOUR, limit=1)] == [first.id]
    # SQLite has no row locks: there one worker writes at a time, and `mark_fired` keeps the second from firing again.
    seen = {"postgresql": [second.id], "sqlite": [first.id, second.id]}[engine.dialect.name]
    with Session(engine) as other:
        assert [timer.id for timer in due(other, AT + HOUR)] == seen
