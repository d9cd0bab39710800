"""Find the few suspended cases at once: their tasks are counted apart in every queue."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_SUSPENDED = sa.text("status = 'suspended'")


def upgrade() -> None:
    """Index them."""
    op.create_index("ix_case_suspended", "case", ["id"], sqlite_where=_SUSPENDED, postgresql_where=_SUSPENDED)


def downgrade() -> None:
    """Undo."""
    op.drop_index("ix_case_suspended", "case")
