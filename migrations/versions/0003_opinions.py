"""Keep answers to objections, signatures and coordination."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import workflows.persistence

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_INSTANT = workflows.persistence.UtcDateTime(timezone=True)

GUARDS = {
    "postgresql": (
        "CREATE FUNCTION opinion_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'answers and signed figures are append-only'; END $$",
        "CREATE TRIGGER opinion_answer_append_only BEFORE UPDATE OR DELETE ON opinion_answer "
        "FOR EACH ROW EXECUTE FUNCTION opinion_append_only()",
        "CREATE TRIGGER signed_figures_append_only BEFORE UPDATE OR DELETE ON signed_figures "
        "FOR EACH ROW EXECUTE FUNCTION opinion_append_only()",
    ),
    "sqlite": (
        "CREATE TRIGGER opinion_answer_no_update BEFORE UPDATE ON opinion_answer "
        "BEGIN SELECT RAISE(ABORT, 'opinion_answer is append-only'); END",
        "CREATE TRIGGER opinion_answer_no_delete BEFORE DELETE ON opinion_answer "
        "BEGIN SELECT RAISE(ABORT, 'opinion_answer is append-only'); END",
        "CREATE TRIGGER signed_figures_no_update BEFORE UPDATE ON signed_figures "
        "BEGIN SELECT RAISE(ABORT, 'signed_figures is append-only'); END",
        "CREATE TRIGGER signed_figures_no_delete BEFORE DELETE ON signed_figures "
        "BEGIN SELECT RAISE(ABORT, 'signed_figures is append-only'); END",
    ),
}


def upgrade() -> None:
    """Keep answers to objections, signatures and coordination."""
    op.add_column("human_task", sa.Column("instance", sa.Integer(), nullable=True))
    op.add_column("human_task", sa.Column("void_reason", sa.String(length=24), nullable=True))
    op.create_table(
        "opinion_answer",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("root_id", _KEY, nullable=False),
        sa.Column("opinion_task_id", _KEY, nullable=False),
        sa.Column("given_in_task_id", _KEY, nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("post_id", sa.Integer(), nullable=False),
        sa.Column("given_at", _INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["root_id"], ["case.id"], name=op.f("fk_opinion_answer_root_id")),
        sa.ForeignKeyConstraint(["opinion_task_id"], ["human_task.id"], name=op.f("fk_opinion_answer_opinion_task_id")),
        sa.ForeignKeyConstraint(
            ["given_in_task_id"], ["human_task.id"], name=op.f("fk_opinion_answer_given_in_task_id")
        ),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_opinion_answer_agency_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_opinion_answer_person_id")),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_opinion_answer_post_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opinion_answer")),
    )
    op.create_index("ix_opinion_answer_root_id", "opinion_answer", ["root_id"])
    op.create_table(
        "signed_figures",
        sa.Column("task_id", _KEY, nullable=False),
        sa.Column("figures", workflows.persistence.JsonText(), nullable=False),
        sa.ForeignKeyConstraint(["task_id"], ["human_task.id"], name=op.f("fk_signed_figures_task_id")),
        sa.PrimaryKeyConstraint("task_id", name=op.f("pk_signed_figures")),
    )
    for statement in GUARDS[op.get_bind().dialect.name]:
        op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    """Undo."""
    op.drop_table("signed_figures")
    op.drop_table("opinion_answer")
    if op.get_bind().dialect.name == "postgresql":
        op.get_bind().exec_driver_sql("DROP FUNCTION opinion_append_only()")
    with op.batch_alter_table("human_task", schema=None) as batch_op:
        batch_op.drop_column("void_reason")
        batch_op.drop_column("instance")
