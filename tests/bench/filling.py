"""Hundreds of thousands of cases in hand, each with a few open tasks of several agencies, laid in by the database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import text

from tests.bench.office import BenchDatabase, open_cases

CASES = 250_000
TASKS_EACH = 4
"""So many open tasks has each case: a million together. The first is the lead agency's in four of five cases."""
PAST = timedelta(days=60)
"""So long ago was the earliest limit; they are spread over 196 days."""

_CASES = """
    INSERT INTO "case" (id, no, process_version_id, measure_no, title, applicant_name, opened_by_person_id,
                        opened_by_agency_id, status, rev, opened_at, state)
    SELECT c.id + n, '运测〔2026〕' || n || '号', c.process_version_id, c.measure_no, c.title, '测试',
           c.opened_by_person_id, (SELECT max(id) FROM agency), 'in_progress', 1, c.opened_at, c.state
    FROM (SELECT * FROM "case" WHERE id = :pattern) AS c CROSS JOIN ({numbers}) AS s
    """
_TASKS = """
    INSERT INTO human_task (case_id, root_id, token, node_id, agency_id, post_kind, role, status, row_version,
                            created_at, received_at, limit_days, due_at, calendar_version, queue_at, added_signer,
                            has_incident)
    SELECT t.case_id + n, t.case_id + n, t.token, t.node_id,
           CASE WHEN k = 1 AND n % 5 <> 0 THEN t.agency_id
                ELSE 1 + (n * 31 + k * 17) % (SELECT max(id) FROM agency) END,
           t.post_kind, t.role, 'ready', 1, t.created_at, t.received_at, 5, {due},
           t.calendar_version, {due}, false, false
    FROM (SELECT * FROM human_task WHERE case_id = :pattern LIMIT 1) AS t CROSS JOIN ({numbers}) AS s
         CROSS JOIN (SELECT 1 AS k UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4) AS each
    """
_NUMBERS = {
    "postgresql": "SELECT n FROM generate_series(CAST(:first AS bigint), CAST(:last AS bigint)) AS n",
    "sqlite": ("WITH RECURSIVE s(n) AS (SELECT :first UNION ALL SELECT n + 1 FROM s WHERE n < :last) SELECT n FROM s"),
}
_DUE = {
    "postgresql": "CAST(:start AS timestamptz) + (n * 7919 % 1000003) * interval '17 seconds'",
    "sqlite": "strftime('%Y-%m-%d %H:%M:%S.000000', :start, '+' || (n * 7919 % 1000003 * 17) || ' seconds')",
}


@dataclass
class Filling:
    """What has been laid in.

    Args:
        database: where.
        pattern: key of the case all others are made after; theirs are `pattern + 1` and so on.
        cases: how many of them there are.
    """

    database: BenchDatabase
    pattern: int
    cases: int = 0

    def up_to(self, cases: int) -> None:
        """Lay in cases until there are so many."""
        if cases <= self.cases:
            return
        kind = self.database.kind
        start = datetime.now(UTC) - PAST
        asked = {"pattern": self.pattern, "first": self.cases + 1, "last": cases}
        parts = {"numbers": _NUMBERS[kind], "due": _DUE[kind]}
        with self.database.engine.begin() as connection:
            connection.execute(text(_CASES.format(**parts)), asked)
            due = start.isoformat() if kind == "postgresql" else start.strftime("%Y-%m-%d %H:%M:%S")
            connection.execute(text(_TASKS.format(**parts)), {**asked, "start": due})
        self.cases = cases
        tidy(self.database, '"case"', "human_task")


def begin_filling(database: BenchDatabase) -> Filling:
    """Open the case after which the others are made."""
    (no,) = open_cases(database, "bench_three_steps", {}, 1)
    with database.engine.connect() as connection:
        return Filling(
            database, connection.execute(text('SELECT id FROM "case" WHERE no = :no'), {"no": no}).scalar_one()
        )


def tidy(database: BenchDatabase, *tables: str) -> None:
    """Do what the database would do by itself in the next quiet hour."""
    with database.engine.connect() as connection:
        if database.kind == "sqlite":
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            return
        autocommit = connection.execution_options(isolation_level="AUTOCOMMIT")
        for table in tables:
            autocommit.execute(text(f"VACUUM ANALYZE {table}"))
