"""A database of its own for the bench, filled with the demo set-up and the bench's two processes."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy import Engine, create_engine, select, text
from sqlalchemy.orm import Session

import workflows.payments  # noqa: F401  # offers the effects the library's diagrams name
from tests.factories.org import actor, seed_organisation
from webapp.database import begin_write, build_engine
from webapp.jobs.handlers import HANDLERS
from webapp.models import guards, load_models
from workflows import cases, outbox
from workflows.cases import HumanTask, OpenCase
from workflows.clock import SystemClock
from workflows.deadlines import seed_calendar
from workflows.permissions import Actor
from workflows.persistence import Base
from workflows.processes import load_library

PROCESSES = Path(__file__).parent / "processes"
LIBRARY = Path(__file__).resolve().parents[2] / "bpmn"
CLOCK = SystemClock()
APPLYING = "jr.handler2"
"""Whoever files for an applicant decides nothing of it: another handler than the one who works."""
COUNTIES = (
    "YHQ", "YONGJI", "HEJIN", "LINYI", "WANRONG", "WENXI", "JISHAN",
    "XINJIANG", "JIANGXIAN", "YUANQU", "XIAXIAN", "PINGLU", "RUICHENG",
)  # fmt: skip


@dataclass(frozen=True)
class BenchDatabase:
    """A seeded database.

    Args:
        kind: `sqlite` or `postgresql`.
        url: its address.
    """

    kind: str
    url: str
    engine: Engine

    def session(self) -> Session:
        """A session set up as a request's is."""
        return Session(self.engine, expire_on_commit=False)


@contextlib.contextmanager
def bench_database(kind: str, folder: Path, postgresql: str) -> Iterator[BenchDatabase]:
    """Make, seed and afterwards remove a database.

    Args:
        kind: `sqlite` or `postgresql`.
        folder: for SQLite's file.
        postgresql: address of any database of the server, where a new one may be made.
    """
    url = f"sqlite:///{folder / 'bench.db'}" if kind == "sqlite" else _create(postgresql)
    engine = build_engine(url, statement_timeout_s=0)
    try:
        load_models()
        Base.metadata.create_all(engine)
        with engine.begin() as connection:
            for statement in guards(engine.dialect.name):
                connection.execute(text(statement))
        database = BenchDatabase(kind, url, engine)
        with database.session() as session:
            begin_write(session)
            seed_organisation(session, CLOCK)
            seed_calendar(session, clock=CLOCK)
            load_library(session, LIBRARY, clock=CLOCK)
            load_library(session, PROCESSES, clock=CLOCK)
            session.commit()
        yield database
    finally:
        engine.dispose()
        if kind == "postgresql":
            _drop(postgresql)


_NAME = f"lianban_bench_{os.getpid()}"


def _create(server: str) -> str:
    _drop(server)
    _run(server, f"CREATE DATABASE {_NAME}")
    return urlsplit(server)._replace(path=f"/{_NAME}").geturl()


def _drop(server: str) -> None:
    _run(server, f"DROP DATABASE IF EXISTS {_NAME} WITH (FORCE)")


def _run(server: str, statement: str) -> None:
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()


def officer(session: Session, username: str) -> Actor:
    """A demo officer."""
    return actor(session, username, CLOCK)


def open_cases(database: BenchDatabase, process_key: str, data: dict[str, object], count: int) -> list[str]:
    """Open so many cases and return their numbers."""
    with database.session() as session:
        who = officer(session, APPLYING)
        session.rollback()
        numbers = []
        for _ in range(count):
            begin_write(session)
            command = OpenCase(process_key, data)
            numbers.append(cases.open_case(session, command, actor=who, clock=CLOCK).case_no)
            session.commit()
        return numbers


def claim_all(database: BenchDatabase, username: str, node_id: str) -> list[int]:
    """Claim every waiting task of a step and return their ids."""
    with database.session() as session:
        who = officer(session, username)
        ids = session.scalars(
            select(HumanTask.id)
            .where(HumanTask.agency_id == who.agency_id, HumanTask.node_id == node_id, HumanTask.status == "ready")
            .order_by(HumanTask.id)
        ).all()
        session.rollback()
        for task_id in ids:
            begin_write(session)
            cases.claim_task(session, task_id, actor=who, clock=CLOCK)
            session.commit()
        return list(ids)


def drain(database: BenchDatabase) -> None:
    """Do what the outbox holds."""
    done = 1
    while done:
        with database.session() as session:
            begin_write(session)
            done = outbox.drain(session, HANDLERS, clock=CLOCK, limit=100)
            session.commit()
