"""A limit that runs out while an officer and several workers are at the case: one of them wins, none waits for ever."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from tests.factories.cases import Office, seed_everything
from tests.factories.crowd import Crowd
from tests.factories.org import actor
from workflows import audit, cases
from workflows.audit import AuditEntry
from workflows.cases import Case, CompleteTask, HumanTask, fire_due_timers
from workflows.clock import FixedClock

ROUNDS = 5
WORKERS = 3


@pytest.fixture
def office(session: Session, clock: FixedClock) -> Office:
    seed_everything(session, clock)
    return Office(session, clock)


@pytest.fixture
def crowd(engine: Engine) -> Iterator[Crowd]:
    crowd = Crowd(engine, WORKERS + 1)
    yield crowd
    crowd.close()


def sweeping(clock: FixedClock) -> Any:
    return lambda session: fire_due_timers(session, clock=clock)


def entries(office: Office, event: str) -> int:
    office.session.rollback()
    return len(office.session.scalars(select(AuditEntry.id).where(AuditEntry.event == event)).all())


def test_a_completion_and_three_workers_race_and_exactly_one_wins(
    office: Office, crowd: Crowd, clock: FixedClock
) -> None:
    silences = 0
    for round_no in range(1, ROUNDS + 1):
        no = office.accept("JIANGXIAN")
        task_id = office.take("jiangxian.handler", "county_verify", no)
        who = actor(office.session, "jiangxian.handler", clock)
        office.session.rollback()
        late = FixedClock(clock.at + timedelta(days=30))

        def complete(session: Session, task_id: int = task_id, who: Any = who, late: FixedClock = late) -> object:
            return cases.complete_task(session, CompleteTask(task_id, "agree"), actor=who, clock=late)

        crowd.at_once([complete, *[sweeping(late)] * WORKERS])
        office.session.rollback()
        while fire_due_timers(office.session, clock=late):  # what a worker left because somebody was at the case
            office.session.commit()
        office.session.commit()
        task = office.session.get_one(HumanTask, task_id, populate_existing=True)
        assert task.decision in ("agree", "deemed_no_opinion")
        silences += task.decision == "deemed_no_opinion"
        following = office.session.scalars(
            select(HumanTask.id)
            .join(Case, Case.id == HumanTask.root_id)
            .where(Case.no == no, HumanTask.node_id == "municipal_review")
        ).all()
        assert len(following) == 1
        assert entries(office, "task.deemed-no-opinion") == silences
        assert entries(office, "task.completed") == 2 * round_no - silences
    assert audit.verify(office.session).ok


def test_after_three_days_without_a_worker_three_at_once_fire_each_limit_once(
    office: Office, crowd: Crowd, clock: FixedClock
) -> None:
    numbers = {office.accept("JIANGXIAN") for _ in range(12)}
    office.session.rollback()
    late = FixedClock(clock.at + timedelta(days=10))
    for _ in range(8):
        answers = crowd.at_once([sweeping(late)] * WORKERS)
        assert all(isinstance(answer, int) for answer in answers), answers
    assert entries(office, "task.deemed-no-opinion") == len(numbers)
    assert entries(office, "task.overdue") == len(numbers)
    waiting = {row.case_no for row in office.queue("jr.handler") if row.node_id == "municipal_review"}
    assert waiting == numbers
    assert audit.verify(office.session).ok
