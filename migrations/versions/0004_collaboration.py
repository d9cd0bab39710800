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
_DELEGATED = sa.text("owner_person_id IS NOT NULL")


def upgrade() -> None:
    """Keep delegations, urgings, copies and notifications."""
    _notifications()
    _parts()


def downgrade() -> None:
    """Undo."""
    op.drop_table("task_part")
    op.drop_index(
        "ix_human_task_delegated", table_name="human_task", sqlite_where=_DELEGATED, postgresql_where=_DELEGATED
    )
    for column in ("completed_for_person_id", "owner_post_id", "owner_person_id"):
        op.drop_column("human_task", column)
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


def _parts() -> None:
    for column in ("owner_person_id", "owner_post_id", "completed_for_person_id"):
        op.add_column("human_task", sa.Column(column, workflows.persistence.BigKey, nullable=True))
    op.create_index(
        "ix_human_task_delegated",
        "human_task",
        ["owner_post_id", "owner_person_id", "queue_at", "id"],
        sqlite_where=_DELEGATED,
        postgresql_where=_DELEGATED,
    )
    op.create_table(
        "task_part",
        sa.Column("id", workflows.persistence.BigKey, nullable=False),
        sa.Column("task_id", workflows.persistence.BigKey, nullable=False),
        sa.Column("owner_person_id", sa.Integer(), nullable=False),
        sa.Column("owner_post_id", sa.Integer(), nullable=False),
        sa.Column("delegate_person_id", sa.Integer(), nullable=False),
        sa.Column("delegate_post_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("delegated_at", workflows.persistence.UtcDateTime(timezone=True), nullable=False),
        sa.Column("handed_back_at", workflows.persistence.UtcDateTime(timezone=True), nullable=True),
        sa.Column("handed_back_by_person_id", sa.Integer(), nullable=True),
        sa.Column("taken_back_at", workflows.persistence.UtcDateTime(timezone=True), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("decision", sa.String(length=40), nullable=True),
        sa.Column("opinion", sa.Text(), nullable=True),
        sa.Column("data", workflows.persistence.JsonText(), nullable=True),
        sa.ForeignKeyConstraint(["task_id"], ["human_task.id"], name=op.f("fk_task_part_task_id")),
        sa.ForeignKeyConstraint(["owner_person_id"], ["person.id"], name=op.f("fk_task_part_owner_person_id")),
        sa.ForeignKeyConstraint(["owner_post_id"], ["post.id"], name=op.f("fk_task_part_owner_post_id")),
        sa.ForeignKeyConstraint(["delegate_person_id"], ["person.id"], name=op.f("fk_task_part_delegate_person_id")),
        sa.ForeignKeyConstraint(["delegate_post_id"], ["post.id"], name=op.f("fk_task_part_delegate_post_id")),
        sa.ForeignKeyConstraint(
            ["handed_back_by_person_id"], ["person.id"], name=op.f("fk_task_part_handed_back_by_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task_part")),
    )
    op.create_index("ix_task_part_task_id_id", "task_part", ["task_id", "id"])
