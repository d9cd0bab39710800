"""Keep issued documents and their register."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import workflows.persistence

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_UNMADE = sa.text("paper_id IS NULL")


def upgrade() -> None:
    """Keep issued documents and their register."""
    # An index, not a constraint: SQLite would have to make the table anew, and other tables refer to its rows.
    op.add_column("agency", sa.Column("document_prefix", sa.String(length=20), nullable=True))
    op.add_column("agency", sa.Column("phone", sa.String(length=30), nullable=True))
    op.create_index("ix_agency_document_prefix", "agency", ["document_prefix"], unique=True)
    op.create_table(
        "document_register",
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_document_register_agency_id")),
        sa.PrimaryKeyConstraint("agency_id", "year", name=op.f("pk_document_register")),
    )
    _papers()
    _notices()


def downgrade() -> None:
    """Undo."""
    op.drop_index("ix_notice_unmade", "notice")
    with op.batch_alter_table("notice") as notice:
        notice.drop_constraint(op.f("uq_notice_document_no"), type_="unique")
        notice.drop_constraint(op.f("uq_notice_issuer_agency_id_register_year_register_number"), type_="unique")
        for column in ("issuer_agency_id", "paper_id", "voided_by_person_id"):
            notice.drop_constraint(op.f(f"fk_notice_{column}"), type_="foreignkey")
            notice.drop_column(column)
        for column in ("register_year", "register_number", "document_no", "content", "voided_at", "void_reason"):
            notice.drop_column(column)
    op.drop_table("made_paper")
    op.drop_table("document_register")
    op.drop_index("ix_agency_document_prefix", "agency")
    op.drop_column("agency", "phone")
    op.drop_column("agency", "document_prefix")


def _papers() -> None:
    op.create_table(
        "made_paper",
        sa.Column("id", workflows.persistence.BigKey, nullable=False),
        sa.Column("content_sha256", sa.String(length=64), nullable=False),
        sa.Column("text", workflows.persistence.JsonText(), nullable=False),
        sa.Column("docx_sha256", sa.String(length=64), nullable=False),
        sa.Column("docx_size", workflows.persistence.BigKey, nullable=False),
        sa.Column("pdf_sha256", sa.String(length=64), nullable=False),
        sa.Column("pdf_size", workflows.persistence.BigKey, nullable=False),
        sa.Column("made_at", workflows.persistence.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_made_paper")),
        sa.UniqueConstraint("content_sha256", name=op.f("uq_made_paper_content_sha256")),
    )
    op.create_index(op.f("ix_made_paper_docx_sha256"), "made_paper", ["docx_sha256"])
    op.create_index(op.f("ix_made_paper_pdf_sha256"), "made_paper", ["pdf_sha256"])


def _notices() -> None:
    with op.batch_alter_table("notice") as notice:
        notice.add_column(sa.Column("issuer_agency_id", sa.Integer(), nullable=True))
        notice.add_column(sa.Column("register_year", sa.Integer(), nullable=True))
        notice.add_column(sa.Column("register_number", sa.Integer(), nullable=True))
        notice.add_column(sa.Column("document_no", sa.String(length=60), nullable=True))
        notice.add_column(sa.Column("content", workflows.persistence.JsonText(), nullable=True))
        notice.add_column(sa.Column("paper_id", workflows.persistence.BigKey, nullable=True))
        notice.add_column(sa.Column("voided_at", workflows.persistence.UtcDateTime(timezone=True), nullable=True))
        notice.add_column(sa.Column("voided_by_person_id", sa.Integer(), nullable=True))
        notice.add_column(sa.Column("void_reason", sa.Text(), nullable=True))
        notice.create_foreign_key(op.f("fk_notice_issuer_agency_id"), "agency", ["issuer_agency_id"], ["id"])
        notice.create_foreign_key(op.f("fk_notice_paper_id"), "made_paper", ["paper_id"], ["id"])
        notice.create_foreign_key(op.f("fk_notice_voided_by_person_id"), "person", ["voided_by_person_id"], ["id"])
        notice.create_unique_constraint(
            op.f("uq_notice_issuer_agency_id_register_year_register_number"),
            ["issuer_agency_id", "register_year", "register_number"],
        )
        notice.create_unique_constraint(op.f("uq_notice_document_no"), ["document_no"])
    op.create_index("ix_notice_unmade", "notice", ["id"], sqlite_where=_UNMADE, postgresql_where=_UNMADE)
