"""Keep each clock's pauses and what follows when time is up."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import sqlalchemy as sa
from alembic import op

import workflows.persistence

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_INSTANT = workflows.persistence.UtcDateTime(timezone=True)
_PAUSES = ("clock_pause", "clock_pause_end")

GUARDS = {
    "postgresql": (
        "CREATE FUNCTION clock_pause_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE "
        "EXCEPTION 'pauses are append-only'; END $$",
        *(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION clock_pause_append_only()"
            for table in _PAUSES
        ),
    ),
    "sqlite": tuple(
        f"CREATE TRIGGER {table}_no_{act.lower()} BEFORE {act} ON {table} "
        "BEGIN SELECT RAISE(ABORT, 'pauses are append-only'); END"
        for table in _PAUSES
        for act in ("UPDATE", "DELETE")
    ),
}


def upgrade() -> None:
    """Keep each clock's pauses and what follows when time is up."""
    op.add_column("case", sa.Column("waiting_since", _INSTANT, nullable=True))
    op.add_column("case", sa.Column("limit_days", sa.Integer(), nullable=True))
    op.add_column("case", sa.Column("due_at", _INSTANT, nullable=True))
    op.add_column("case", sa.Column("calendar_version", sa.Integer(), nullable=True))
    op.add_column("case", sa.Column("overdue_at", _INSTANT, nullable=True))
    op.add_column("human_task", sa.Column("overdue_at", _INSTANT, nullable=True))
    op.create_table(
        "clock_pause",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("case_id", _KEY, nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("node_id", sa.String(length=100), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("began_at", _INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_clock_pause_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clock_pause")),
    )
    op.create_index(op.f("ix_clock_pause_case_id"), "clock_pause", ["case_id"])
    op.create_table(
        "clock_pause_end",
        sa.Column("pause_id", _KEY, nullable=False),
        sa.Column("ended_at", _INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["pause_id"], ["clock_pause.id"], name=op.f("fk_clock_pause_end_pause_id")),
        sa.PrimaryKeyConstraint("pause_id", name=op.f("pk_clock_pause_end")),
    )
    _keep_suspensions()
    _set_expiries()
    for statement in GUARDS[op.get_bind().dialect.name]:
        op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    """Undo."""
    op.execute("DELETE FROM due_timer WHERE kind IN ('task-expiry', 'case-expiry')")
    op.drop_table("clock_pause_end")
    op.drop_table("clock_pause")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION clock_pause_append_only()")
    with op.batch_alter_table("human_task") as batch_op:
        batch_op.drop_column("overdue_at")
    with op.batch_alter_table("case") as batch_op:
        for name in ("overdue_at", "calendar_version", "due_at", "limit_days", "waiting_since"):
            batch_op.drop_column(name)


def _set_expiries() -> None:
    """Give each limit that runs its due row; tokens are unique within a case."""
    op.execute(
        "INSERT INTO due_timer (case_id, kind, token, due_at, created_at) "
        "SELECT root_id, 'task-expiry', token, due_at, created_at FROM human_task "
        "WHERE status IN ('created', 'ready', 'reserved') AND due_at IS NOT NULL ORDER BY id"
    )


def _keep_suspensions() -> None:
    """Read the suspensions so far out of the audit chain, where each begin and end stands."""
    columns = [sa.column(name) for name in ("id", "case_id", "event", "at", "payload")]
    entries = sa.table("audit_entry", *columns)
    query = (
        sa.select(entries.c.case_id, entries.c.event, sa.type_coerce(entries.c.at, _INSTANT), entries.c.payload)
        .where(entries.c.event.in_(["case.suspended", "case.resumed"]))
        .order_by(entries.c.id)
    )
    pauses, ends = [], []
    for pause in _paired(op.get_bind().execute(query)):
        key = len(pauses) + 1
        pauses.append({"id": key, **{name: pause[name] for name in ("case_id", "kind", "reason", "began_at")}})
        if pause["ended_at"] is not None:
            ends.append({"pause_id": key, "ended_at": pause["ended_at"]})
    if not pauses:
        return
    table = sa.table(
        "clock_pause",
        sa.column("id"),
        sa.column("case_id"),
        sa.column("kind"),
        sa.column("reason"),
        sa.column("began_at", _INSTANT),
    )
    op.bulk_insert(table, pauses)
    if ends:
        op.bulk_insert(sa.table("clock_pause_end", sa.column("pause_id"), sa.column("ended_at", _INSTANT)), ends)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("SELECT setval(pg_get_serial_sequence('clock_pause', 'id'), max(id)) FROM clock_pause")


def _paired(rows: Any) -> Iterator[Mapping[str, Any]]:
    lasting: dict[int, dict[str, Any]] = {}
    found = []
    for case_id, event, at, payload in rows:
        if event == "case.suspended":
            reason = json.loads(payload).get("reason")
            lasting[case_id] = {
                "case_id": case_id,
                "kind": "suspended",
                "reason": reason,
                "began_at": at,
                "ended_at": None,
            }
            found.append(lasting[case_id])
        elif case_id in lasting:
            lasting.pop(case_id)["ended_at"] = at
    yield from found
