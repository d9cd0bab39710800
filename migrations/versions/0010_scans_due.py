"""Keep when each file is to be scanned next."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import workflows.persistence

revision = "0010"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Keep when each file is to be scanned next."""
    due = sa.text("due_at IS NOT NULL")
    with op.batch_alter_table("content_scan", schema=None) as batch_op:
        batch_op.add_column(sa.Column("due_at", workflows.persistence.UtcDateTime(timezone=True), nullable=True))
        batch_op.drop_index("ix_content_scan_waiting")
    op.execute("UPDATE content_scan SET due_at = asked_at WHERE status = 'waiting'")
    op.create_index(
        "ix_content_scan_due_at", "content_scan", ["due_at"], unique=False, sqlite_where=due, postgresql_where=due
    )


def downgrade() -> None:
    """Undo."""
    waiting = sa.text("status = 'waiting'")
    op.drop_index("ix_content_scan_due_at", "content_scan")
    with op.batch_alter_table("content_scan", schema=None) as batch_op:
        batch_op.drop_column("due_at")
    op.create_index(
        "ix_content_scan_waiting",
        "content_scan",
        ["asked_at"],
        unique=False,
        sqlite_where=waiting,
        postgresql_where=waiting,
    )
