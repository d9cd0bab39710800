"""Completing and opening through the service layer, committed with the audit entry."""

from __future__ import annotations

import gc
import statistics
from time import perf_counter

from sqlalchemy import text

from tests.bench.office import APPLYING, CLOCK, COUNTIES, BenchDatabase, claim_all, drain, officer, open_cases
from webapp.database import begin_write
from workflows import cases
from workflows.cases import CompleteTask, OpenCase

ROUNDS = 250
STEPS = ("first", "second", "third")


def complete_three(database: BenchDatabase) -> float:
    """Median milliseconds to complete the second of three steps."""
    open_cases(database, "bench_three_steps", {}, ROUNDS)
    _complete_all(database, "jr.handler", "first")
    return statistics.median(_complete_all(database, "jr.handler", "second"))


def complete_thirteen(database: BenchDatabase) -> float:
    """Median milliseconds to give one of thirteen signatures (the seventh)."""
    open_cases(database, "bench_countersign", {"counties": list(COUNTIES)}, ROUNDS)
    names = ["yanhu", "yongji", "hejin", "linyi", "wanrong", "wenxi", "jishan"]
    for name in names[:-1]:
        _complete_all(database, f"{name}.handler", "sign")
    return statistics.median(_complete_all(database, f"{names[-1]}.handler", "sign"))


def open_case(database: BenchDatabase) -> float:
    """Median milliseconds to open a three-step case."""
    times = []
    with database.session() as session:
        who = officer(session, APPLYING)
        session.rollback()
        for _ in range(ROUNDS):
            started = perf_counter()
            begin_write(session)
            cases.open_case(session, OpenCase("bench_three_steps", {}), actor=who, clock=CLOCK)
            session.commit()
            times.append((perf_counter() - started) * 1000)
            session.expunge_all()
    return statistics.median(times)


def bytes_per_finished_case(database: BenchDatabase) -> float:
    """Bytes on disk, indexes and audit included, that one finished and archived three-step case adds."""
    count = 400
    for node_id in STEPS:  # cases that other figures left half-way must not be finished in between
        _complete_all(database, "jr.handler", node_id)
    drain(database)
    before = _size(database)
    open_cases(database, "bench_three_steps", {}, count)
    for node_id in STEPS:
        _complete_all(database, "jr.handler", node_id)
    drain(database)
    return (_size(database) - before) / count


def _complete_all(database: BenchDatabase, username: str, node_id: str) -> list[float]:
    ids = claim_all(database, username, node_id)
    times = []
    with database.session() as session:
        who = officer(session, username)
        session.rollback()
        gc.collect()
        for task_id in ids:
            started = perf_counter()
            begin_write(session)
            moved = cases.complete_task(session, CompleteTask(task_id, "ok"), actor=who, clock=CLOCK)
            session.commit()
            times.append((perf_counter() - started) * 1000)
            if moved.incident_id is not None:
                raise RuntimeError("the bench's own case stands still")
            session.expunge_all()
    return times


def _size(database: BenchDatabase) -> int:
    with database.engine.connect() as connection:
        if database.kind == "postgresql":
            connection.rollback()
            raw = connection.execution_options(isolation_level="AUTOCOMMIT")
            raw.execute(text("VACUUM FULL"))
            return int(raw.execute(text("SELECT pg_database_size(current_database())")).scalar_one())
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        free = connection.exec_driver_sql("PRAGMA freelist_count").scalar_one()
        return int(connection.exec_driver_sql("PRAGMA page_size").scalar_one()) * (int(pages) - int(free))
