"""A real worker on each broker does what a commit left to be done; nothing depends on the message."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from tests.conftest import TEST_SECRET, missing_service
from tests.launching import START_S, environment, started, wait_until
from webapp.database import build_engine
from webapp.schema import migrate
from workflows.clock import SystemClock
from workflows.outbox import Outbox, enqueue

BROKERS = {
    "embedded": ("filesystem://", None),
    "redis": (os.environ.get("LIANBAN_TEST_REDIS", "redis://127.0.0.1:6379/9"), 6379),
    "rabbitmq": (os.environ.get("LIANBAN_TEST_RABBITMQ", "amqp://guest:guest@127.0.0.1:5672//"), 5672),
}
UNKNOWN = "nobody-handles-this"
WAKE = "from webapp.wsgi import app; from webapp.jobs.outbox import drain_outbox; drain_outbox.delay()"
"""What a web process does after its commit; in a process of its own, since Celery keeps one broker per process."""


@pytest.fixture(
    params=[pytest.param(name, marks=[pytest.mark.services] if port else []) for name, (_, port) in BROKERS.items()]
)
def broker_url(request: pytest.FixtureRequest) -> str:
    url, port = BROKERS[request.param]
    if port:
        try:
            socket.create_connection(("127.0.0.1", port), 3).close()
        except OSError as error:
            missing_service(request.param, error)
    return url


def queue_one(engine: Engine, key: str) -> None:
    with Session(engine) as session:
        enqueue(session, topic=UNKNOWN, key=key, payload={}, clock=SystemClock())
        session.commit()


def attempts(engine: Engine, key: str) -> Callable[[], bool]:
    def tried() -> bool:
        with Session(engine) as session:
            return bool(session.scalar(select(Outbox.attempts).where(Outbox.idempotency_key == key)))

    return tried


def test_a_message_wakes_the_worker_and_a_lost_one_is_made_up_for(tmp_path: Path, broker_url: str) -> None:
    url = f"sqlite:///{tmp_path / 'lianban.sqlite3'}"
    migrate(url)
    engine = build_engine(url)
    environ = environment(tmp_path, DATABASE_URL=url, BROKER_URL=broker_url, LIANBAN_SECRET_KEY=TEST_SECRET)
    with started("worker", environ=environ, output=tmp_path / "worker.log"):
        queue_one(engine, "woken")
        subprocess.run((sys.executable, "-c", WAKE), env=environ, check=True, timeout=START_S)
        wait_until(attempts(engine, "woken"), seconds=START_S, what="the worker is woken")
        # No message for this one: the beat's sweep has to find it.
        queue_one(engine, "swept")
        with started("beat", environ=environ, output=tmp_path / "beat.log"):
            wait_until(attempts(engine, "swept"), seconds=START_S, what="the sweep finds it")
    with Session(engine) as session:
        assert session.scalars(select(Outbox.done_at)).all() == [None, None]
        due = session.scalars(select(Outbox.available_at)).all()
        assert min(due) > datetime(2020, 1, 1, tzinfo=UTC)
    engine.dispose()
