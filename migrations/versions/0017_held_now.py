"""Find the cases an agency holds now without looking at what it has done."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_OPEN = sa.text("status IN ('created', 'ready', 'reserved')")


def upgrade() -> None:
    """Index its open tasks by their cases."""
    op.create_index(
        "ix_human_task_held",
        "human_task",
        ["agency_id", "root_id", "case_id"],
        sqlite_where=_OPEN,
        postgresql_where=_OPEN,
    )


def downgrade() -> None:
    """Undo."""
    op.drop_index("ix_human_task_held", "human_task")
