"""Index what can be searched."""

from __future__ import annotations

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Index what can be searched."""


def downgrade() -> None:
    """Undo."""
