"""Keep drafts, views and read marks of a desk."""

from __future__ import annotations

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Keep drafts, views and read marks of a desk."""


def downgrade() -> None:
    """Undo."""
