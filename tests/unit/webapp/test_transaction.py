"""One commit or rollback per request or job."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests.conftest import CountingWaker
from webapp.jobs.lease import Lease
from webapp.transaction import WAKE, reading, writing
from workflows.clock import FixedClock
from workflows.outbox import Outbox, enqueue

NOW = datetime(2019, 10, 14, tzinfo=UTC)


def lease(name: str) -> Lease:
    return Lease(name=name, holder="nobody", expires_at=NOW + timedelta(hours=1))


def count(app: Flask) -> int:
    with app.app_context():
        return reading().scalar(select(func.count()).select_from(Lease)) or 0


def test_a_block_that_ends_is_committed(app: Flask) -> None:
    with app.app_context(), writing() as session:
        session.add(lease("a"))
    assert count(app) == 1


def test_a_block_that_raises_leaves_nothing(app: Flask) -> None:
    def fail() -> None:
        with writing() as session:
            session.add(lease("a"))
            session.flush()
            raise ZeroDivisionError

    with app.app_context(), pytest.raises(ZeroDivisionError):
        fail()
    assert count(app) == 0


def test_writing_within_writing_is_refused(app: Flask) -> None:
    with app.app_context(), writing(), pytest.raises(RuntimeError, match="open already"), writing():
        pass


def test_a_change_outside_a_writing_block_is_refused(app: Flask) -> None:
    with app.app_context():
        reading().add(lease("a"))
        with pytest.raises(RuntimeError, match="outside"), writing():
            pass


def test_a_change_never_committed_is_gone_with_the_request(app: Flask) -> None:
    with app.app_context():
        reading().add(lease("a"))
        reading().flush()
    assert count(app) == 0


def test_what_was_read_before_is_read_anew_inside(app: Flask) -> None:
    with app.app_context(), writing() as session:
        session.add(lease("a"))
    with app.app_context():
        seen = reading().get_one(Lease, "a")
        with app.app_context(), writing() as other:
            other.get_one(Lease, "a").holder = "another"
        assert seen.holder == "nobody"
        with writing() as session:
            assert session.get_one(Lease, "a").holder == "another"


def test_the_worker_is_woken_after_a_commit_that_queued_something(app: Flask, clock: FixedClock) -> None:
    waker: CountingWaker = app.extensions[WAKE]
    with app.app_context(), writing() as session:
        enqueue(session, topic="t", key="k", payload={}, clock=clock)
        assert waker.calls == 0
    assert waker.calls == 1
    with app.app_context(), writing() as session:
        session.scalars(select(Outbox)).one()
    assert waker.calls == 1


def test_the_worker_is_not_woken_after_a_rollback(app: Flask, clock: FixedClock) -> None:
    def fail() -> None:
        with writing() as session:
            enqueue(session, topic="t", key="k", payload={}, clock=clock)
            raise ZeroDivisionError

    with app.app_context(), pytest.raises(ZeroDivisionError):
        fail()
    with app.app_context(), writing() as session:
        session.add(lease("a"))
    assert app.extensions[WAKE].calls == 0
