"""Keep the searchable text of cases."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

import workflows.persistence

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_GRAMS = postgresql.TSVECTOR().with_variant(sa.Text(), "sqlite")
_SQLITE = (
    "CREATE VIRTUAL TABLE case_search_index USING fts5"
    "(grams, content='case_search', content_rowid='id', detail=none, tokenize='ascii')",
    """
    CREATE TRIGGER case_search_added AFTER INSERT ON case_search BEGIN
        INSERT INTO case_search_index (rowid, grams) VALUES (new.id, new.grams);
    END
    """,
    """
    CREATE TRIGGER case_search_removed AFTER DELETE ON case_search BEGIN
        INSERT INTO case_search_index (case_search_index, rowid, grams) VALUES ('delete', old.id, old.grams);
    END
    """,
    """
    CREATE TRIGGER case_search_changed AFTER UPDATE ON case_search BEGIN
        INSERT INTO case_search_index (case_search_index, rowid, grams) VALUES ('delete', old.id, old.grams);
        INSERT INTO case_search_index (rowid, grams) VALUES (new.id, new.grams);
    END
    """,
)


def upgrade() -> None:
    """Keep the searchable text of cases; `lianban reindex` fills it."""
    op.create_table(
        "case_search",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("case_id", _KEY, nullable=False),
        sa.Column("root_id", _KEY, nullable=False),
        sa.Column("audience", sa.SmallInteger(), nullable=False),
        sa.Column("plain", sa.Text(), nullable=False),
        sa.Column("grams", _GRAMS, nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_case_search_case_id")),
        sa.ForeignKeyConstraint(["root_id"], ["case.id"], name=op.f("fk_case_search_root_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_search")),
        sa.UniqueConstraint("case_id", "audience", name=op.f("uq_case_search_case_id_audience")),
    )
    op.create_index("ix_case_search_root_id", "case_search", ["root_id"])
    op.create_table(
        "content_text",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", workflows.persistence.UtcDateTime(timezone=True), nullable=False),
        sa.Column("text", workflows.persistence.Compressed(), nullable=True),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_content_text")),
    )
    waiting = sa.text("status = 'waiting'")
    op.create_index(
        "ix_content_text_due_at", "content_text", ["due_at"], sqlite_where=waiting, postgresql_where=waiting
    )
    op.create_index("ix_case_opened_by_agency_id_id", "case", ["opened_by_agency_id", "id"])
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE INDEX case_search_index ON case_search USING gin (grams) WITH (gin_pending_list_limit = 512)"
        )
    else:
        for statement in _SQLITE:
            op.execute(statement)


def downgrade() -> None:
    """Undo."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TABLE case_search_index")
    op.drop_index("ix_case_opened_by_agency_id_id", "case")
    op.drop_table("content_text")
    op.drop_table("case_search")
