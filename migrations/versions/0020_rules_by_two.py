"""Let a change of the deployment's assignment rules wait for a second person; those in force stay."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from workflows.persistence import UtcDateTime

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

GUARDS = {
    "sqlite": (
        "CREATE TRIGGER assignment_change_first BEFORE INSERT ON assignment_change WHEN NEW.status <> "
        "'requested' BEGIN SELECT RAISE(ABORT, 'a change of the assignment rules is first asked for'); END",
        "CREATE TRIGGER assignment_change_final BEFORE UPDATE ON assignment_change WHEN OLD.status <> "
        "'requested' OR NEW.id <> OLD.id OR NEW.replaces <> OLD.replaces OR NEW.nobody <> OLD.nobody OR "
        "NEW.same_person <> OLD.same_person OR NEW.applicant <> OLD.applicant OR NEW.note <> OLD.note OR "
        "NEW.requested_by <> OLD.requested_by OR NEW.requested_at <> OLD.requested_at OR "
        "COALESCE(NEW.requested_for, 0) <> COALESCE(OLD.requested_for, 0) BEGIN SELECT RAISE(ABORT, 'a change"
        " of the assignment rules stays as it was asked for, and its decision is final'); END",
        "CREATE TRIGGER assignment_change_no_delete BEFORE DELETE ON assignment_change BEGIN SELECT "
        "RAISE(ABORT, 'a change of the assignment rules stays as it was asked for, and its decision is "
        "final'); END",
        "CREATE TRIGGER assignment_default_agreed BEFORE INSERT ON assignment_default WHEN NOT EXISTS (SELECT"
        " 1 FROM assignment_change AS agreed WHERE agreed.number = NEW.number AND agreed.replaces = "
        "NEW.number - 1 AND agreed.status = 'approved' AND agreed.nobody = NEW.nobody AND agreed.same_person "
        "= NEW.same_person AND agreed.applicant = NEW.applicant AND agreed.decided_by = NEW.set_by_person_id)"
        " BEGIN SELECT RAISE(ABORT, 'assignment rules are set by a change that two persons agreed on'); END",
        "CREATE TRIGGER assignment_default_no_update BEFORE UPDATE ON assignment_default BEGIN SELECT "
        "RAISE(ABORT, 'assignment rules are only added to'); END",
        "CREATE TRIGGER assignment_default_no_delete BEFORE DELETE ON assignment_default BEGIN SELECT "
        "RAISE(ABORT, 'assignment rules are only added to'); END",
    ),
    "postgresql": (
        "CREATE FUNCTION assignment_change_first() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.status"
        " <> 'requested' THEN RAISE EXCEPTION 'a change of the assignment rules is first asked for' USING "
        "ERRCODE = 'integrity_constraint_violation'; END IF; RETURN NEW; END $$",
        "CREATE TRIGGER assignment_change_first BEFORE INSERT ON assignment_change FOR EACH ROW EXECUTE "
        "FUNCTION assignment_change_first()",
        "CREATE FUNCTION assignment_change_final() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF TG_OP = "
        "'UPDATE' THEN IF NOT (OLD.status <> 'requested' OR NEW.id <> OLD.id OR NEW.replaces <> OLD.replaces "
        "OR NEW.nobody <> OLD.nobody OR NEW.same_person <> OLD.same_person OR NEW.applicant <> OLD.applicant "
        "OR NEW.note <> OLD.note OR NEW.requested_by <> OLD.requested_by OR NEW.requested_at <> "
        "OLD.requested_at OR COALESCE(NEW.requested_for, 0) <> COALESCE(OLD.requested_for, 0)) THEN RETURN "
        "NEW; END IF; END IF; RAISE EXCEPTION 'a change of the assignment rules stays as it was asked for, "
        "and its decision is final' USING ERRCODE = 'integrity_constraint_violation'; END $$",
        "CREATE TRIGGER assignment_change_final BEFORE UPDATE OR DELETE ON assignment_change FOR EACH ROW "
        "EXECUTE FUNCTION assignment_change_final()",
        "CREATE TRIGGER assignment_change_no_truncate BEFORE TRUNCATE ON assignment_change FOR EACH STATEMENT"
        " EXECUTE FUNCTION assignment_change_final()",
        "CREATE FUNCTION assignment_default_agreed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NOT "
        "EXISTS (SELECT 1 FROM assignment_change AS agreed WHERE agreed.number = NEW.number AND "
        "agreed.replaces = NEW.number - 1 AND agreed.status = 'approved' AND agreed.nobody = NEW.nobody AND "
        "agreed.same_person = NEW.same_person AND agreed.applicant = NEW.applicant AND agreed.decided_by = "
        "NEW.set_by_person_id) THEN RAISE EXCEPTION 'assignment rules are set by a change that two persons "
        "agreed on' USING ERRCODE = 'integrity_constraint_violation'; END IF; RETURN NEW; END $$",
        "CREATE TRIGGER assignment_default_agreed BEFORE INSERT ON assignment_default FOR EACH ROW EXECUTE "
        "FUNCTION assignment_default_agreed()",
        "CREATE FUNCTION assignment_default_grows() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE "
        "EXCEPTION 'assignment rules are only added to' USING ERRCODE = 'integrity_constraint_violation'; END"
        " $$",
        "CREATE TRIGGER assignment_default_grows BEFORE UPDATE OR DELETE ON assignment_default FOR EACH ROW "
        "EXECUTE FUNCTION assignment_default_grows()",
        "CREATE TRIGGER assignment_default_no_truncate BEFORE TRUNCATE ON assignment_default FOR EACH "
        "STATEMENT EXECUTE FUNCTION assignment_default_grows()",
    ),
}
UNGUARDS = {
    "sqlite": (
        "DROP TRIGGER assignment_default_agreed",
        "DROP TRIGGER assignment_default_no_update",
        "DROP TRIGGER assignment_default_no_delete",
    ),
    "postgresql": (
        "DROP TRIGGER assignment_default_agreed ON assignment_default",
        "DROP FUNCTION assignment_default_agreed()",
        "DROP TRIGGER assignment_default_grows ON assignment_default",
        "DROP TRIGGER assignment_default_no_truncate ON assignment_default",
        "DROP FUNCTION assignment_default_grows()",
    ),
}
FUNCTIONS = ("assignment_change_first", "assignment_change_final")
RULES = ("nobody", "same_person", "applicant")
CHECKS = {
    **{f"{name}_known": f"{name} IN ('refuse', 'pass_with_record', 'next_superior')" for name in RULES},
    "status_known": "status IN ('requested', 'approved', 'rejected', 'withdrawn')",
    "two_persons": "decided_by IS NULL OR decided_by <> requested_by",
    "not_for_them": "decided_by IS NULL OR requested_for IS NULL OR decided_by <> requested_for",
    "not_in_their_stead": "decided_for IS NULL OR decided_for <> requested_by",
    "two_principals": "decided_for IS NULL OR requested_for IS NULL OR decided_for <> requested_for",
    "decided_by_somebody": "(status IN ('approved', 'rejected')) = (decided_by IS NOT NULL)",
    "approved_has_its_number": "(status = 'approved') = (number IS NOT NULL)",
    "rejected_with_a_reason": "status <> 'rejected' OR reason <> ''",
}


def upgrade() -> None:
    """Make the table and the triggers; versions set so far stay as they are."""
    op.create_table(
        "assignment_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("replaces", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.String(20), nullable=False) for name in RULES),
        sa.Column("note", sa.String(200), nullable=False),
        sa.Column("status", sa.String(12), nullable=False),
        sa.Column("requested_by", sa.Integer(), nullable=False),
        sa.Column("requested_for", sa.Integer(), nullable=True),
        sa.Column("requested_at", UtcDateTime(), nullable=False),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("decided_for", sa.Integer(), nullable=True),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        sa.Column("reason", sa.String(200), nullable=False),
        sa.Column("number", sa.Integer(), nullable=True),
        *(sa.CheckConstraint(said, name=op.f(f"ck_assignment_change_{name}")) for name, said in CHECKS.items()),
        *(
            sa.ForeignKeyConstraint([name], ["person.id"], name=op.f(f"fk_assignment_change_{name}"))
            for name in ("requested_by", "decided_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assignment_change")),
    )
    op.create_index("ix_assignment_change_number", "assignment_change", ["number"], unique=True)
    waiting = sa.text("status = 'requested'")
    op.create_index(
        "ix_assignment_change_waiting",
        "assignment_change",
        ["status"],
        unique=True,
        sqlite_where=waiting,
        postgresql_where=waiting,
    )
    for statement in GUARDS[op.get_bind().dialect.name]:
        op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    """Undo: rules can be set by one person again, those in force stay."""
    dialect = op.get_bind().dialect.name
    for statement in UNGUARDS[dialect]:
        op.get_bind().exec_driver_sql(statement)
    op.drop_table("assignment_change")  # its triggers go with it
    if dialect == "postgresql":
        for name in FUNCTIONS:
            op.get_bind().exec_driver_sql(f"DROP FUNCTION {name}()")
