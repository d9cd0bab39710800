"""Remember whose work in a case under way another agency has taken on: it sees what that one saw."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from workflows.persistence import BigKey, UtcDateTime

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "case_succession",
        sa.Column(
            "to_agency_id",
            sa.Integer(),
            sa.ForeignKey("agency.id", name="fk_case_succession_to_agency_id_agency"),
            nullable=False,
        ),
        sa.Column("root_id", BigKey, sa.ForeignKey("case.id", name="fk_case_succession_root_id_case"), nullable=False),
        sa.Column(
            "from_agency_id",
            sa.Integer(),
            sa.ForeignKey("agency.id", name="fk_case_succession_from_agency_id_agency"),
            nullable=False,
        ),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("to_agency_id", "root_id", "from_agency_id", name="pk_case_succession"),
    )
    op.create_index("ix_case_succession_root_id", "case_succession", ["root_id"])


def downgrade() -> None:
    """Undo."""
    op.drop_index("ix_case_succession_root_id", "case_succession")
    op.drop_table("case_succession")
