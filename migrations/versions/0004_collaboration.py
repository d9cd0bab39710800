"""Keep delegations, urgings, copies and notifications."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import workflows.persistence

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_UNREAD = sa.text("read_at IS NULL")


def upgrade() -> None:
    """Keep delegations, urgings, copies and notifications."""
    _notifications()


def downgrade() -> None:
    """Undo."""
    op.drop_table("notification")


def _notifications() -> None:
    op.create_table(
        "notification",
        sa.Column("id", workflows.persistence.BigKey, nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("case_id", workflows.persistence.BigKey, nullable=True),
        sa.Column("task_id", workflows.persistence.BigKey, nullable=True),
        sa.Column("facts", workflows.persistence.JsonText(), nullable=False),
        sa.Column("created_at", workflows.persistence.UtcDateTime(timezone=True), nullable=False),
        sa.Column("read_at", workflows.persistence.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_notification_person_id")),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_notification_case_id")),
        sa.ForeignKeyConstraint(["task_id"], ["human_task.id"], name=op.f("fk_notification_task_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notification")),
    )
    op.create_index("ix_notification_person_id_id", "notification", ["person_id", "id"])
    op.create_index(
        "ix_notification_unread",
        "notification",
        ["person_id", "id"],
        sqlite_where=_UNREAD,
        postgresql_where=_UNREAD,
    )
