"""Note, by trigger, every change of what work is routed by, so that it need not be read anew with each act."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0010"
branch_labels = None
depends_on = None

WATCHED = {
    "agency": "",
    "agency_group_member": "",
    "post": "",
    "appointment": "",
    "person": " OF is_active, username, name_zh, name_en",
    "policy": "",
    "measure": "",
    "responsibility_line": "",
    "responsibility": "",
    "participant": "",
}
"""Table → the columns whose update counts, where not all do."""


def upgrade() -> None:
    """Make the row of the stamp's table, and the triggers that write it."""
    op.create_table(
        "directory_stamp",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_directory_stamp_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_directory_stamp")),
    )
    for statement in _statements():
        op.get_bind().exec_driver_sql(statement)
    # What is there already counts as entered now.
    random = "random()" if op.get_bind().dialect.name == "sqlite" else "floor(random() * 9e18)::bigint"
    op.get_bind().exec_driver_sql(f"INSERT INTO directory_stamp (id, value) VALUES (1, {random})")  # noqa: S608


def _statements() -> list[str]:
    if op.get_bind().dialect.name == "sqlite":
        return [
            f"CREATE TRIGGER {table}_directory_{event.lower()} "  # noqa: S608  # our own names
            f"AFTER {event}{columns if event == 'UPDATE' else ''} ON {table} "
            "BEGIN INSERT OR REPLACE INTO directory_stamp (id, value) VALUES (1, random()); END"
            for table, columns in WATCHED.items()
            for event in ("INSERT", "UPDATE", "DELETE")
        ]
    function = (
        "CREATE FUNCTION directory_changed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "INSERT INTO directory_stamp (id, value) VALUES (1, floor(random() * 9e18)::bigint) "
        "ON CONFLICT (id) DO UPDATE SET value = excluded.value; RETURN NULL; END $$"
    )
    return [
        function,
        *(
            f"CREATE TRIGGER {table}_directory AFTER INSERT OR UPDATE{columns} OR DELETE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION directory_changed()"
            for table, columns in WATCHED.items()
        ),
    ]


def downgrade() -> None:
    """Undo."""
    bind = op.get_bind()
    for table in WATCHED:
        if bind.dialect.name == "sqlite":
            for event in ("insert", "update", "delete"):
                bind.exec_driver_sql(f"DROP TRIGGER {table}_directory_{event}")
        else:
            bind.exec_driver_sql(f"DROP TRIGGER {table}_directory ON {table}")
    if bind.dialect.name != "sqlite":
        bind.exec_driver_sql("DROP FUNCTION directory_changed()")
    op.drop_table("directory_stamp")
