"""Eight officers claim one task at the same instant, over and over: one wins, seven are told who.

`LIANBAN_FULL=1` runs 10,000 rounds instead of 200.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from functools import partial

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from tests.factories.cases import Office, application, issuer, seed_everything
from tests.factories.crowd import Crowd, handlers_of
from webapp.database import begin_write
from workflows import audit, cases
from workflows.clock import FixedClock, SystemClock
from workflows.errors import TaskAlreadyClaimedError
from workflows.permissions import Actor

OFFICERS = 8
ROUNDS = 10_000 if os.environ.get("LIANBAN_FULL") else 200


@pytest.fixture
def crowd(engine: Engine) -> Iterator[Crowd]:
    crowd = Crowd(engine, OFFICERS)
    yield crowd
    crowd.close()


@pytest.fixture
def officers(session: Session, clock: FixedClock) -> tuple[Actor, ...]:
    seed_everything(session, clock)
    return handlers_of(session, "JR", OFFICERS, clock)


def claim(session: Session, *, task_id: int, officer: Actor) -> object:
    return cases.claim_task(session, task_id, actor=officer, clock=SystemClock())


def test_one_of_eight_wins_and_seven_are_told_who(
    engine: Engine, session: Session, clock: FixedClock, crowd: Crowd, officers: tuple[Actor, ...]
) -> None:
    office = Office(session, clock)
    office.open("enterprise-a.applicant", application(issuer(0, "YHQ")))
    task_id = office.find("jr.handler", "formal_check").id
    session.rollback()
    wins: Counter[int] = Counter()
    for _ in range(ROUNDS):
        answers = crowd.at_once([partial(claim, task_id=task_id, officer=officer) for officer in officers])
        winners = [n for n, answer in enumerate(answers) if isinstance(answer, cases.TaskRow)]
        assert len(winners) == 1, answers
        winner = officers[winners[0]]
        refusals = [answer for answer in answers if isinstance(answer, TaskAlreadyClaimedError)]
        assert len(refusals) == OFFICERS - 1, answers
        assert {refusal.holder for refusal in refusals} == {winner.person_name}
        wins[winners[0]] += 1
        with Session(engine) as own:
            begin_write(own)
            cases.release_task(own, task_id, actor=winner, clock=SystemClock())
            own.commit()
    print(f"{engine.dialect.name}: {ROUNDS} rounds, wins by officer {sorted(wins.items())}")
    assert audit.verify(session).ok
