"""Keep materials by item and version."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import workflows.persistence

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_INSTANT = workflows.persistence.UtcDateTime(timezone=True)


def upgrade() -> None:
    """Keep materials by item and version."""
    with op.batch_alter_table("case_document", schema=None) as batch_op:
        batch_op.add_column(sa.Column("item", sa.String(length=40), nullable=True))
        batch_op.add_column(sa.Column("subject", sa.String(length=40), nullable=True))
        batch_op.add_column(sa.Column("file_no", sa.Integer(), server_default="1", nullable=False))
        batch_op.add_column(sa.Column("version", sa.Integer(), server_default="1", nullable=False))
        batch_op.add_column(sa.Column("internal", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.create_index("ix_case_document_sha256", ["sha256"], unique=False)
        batch_op.create_index(
            "ix_case_document_added_by_post_id_added_at", ["added_by_post_id", "added_at"], unique=False
        )
    op.create_table(
        "material_review",
        sa.Column("id", _BIG, nullable=False),
        sa.Column("root_id", _BIG, nullable=False),
        sa.Column("item", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=40), nullable=True),
        sa.Column("verdict", sa.String(length=12), nullable=False),
        sa.Column("problem", sa.String(length=300), nullable=True),
        sa.Column("requirement", sa.String(length=300), nullable=True),
        sa.Column("seen_document_id", _BIG, nullable=False),
        sa.Column("task_id", _BIG, nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("by_person_id", sa.Integer(), nullable=False),
        sa.Column("by_post_id", sa.Integer(), nullable=False),
        sa.Column("told_at", _INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["by_person_id"], ["person.id"], name=op.f("fk_material_review_by_person_id")),
        sa.ForeignKeyConstraint(["by_post_id"], ["post.id"], name=op.f("fk_material_review_by_post_id")),
        sa.ForeignKeyConstraint(["root_id"], ["case.id"], name=op.f("fk_material_review_root_id")),
        sa.ForeignKeyConstraint(["task_id"], ["human_task.id"], name=op.f("fk_material_review_task_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_material_review")),
    )
    op.create_index(op.f("ix_material_review_root_id"), "material_review", ["root_id"], unique=False)
    op.create_table(
        "content_scan",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("signature", sa.String(length=200), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("asked_at", _INSTANT, nullable=False),
        sa.Column("checked_at", _INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_content_scan")),
    )
    waiting = sa.text("status = 'waiting'")
    op.create_index(
        "ix_content_scan_waiting",
        "content_scan",
        ["asked_at"],
        unique=False,
        sqlite_where=waiting,
        postgresql_where=waiting,
    )
    op.create_table(
        "application_draft",
        sa.Column("id", _BIG, nullable=False),
        sa.Column("process_key", sa.String(length=60), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("data", workflows.persistence.JsonText(), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("changed_at", _INSTANT, nullable=False),
        sa.Column("case_id", _BIG, nullable=True),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_application_draft_agency_id")),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_application_draft_case_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_application_draft_person_id")),
        sa.ForeignKeyConstraint(
            ["process_key"], ["process_definition.key"], name=op.f("fk_application_draft_process_key")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_application_draft")),
    )
    op.create_index("ix_application_draft_person_id_id", "application_draft", ["person_id", "id"], unique=False)
    op.create_table(
        "draft_paper",
        sa.Column("id", _BIG, nullable=False),
        sa.Column("draft_id", _BIG, nullable=False),
        sa.Column("item", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=40), nullable=True),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column("size", _BIG, nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("added_at", _INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["draft_id"], ["application_draft.id"], name=op.f("fk_draft_paper_draft_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draft_paper")),
    )
    op.create_index(op.f("ix_draft_paper_draft_id"), "draft_paper", ["draft_id"], unique=False)
    op.create_index("ix_draft_paper_sha256", "draft_paper", ["sha256"], unique=False)


def downgrade() -> None:
    """Undo."""
    for table in ("draft_paper", "application_draft", "content_scan", "material_review"):
        op.drop_table(table)
    with op.batch_alter_table("case_document", schema=None) as batch_op:
        batch_op.drop_index("ix_case_document_added_by_post_id_added_at")
        batch_op.drop_index("ix_case_document_sha256")
        for column in ("internal", "version", "file_no", "subject", "item"):
            batch_op.drop_column(column)
