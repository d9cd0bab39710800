"""Keep who opened a case, a paper or an official document, in a table that only grows."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from workflows.persistence import BigKey, UtcDateTime

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_SAID = "viewing is append-only"
GUARDS = {
    "sqlite": (
        f"CREATE TRIGGER viewing_no_update BEFORE UPDATE ON viewing BEGIN SELECT RAISE(ABORT, '{_SAID}'); END",
        f"CREATE TRIGGER viewing_no_delete BEFORE DELETE ON viewing BEGIN SELECT RAISE(ABORT, '{_SAID}'); END",
    ),
    "postgresql": (
        "CREATE FUNCTION viewing_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{_SAID}'; END $$",
        "CREATE TRIGGER viewing_append_only BEFORE UPDATE OR DELETE ON viewing "
        "FOR EACH ROW EXECUTE FUNCTION viewing_append_only()",
        "CREATE TRIGGER viewing_no_truncate BEFORE TRUNCATE ON viewing "
        "FOR EACH STATEMENT EXECUTE FUNCTION viewing_append_only()",
    ),
}


def upgrade() -> None:
    """Make the table, its indexes and its triggers."""
    op.create_table(
        "viewing",
        sa.Column("id", BigKey, nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("person_id", BigKey, nullable=False),
        sa.Column("post_id", BigKey, nullable=False),
        sa.Column("on_behalf_of", BigKey, nullable=True),
        sa.Column("case_id", BigKey, nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("item_id", BigKey, nullable=True),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("way", sa.String(12), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_viewing"),
    )
    op.create_index("ix_viewing_at_id", "viewing", ["at", "id"])
    op.create_index("ix_viewing_case_id_at_id", "viewing", ["case_id", "at", "id"])
    op.create_index("ix_viewing_person_id_at_id", "viewing", ["person_id", "at", "id"])
    for statement in GUARDS[op.get_bind().dialect.name]:
        op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    """Undo."""
    op.drop_table("viewing")  # its triggers go with it
    if op.get_bind().dialect.name == "postgresql":
        op.get_bind().exec_driver_sql("DROP FUNCTION viewing_append_only()")
