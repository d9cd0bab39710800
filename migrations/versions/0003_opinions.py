"""Keep answers to objections, signatures and coordination."""

from __future__ import annotations

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Keep answers to objections, signatures and coordination."""


def downgrade() -> None:
    """Undo."""
