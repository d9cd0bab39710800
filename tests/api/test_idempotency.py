"""One key stands for one request: under repetition, under change, at the same instant, and after a day."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from webapp.api import idempotency
from webapp.api.idempotency import IdempotencyKeyReusedError, Reply, Request
from webapp.api.models import IdempotencyKey
from workflows.agencies.models import Person
from workflows.clock import FixedClock
from workflows.errors import InvalidInputError

ANSWER = Reply(201, b'{"no": 1}', "/api/v1/cases/1")


def _request(person_id: int, *, key: str = "k-1", body: bytes = b"{}") -> Request:
    return Request(person_id, key, "POST /api/v1/cases 7", hashlib.sha256(body).digest())


@pytest.fixture
def person_id(engine: Engine, clock: FixedClock) -> int:
    with Session(engine) as session:
        person = Person(username="a", name_zh="甲", name_en="A", password_hash="-", created_at=clock.now())
        session.add(person)
        session.commit()
        return person.id


def _carry_out(engine: Engine, request: Request, clock: FixedClock) -> Reply | None:
    with Session(engine) as session:
        session.connection(execution_options={"write": True})
        before = idempotency.begin(session, request, clock=clock)
        if before is None:
            idempotency.finish(session, request, ANSWER)
        session.commit()
        return before


def test_a_repeat_gets_the_first_answer(engine: Engine, person_id: int, clock: FixedClock) -> None:
    assert _carry_out(engine, _request(person_id), clock) is None
    assert _carry_out(engine, _request(person_id), clock) == ANSWER


def test_another_body_under_the_same_key_is_refused(engine: Engine, person_id: int, clock: FixedClock) -> None:
    _carry_out(engine, _request(person_id), clock)
    with pytest.raises(IdempotencyKeyReusedError):
        _carry_out(engine, _request(person_id, body=b"[]"), clock)


def test_a_request_that_failed_leaves_its_key_free(engine: Engine, person_id: int, clock: FixedClock) -> None:
    with Session(engine) as session:
        session.connection(execution_options={"write": True})
        assert idempotency.begin(session, _request(person_id), clock=clock) is None
        session.rollback()
    assert _carry_out(engine, _request(person_id, body=b"other"), clock) is None


def test_eight_at_the_same_instant_are_carried_out_once(engine: Engine, person_id: int, clock: FixedClock) -> None:
    barrier = Barrier(8)

    def one(_number: int) -> Reply | None:
        barrier.wait()
        return _carry_out(engine, _request(person_id), clock)

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(one, range(8)))
    assert sorted(answer is None for answer in answers) == [False] * 7 + [True]
    assert {answer for answer in answers if answer} == {ANSWER}


def test_a_key_is_free_again_after_a_day(engine: Engine, person_id: int, clock: FixedClock) -> None:
    _carry_out(engine, _request(person_id), clock)
    clock.advance(timedelta(hours=24, seconds=1))
    assert _carry_out(engine, _request(person_id, body=b"other"), clock) is None


def test_the_sweep_forgets_what_is_older_than_a_day(engine: Engine, person_id: int, clock: FixedClock) -> None:
    _carry_out(engine, _request(person_id, key="old"), clock)
    clock.advance(timedelta(hours=20))
    _carry_out(engine, _request(person_id, key="young"), clock)
    clock.advance(timedelta(hours=5))
    with Session(engine) as session:
        session.connection(execution_options={"write": True})
        assert idempotency.sweep(session, clock=clock) == 1
        assert session.scalar(select(func.count()).select_from(IdempotencyKey)) == 1
        session.commit()


@pytest.mark.parametrize("key", ["", "a" * 201, "鍵", "a\tb"])
def test_a_key_is_short_plain_text(key: str) -> None:
    with pytest.raises(InvalidInputError):
        idempotency.read_key(key)
