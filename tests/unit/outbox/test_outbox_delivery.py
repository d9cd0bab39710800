"""What is queued happens once the transaction has committed: not before, not twice, and never never."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from threading import Lock
from typing import Any

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tests.factories.crowd import Crowd
from workflows import audit, outbox
from workflows.audit import AuditEntry
from workflows.clock import Clock, FixedClock
from workflows.events import EventType
from workflows.outbox import Outbox


class Recorder:
    """A handler that remembers what it was given, and fails as long as it is told to."""

    def __init__(self) -> None:
        self.seen: Counter[int] = Counter()
        self.fails = False
        self._lock = Lock()

    def __call__(self, session: Session, payload: Mapping[str, Any], clock: Clock) -> None:
        audit.append(session, actor=None, event=EventType.LOGGED_OUT, clock=clock, payload=payload)
        if self.fails:
            raise ConnectionError("the other side is away")
        with self._lock:
            self.seen[payload["n"]] += 1


def queue(session: Session, clock: Clock, *numbers: int) -> None:
    for n in numbers:
        outbox.enqueue(session, topic="count", key=f"count:{n}", payload={"n": n}, clock=clock)
    session.commit()


def only_row(session: Session) -> Outbox:
    session.expire_all()
    return session.scalars(select(Outbox)).one()


def test_a_row_is_handed_over_once_and_marked_done(session: Session, clock: FixedClock) -> None:
    queue(session, clock, 1)
    recorder = Recorder()
    assert outbox.drain(session, {"count": recorder}, clock=clock) == 1
    session.commit()
    assert outbox.drain(session, {"count": recorder}, clock=clock) == 0
    assert recorder.seen == {1: 1}
    assert only_row(session).done_at == clock.now()


def test_nothing_is_queued_by_a_transaction_that_rolls_back(session: Session, clock: FixedClock) -> None:
    outbox.enqueue(session, topic="count", key="count:1", payload={"n": 1}, clock=clock)
    session.flush()
    session.rollback()
    assert outbox.drain(session, {"count": Recorder()}, clock=clock) == 0


def test_a_failing_handler_is_put_off_longer_each_time_and_never_dropped(session: Session, clock: FixedClock) -> None:
    queue(session, clock, 1)
    recorder, waits = Recorder(), []
    recorder.fails = True
    for attempt in range(1, 14):
        assert outbox.drain(session, {"count": recorder}, clock=clock) == 1
        session.commit()
        row = only_row(session)
        assert (row.done_at, row.attempts) == (None, attempt)
        assert row.last_error == "ConnectionError: the other side is away"
        waits.append(row.available_at - clock.now())
        assert outbox.drain(session, {"count": recorder}, clock=clock) == 0
        clock.at = row.available_at
    assert waits[:4] == [timedelta(seconds=s) for s in (5, 10, 20, 40)]
    assert waits[-1] == timedelta(minutes=30)
    recorder.fails = False
    assert outbox.drain(session, {"count": recorder}, clock=clock) == 1
    assert recorder.seen == {1: 1}


def test_what_a_failing_handler_did_is_undone_with_its_trace(session: Session, clock: FixedClock) -> None:
    queue(session, clock, 1, 2)
    good, bad = Recorder(), Recorder()
    bad.fails = True

    def second_fails(session: Session, payload: Mapping[str, Any], clock: Clock) -> None:
        (bad if payload["n"] == 2 else good)(session, payload, clock)

    assert outbox.drain(session, {"count": second_fails}, clock=clock) == 2
    session.commit()
    assert [entry.payload["n"] for entry in session.scalars(select(AuditEntry))] == [1]
    done = session.scalars(select(Outbox.idempotency_key).where(Outbox.done_at.is_not(None))).all()
    assert done == ["count:1"]


def test_a_handler_that_breaks_a_constraint_does_not_undo_the_others(session: Session, clock: FixedClock) -> None:
    queue(session, clock, 1, 2, 3)
    recorder = Recorder()

    def second_repeats(session: Session, payload: Mapping[str, Any], clock: Clock) -> None:
        recorder(session, payload, clock)
        if payload["n"] == 2:
            outbox.enqueue(session, topic="count", key="count:1", payload={}, clock=clock)
            session.flush()

    assert outbox.drain(session, {"count": second_repeats}, clock=clock) == 3
    session.commit()
    traced = [entry.payload["n"] for entry in session.scalars(select(AuditEntry).order_by(AuditEntry.id))]
    assert traced == [1, 3]
    assert "IntegrityError" in (session.scalar(select(Outbox.last_error).where(Outbox.done_at.is_(None))) or "")


def test_a_topic_nobody_serves_waits(session: Session, clock: FixedClock) -> None:
    queue(session, clock, 1)
    assert outbox.drain(session, {}, clock=clock) == 1
    assert only_row(session).done_at is None


def test_an_idempotency_key_is_unique_for_ever(session: Session, clock: FixedClock) -> None:
    queue(session, clock, 1)
    outbox.drain(session, {"count": Recorder()}, clock=clock)
    session.commit()
    with pytest.raises(IntegrityError):
        queue(session, clock, 1)


def test_drainers_at_once_do_each_row_once(engine: Engine, session: Session, clock: FixedClock) -> None:
    queue(session, clock, *range(120))
    recorder, crowd = Recorder(), Crowd(engine, 4)

    def drain(own: Session) -> int:
        return outbox.drain(own, {"count": recorder}, clock=clock, limit=7)

    try:
        while any(crowd.at_once([drain] * 4)):
            pass
    finally:
        crowd.close()
    assert recorder.seen == dict.fromkeys(range(120), 1)
    assert session.scalar(select(func.count()).where(Outbox.done_at.is_(None), Outbox.id > 0)) == 0
    assert audit.verify(session).ok
