"""Keep drafts, views and read marks of a desk."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import workflows.persistence

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_INSTANT = workflows.persistence.UtcDateTime(timezone=True)


def upgrade() -> None:
    """Keep drafts, views and read marks of a desk."""
    op.create_table(
        "task_draft",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("task_id", _KEY, nullable=False),
        sa.Column("decision", sa.String(length=40), nullable=False),
        sa.Column("opinion", sa.Text(), nullable=False),
        sa.Column("data", workflows.persistence.JsonText(), nullable=False),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.Column("saved_at", _INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_task_draft_person_id")),
        sa.ForeignKeyConstraint(["task_id"], ["human_task.id"], name=op.f("fk_task_draft_task_id")),
        sa.PrimaryKeyConstraint("person_id", "task_id", name=op.f("pk_task_draft")),
    )
    op.create_table(
        "task_seen",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("task_id", _KEY, nullable=False),
        sa.Column("seen_at", _INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_task_seen_person_id")),
        sa.ForeignKeyConstraint(["task_id"], ["human_task.id"], name=op.f("fk_task_seen_task_id")),
        sa.PrimaryKeyConstraint("person_id", "task_id", name=op.f("pk_task_seen")),
    )
    op.create_table(
        "saved_view",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("query", sa.String(length=500), nullable=False),
        sa.Column("saved_at", _INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_saved_view_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_view")),
        sa.UniqueConstraint("person_id", "name", name=op.f("uq_saved_view_person_id_name")),
    )
    op.create_table(
        "phrase",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("decision", sa.String(length=40), nullable=False),
        sa.Column("text", sa.String(length=200), nullable=False),
        sa.Column("added_at", _INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_phrase_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_phrase")),
        sa.UniqueConstraint("person_id", "decision", "text", name=op.f("uq_phrase_person_id_decision_text")),
    )


def downgrade() -> None:
    """Undo."""
    for table in ("phrase", "saved_view", "task_seen", "task_draft"):
        op.drop_table(table)
