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
    _deputies()
    _urgings_and_copies()


def downgrade() -> None:
    """Undo."""
    for table in ("case_copy", "urging", "post_backup", "absence", "delegation"):
        op.drop_table(table)
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


def _deputies() -> None:
    instant = workflows.persistence.UtcDateTime(timezone=True)
    op.create_table(
        "delegation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("post_id", sa.Integer(), nullable=False),
        sa.Column("principal_id", sa.Integer(), nullable=False),
        sa.Column("deputy_id", sa.Integer(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=False),
        sa.Column("scope", sa.String(length=40), nullable=False),
        sa.Column("made_at", instant, nullable=False),
        sa.Column("ended_at", instant, nullable=True),
        sa.Column("ended_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("to_on >= from_on", name=op.f("ck_delegation_days_in_order")),
        sa.CheckConstraint("deputy_id <> principal_id", name=op.f("ck_delegation_two_people")),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_delegation_post_id")),
        sa.ForeignKeyConstraint(["principal_id"], ["person.id"], name=op.f("fk_delegation_principal_id")),
        sa.ForeignKeyConstraint(["deputy_id"], ["person.id"], name=op.f("fk_delegation_deputy_id")),
        sa.ForeignKeyConstraint(["ended_by_id"], ["person.id"], name=op.f("fk_delegation_ended_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delegation")),
    )
    op.create_index("ix_delegation_deputy_id_to_on", "delegation", ["deputy_id", "to_on"])
    op.create_index("ix_delegation_principal_id_to_on", "delegation", ["principal_id", "to_on"])
    op.create_table(
        "absence",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("recorded_at", instant, nullable=False),
        sa.Column("recorded_by_id", sa.Integer(), nullable=False),
        sa.Column("ended_at", instant, nullable=True),
        sa.CheckConstraint("to_on >= from_on", name=op.f("ck_absence_days_in_order")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_absence_person_id")),
        sa.ForeignKeyConstraint(["recorded_by_id"], ["person.id"], name=op.f("fk_absence_recorded_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_absence")),
    )
    op.create_index("ix_absence_person_id_to_on", "absence", ["person_id", "to_on"])
    op.create_table(
        "post_backup",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("post_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=True),
        sa.Column("named_at", instant, nullable=False),
        sa.Column("named_by_id", sa.Integer(), nullable=False),
        sa.CheckConstraint("to_on IS NULL OR to_on >= from_on", name=op.f("ck_post_backup_days_in_order")),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_post_backup_post_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_post_backup_person_id")),
        sa.ForeignKeyConstraint(["named_by_id"], ["person.id"], name=op.f("fk_post_backup_named_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_post_backup")),
        sa.UniqueConstraint("post_id", "person_id", "from_on", name=op.f("uq_post_backup_post_id_person_id_from_on")),
    )
    op.create_index("ix_post_backup_person_id", "post_backup", ["person_id"])


def _urgings_and_copies() -> None:
    key, instant = workflows.persistence.BigKey, workflows.persistence.UtcDateTime(timezone=True)
    op.create_table(
        "urging",
        sa.Column("id", key, nullable=False),
        sa.Column("task_id", key, nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("urged_on", sa.Date(), nullable=False),
        sa.Column("urged_at", instant, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["task_id"], ["human_task.id"], name=op.f("fk_urging_task_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_urging_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_urging")),
        sa.UniqueConstraint("task_id", "person_id", "urged_on", name=op.f("uq_urging_task_id_person_id_urged_on")),
    )
    op.create_table(
        "case_copy",
        sa.Column("id", key, nullable=False),
        sa.Column("case_id", key, nullable=False),
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("sent_at", instant, nullable=False),
        sa.Column("sent_by_person_id", sa.Integer(), nullable=False),
        sa.Column("sent_by_agency_id", sa.Integer(), nullable=False),
        sa.Column("acknowledged_at", instant, nullable=True),
        sa.Column("acknowledged_by_person_id", sa.Integer(), nullable=True),
        sa.Column("withdrawn_at", instant, nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_case_copy_case_id")),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_case_copy_agency_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_case_copy_person_id")),
        sa.ForeignKeyConstraint(["sent_by_person_id"], ["person.id"], name=op.f("fk_case_copy_sent_by_person_id")),
        sa.ForeignKeyConstraint(["sent_by_agency_id"], ["agency.id"], name=op.f("fk_case_copy_sent_by_agency_id")),
        sa.ForeignKeyConstraint(
            ["acknowledged_by_person_id"], ["person.id"], name=op.f("fk_case_copy_acknowledged_by_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_copy")),
    )
    op.create_index("ix_case_copy_agency_id_id", "case_copy", ["agency_id", "id"])
    op.create_index("ix_case_copy_case_id", "case_copy", ["case_id"])
