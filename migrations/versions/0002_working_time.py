"""Keep each clock's pauses and what follows when time is up."""

from __future__ import annotations

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Keep each clock's pauses and what follows when time is up."""


def downgrade() -> None:
    """Undo."""
