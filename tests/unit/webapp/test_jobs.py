"""Jobs, the lease and the beat."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from webapp.jobs import MODULES, QUEUES, ROUTES, beat, celery, handlers, job
from webapp.jobs.beat import Beat
from webapp.jobs.lease import give_up, hold
from webapp.jobs.outbox import drain_outbox
from webapp.jobs.waker import Waker
from webapp.transaction import reading, writing
from workflows.clock import FixedClock
from workflows.outbox import Outbox, enqueue

LASTS = timedelta(seconds=15)


def try_to_hold(engine: Engine, holder: str, clock: FixedClock) -> bool:
    with Session(engine) as session:
        session.connection(execution_options={"write": True})
        held = hold(session, "beat", holder, now=clock.now(), lasts=LASTS)
        session.commit()
    return held


def test_every_job_has_a_queue_that_workers_serve() -> None:
    for module in MODULES:
        celery.loader.import_task_module(module)
    ours = {name for name in celery.tasks if not name.startswith("celery.")}
    assert ours
    assert ours == set(ROUTES)
    assert {route["queue"] for route in ROUTES.values()} <= set(QUEUES)


def test_a_job_for_no_known_queue_cannot_be_declared() -> None:
    with pytest.raises(ValueError, match="no queue 'nowhere'"):
        job(queue="nowhere")


def test_every_sweep_is_a_declared_job() -> None:
    assert {sweep.job.name for sweep in beat.SWEEPS} <= set(ROUTES)


def test_one_of_two_has_the_lease(engine: Engine, clock: FixedClock) -> None:
    assert try_to_hold(engine, "a", clock)
    assert not try_to_hold(engine, "b", clock)
    assert try_to_hold(engine, "a", clock)


def test_a_lease_not_renewed_passes_on(engine: Engine, clock: FixedClock) -> None:
    assert try_to_hold(engine, "a", clock)
    clock.advance(LASTS)
    assert try_to_hold(engine, "b", clock)
    assert not try_to_hold(engine, "a", clock)


def test_a_lease_given_up_is_free_at_once(engine: Engine, clock: FixedClock) -> None:
    assert try_to_hold(engine, "a", clock)
    with Session(engine) as session:
        give_up(session, "beat", "b", now=clock.now())
        session.commit()
        assert not try_to_hold(engine, "b", clock)
    with Session(engine) as session:
        give_up(session, "beat", "a", now=clock.now())
        session.commit()
    assert try_to_hold(engine, "b", clock)


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    names: list[str] = []
    for sweep in beat.SWEEPS:
        monkeypatch.setattr(sweep.job, "apply_async", lambda expires, name=sweep.job.name: names.append(name))
    return names


def test_of_two_beats_one_sends(app: Flask, clock: FixedClock, sent: list[str]) -> None:
    first, second = Beat(app, holder="a"), Beat(app, holder="b")
    everything = [sweep.job.name for sweep in beat.SWEEPS]
    first.step()
    second.step()
    assert sent == everything
    clock.advance(timedelta(seconds=10))
    first.step()
    second.step()
    assert sent == everything, "not due again yet"
    clock.advance(timedelta(minutes=1))
    second.step()
    first.step()
    assert sent == everything * 2


def test_draining_does_what_was_queued_once(app: Flask, clock: FixedClock, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[object] = []
    monkeypatch.setattr("webapp.jobs.outbox.HANDLERS", {"t": lambda session, payload, clock: seen.append(payload["n"])})
    with app.app_context(), writing() as session:
        for number in range(120):
            enqueue(session, topic="t", key=f"k{number}", payload={"n": number}, clock=clock)
    for _ in range(2):
        drain_outbox()
    assert sorted(seen) == list(range(120))


def test_a_topic_without_a_handler_stays_with_its_error(app: Flask, clock: FixedClock) -> None:
    assert "nobody" not in handlers.HANDLERS
    with app.app_context(), writing() as session:
        enqueue(session, topic="nobody", key="k", payload={}, clock=clock)
    drain_outbox()
    with app.app_context():
        row = reading().query(Outbox).one()
        assert (row.done_at, row.attempts) == (None, 1)
        assert "nobody" in (row.last_error or "")


def test_waking_neither_waits_nor_raises_when_the_broker_is_away() -> None:
    tried = threading.Event()

    def fail() -> None:
        tried.set()
        raise ConnectionError("no broker")

    Waker(fail, pause_s=0)()
    assert tried.wait(5)


def test_many_commits_share_a_message() -> None:
    sent: list[int] = []
    waker = Waker(lambda: sent.append(1), pause_s=0.2)
    for _ in range(100):
        waker()
    threading.Event().wait(0.5)
    assert 1 <= len(sent) <= 3
