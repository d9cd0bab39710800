"""Pages of the work queue, first and deep, with ten thousand and with a million open tasks."""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from time import perf_counter

from sqlalchemy import text

from tests.bench.office import CLOCK, BenchDatabase, officer, open_cases
from workflows.cases import TaskQuery, list_tasks

FEW, MANY = 10_000, 1_000_000
PAGES = 120
DEEP = 1000
"""How many rows in the deep pages start."""

_FILL = {
    "postgresql": """
        INSERT INTO human_task (case_id, root_id, token, node_id, agency_id, post_kind, role, status, row_version,
                                created_at, received_at, limit_days, due_at, calendar_version, queue_at, added_signer,
                                has_incident)
        SELECT t.case_id, t.root_id, 'b' || n, t.node_id,
               CASE WHEN n % 4 = 0 THEN t.agency_id ELSE 1 + n % (SELECT max(id) FROM agency) END,
               t.post_kind, t.role, 'ready', 1, t.created_at, t.received_at, 5, q, t.calendar_version, q, false, false
        FROM (SELECT n, timestamptz '2026-01-01' + (n * 7919 % 1000003) * interval '17 seconds' AS q
              FROM generate_series(CAST(:first AS bigint), CAST(:last AS bigint)) AS n) AS s
        JOIN (SELECT *, row_number() OVER (ORDER BY id) - 1 AS k FROM human_task WHERE token NOT LIKE 'b%') AS t
          ON t.k = n % (SELECT count(*) FROM human_task WHERE token NOT LIKE 'b%')
        """,
    "sqlite": """
        WITH RECURSIVE s(n) AS (SELECT :first UNION ALL SELECT n + 1 FROM s WHERE n < :last),
        t AS MATERIALIZED (SELECT *, row_number() OVER (ORDER BY id) - 1 AS k FROM human_task
             WHERE token NOT LIKE 'b%'),
        c AS MATERIALIZED (SELECT (SELECT count(*) FROM t) AS tasks, (SELECT max(id) FROM agency) AS agencies)
        INSERT INTO human_task (case_id, root_id, token, node_id, agency_id, post_kind, role, status, row_version,
                                created_at, received_at, limit_days, due_at, calendar_version, queue_at, added_signer,
                                has_incident)
        SELECT t.case_id, t.root_id, 'b' || n, t.node_id,
               CASE WHEN n % 4 = 0 THEN t.agency_id ELSE 1 + n % c.agencies END,
               t.post_kind, t.role, 'ready', 1, t.created_at, t.received_at, 5,
               strftime('%Y-%m-%d %H:%M:%S.000000', '2026-01-01', '+' || (n * 7919 % 1000003 * 17) || ' seconds'),
               t.calendar_version,
               strftime('%Y-%m-%d %H:%M:%S.000000', '2026-01-01', '+' || (n * 7919 % 1000003 * 17) || ' seconds'), 0, 0
        FROM s CROSS JOIN c JOIN t ON t.k = s.n % c.tasks
        """,
}


@dataclass(frozen=True)
class QueueFigures:
    """95th percentiles of one page of 50, in milliseconds."""

    first_few: float
    deep_few: float
    first_many: float
    deep_many: float

    @property
    def first_ratio(self) -> float:
        """First page: a million over ten thousand."""
        return self.first_many / self.first_few

    @property
    def deep_ratio(self) -> float:
        """Deep pages: a million over ten thousand."""
        return self.deep_many / self.deep_few


def queue_pages(database: BenchDatabase) -> QueueFigures:
    """Fill the queues and time their pages."""
    open_cases(database, "bench_three_steps", {}, 40)
    _fill(database, 1, FEW)
    few = _page_times(database)
    _fill(database, FEW + 1, MANY)
    return QueueFigures(*few, *_page_times(database))


def _fill(database: BenchDatabase, first: int, last: int) -> None:
    with database.engine.begin() as connection:
        connection.execute(text(_FILL[database.kind]), {"first": first, "last": last})
    with database.engine.connect() as connection:
        if database.kind == "postgresql":
            autocommit = connection.execution_options(isolation_level="AUTOCOMMIT")
            autocommit.execute(text("VACUUM ANALYZE human_task"))
        else:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")


def _page_times(database: BenchDatabase) -> tuple[float, float]:
    """Return the 95th percentiles of the first page and of pages from row `DEEP` on."""
    with database.session() as session:
        who = officer(session, "jr.handler")
        cursor = None
        for _ in range(DEEP // 50):
            cursor = list_tasks(session, TaskQuery("available", cursor=cursor), actor=who, clock=CLOCK).next
        first, deep = [], []
        for _ in range(PAGES):
            for times, start in ((first, None), (deep, cursor)):
                began = perf_counter()
                list_tasks(session, TaskQuery("available", cursor=start), actor=who, clock=CLOCK)
                times.append((perf_counter() - began) * 1000)
                session.rollback()
        return _p95(first), _p95(deep)


def _p95(times: list[float]) -> float:
    return statistics.quantiles(times, n=20)[-1]
