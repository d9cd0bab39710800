"""Keep deputies apart as their principals are, and say which rule acted where nobody could be offered a step."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import workflows.persistence

revision = "0011"
down_revision = "0009"
branch_labels = None
depends_on = None

GUARDS = {
    "sqlite": (
        "CREATE TRIGGER appointment_deputies_insert BEFORE INSERT ON appointment WHEN NEW.ended_at IS NULL "
        "AND EXISTS (SELECT 1 FROM post WHERE post.id = NEW.post_id AND post.kind IN ('audit_admin', "
        "'security_admin', 'system_admin')) AND (EXISTS (SELECT 1 FROM delegation AS given WHERE "
        "given.deputy_id = NEW.person_id AND given.ended_at IS NULL AND (given.to_on IS NULL OR given.to_on "
        ">= NEW.from_on) AND (NEW.to_on IS NULL OR NEW.to_on >= given.from_on)) OR EXISTS (SELECT 1 FROM "
        "post_backup AS named WHERE named.person_id = NEW.person_id AND (named.to_on IS NULL OR named.to_on "
        ">= NEW.from_on) AND (NEW.to_on IS NULL OR NEW.to_on >= named.from_on))) BEGIN SELECT RAISE(ABORT, "
        "'an administrator stands in for nobody, and nobody for one'); END",
        "CREATE TRIGGER appointment_deputies_update BEFORE UPDATE ON appointment WHEN NEW.ended_at IS NULL "
        "AND EXISTS (SELECT 1 FROM post WHERE post.id = NEW.post_id AND post.kind IN ('audit_admin', "
        "'security_admin', 'system_admin')) AND (EXISTS (SELECT 1 FROM delegation AS given WHERE "
        "given.deputy_id = NEW.person_id AND given.ended_at IS NULL AND (given.to_on IS NULL OR given.to_on "
        ">= NEW.from_on) AND (NEW.to_on IS NULL OR NEW.to_on >= given.from_on)) OR EXISTS (SELECT 1 FROM "
        "post_backup AS named WHERE named.person_id = NEW.person_id AND (named.to_on IS NULL OR named.to_on "
        ">= NEW.from_on) AND (NEW.to_on IS NULL OR NEW.to_on >= named.from_on))) BEGIN SELECT RAISE(ABORT, "
        "'an administrator stands in for nobody, and nobody for one'); END",
        "CREATE TRIGGER delegation_deputies_insert BEFORE INSERT ON delegation WHEN NEW.ended_at IS NULL AND "
        "(EXISTS (SELECT 1 FROM post WHERE post.id = NEW.post_id AND post.kind IN ('audit_admin', "
        "'security_admin', 'system_admin')) OR EXISTS (SELECT 1 FROM appointment AS held JOIN post ON post.id"
        " = held.post_id WHERE held.person_id = NEW.deputy_id AND post.kind IN ('audit_admin', "
        "'security_admin', 'system_admin') AND held.ended_at IS NULL AND (held.to_on IS NULL OR held.to_on >="
        " NEW.from_on) AND (NEW.to_on IS NULL OR NEW.to_on >= held.from_on))) BEGIN SELECT RAISE(ABORT, 'an "
        "administrator stands in for nobody, and nobody for one'); END",
        "CREATE TRIGGER delegation_deputies_update BEFORE UPDATE ON delegation WHEN NEW.ended_at IS NULL AND "
        "(EXISTS (SELECT 1 FROM post WHERE post.id = NEW.post_id AND post.kind IN ('audit_admin', "
        "'security_admin', 'system_admin')) OR EXISTS (SELECT 1 FROM appointment AS held JOIN post ON post.id"
        " = held.post_id WHERE held.person_id = NEW.deputy_id AND post.kind IN ('audit_admin', "
        "'security_admin', 'system_admin') AND held.ended_at IS NULL AND (held.to_on IS NULL OR held.to_on >="
        " NEW.from_on) AND (NEW.to_on IS NULL OR NEW.to_on >= held.from_on))) BEGIN SELECT RAISE(ABORT, 'an "
        "administrator stands in for nobody, and nobody for one'); END",
        "CREATE TRIGGER post_backup_deputies_insert BEFORE INSERT ON post_backup WHEN NEW.person_id IS NOT "
        "NULL AND (EXISTS (SELECT 1 FROM post WHERE post.id = NEW.post_id AND post.kind IN ('audit_admin', "
        "'security_admin', 'system_admin')) OR EXISTS (SELECT 1 FROM appointment AS held JOIN post ON post.id"
        " = held.post_id WHERE held.person_id = NEW.person_id AND post.kind IN ('audit_admin', "
        "'security_admin', 'system_admin') AND held.ended_at IS NULL AND (held.to_on IS NULL OR held.to_on >="
        " NEW.from_on) AND (NEW.to_on IS NULL OR NEW.to_on >= held.from_on))) BEGIN SELECT RAISE(ABORT, 'an "
        "administrator stands in for nobody, and nobody for one'); END",
        "CREATE TRIGGER post_backup_deputies_update BEFORE UPDATE ON post_backup WHEN NEW.person_id IS NOT "
        "NULL AND (EXISTS (SELECT 1 FROM post WHERE post.id = NEW.post_id AND post.kind IN ('audit_admin', "
        "'security_admin', 'system_admin')) OR EXISTS (SELECT 1 FROM appointment AS held JOIN post ON post.id"
        " = held.post_id WHERE held.person_id = NEW.person_id AND post.kind IN ('audit_admin', "
        "'security_admin', 'system_admin') AND held.ended_at IS NULL AND (held.to_on IS NULL OR held.to_on >="
        " NEW.from_on) AND (NEW.to_on IS NULL OR NEW.to_on >= held.from_on))) BEGIN SELECT RAISE(ABORT, 'an "
        "administrator stands in for nobody, and nobody for one'); END",
        "CREATE TRIGGER payment_order_three_insert BEFORE INSERT ON payment_order WHEN NEW.maker_id = "
        "NEW.checker_for_id OR NEW.maker_for_id = NEW.checker_id OR NEW.maker_for_id = NEW.checker_for_id OR "
        "NEW.maker_id = NEW.releaser_for_id OR NEW.maker_for_id = NEW.releaser_id OR NEW.maker_for_id = "
        "NEW.releaser_for_id OR NEW.checker_id = NEW.releaser_for_id OR NEW.checker_for_id = NEW.releaser_id "
        "OR NEW.checker_for_id = NEW.releaser_for_id BEGIN SELECT RAISE(ABORT, 'maker, checker and releaser "
        "are three persons, deputies and those they act for included'); END",
        "CREATE TRIGGER payment_order_three_update BEFORE UPDATE ON payment_order WHEN NEW.maker_id = "
        "NEW.checker_for_id OR NEW.maker_for_id = NEW.checker_id OR NEW.maker_for_id = NEW.checker_for_id OR "
        "NEW.maker_id = NEW.releaser_for_id OR NEW.maker_for_id = NEW.releaser_id OR NEW.maker_for_id = "
        "NEW.releaser_for_id OR NEW.checker_id = NEW.releaser_for_id OR NEW.checker_for_id = NEW.releaser_id "
        "OR NEW.checker_for_id = NEW.releaser_for_id BEGIN SELECT RAISE(ABORT, 'maker, checker and releaser "
        "are three persons, deputies and those they act for included'); END",
    ),
    "postgresql": (
        "CREATE FUNCTION appointment_deputies() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM 1 FROM "
        "person WHERE id = NEW.person_id FOR NO KEY UPDATE; IF NEW.ended_at IS NULL AND EXISTS (SELECT 1 FROM"
        " post WHERE post.id = NEW.post_id AND post.kind IN ('audit_admin', 'security_admin', "
        "'system_admin')) AND (EXISTS (SELECT 1 FROM delegation AS given WHERE given.deputy_id = "
        "NEW.person_id AND given.ended_at IS NULL AND (given.to_on IS NULL OR given.to_on >= NEW.from_on) AND"
        " (NEW.to_on IS NULL OR NEW.to_on >= given.from_on)) OR EXISTS (SELECT 1 FROM post_backup AS named "
        "WHERE named.person_id = NEW.person_id AND (named.to_on IS NULL OR named.to_on >= NEW.from_on) AND "
        "(NEW.to_on IS NULL OR NEW.to_on >= named.from_on))) THEN RAISE EXCEPTION 'an administrator stands in"
        " for nobody, and nobody for one' USING ERRCODE = 'integrity_constraint_violation'; END IF; RETURN "
        "NEW; END $$",
        "CREATE TRIGGER appointment_deputies BEFORE INSERT OR UPDATE ON appointment FOR EACH ROW EXECUTE "
        "FUNCTION appointment_deputies()",
        "CREATE FUNCTION delegation_deputies() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM 1 FROM "
        "person WHERE id = NEW.deputy_id FOR NO KEY UPDATE; IF NEW.ended_at IS NULL AND (EXISTS (SELECT 1 "
        "FROM post WHERE post.id = NEW.post_id AND post.kind IN ('audit_admin', 'security_admin', "
        "'system_admin')) OR EXISTS (SELECT 1 FROM appointment AS held JOIN post ON post.id = held.post_id "
        "WHERE held.person_id = NEW.deputy_id AND post.kind IN ('audit_admin', 'security_admin', "
        "'system_admin') AND held.ended_at IS NULL AND (held.to_on IS NULL OR held.to_on >= NEW.from_on) AND "
        "(NEW.to_on IS NULL OR NEW.to_on >= held.from_on))) THEN RAISE EXCEPTION 'an administrator stands in "
        "for nobody, and nobody for one' USING ERRCODE = 'integrity_constraint_violation'; END IF; RETURN "
        "NEW; END $$",
        "CREATE TRIGGER delegation_deputies BEFORE INSERT OR UPDATE ON delegation FOR EACH ROW EXECUTE "
        "FUNCTION delegation_deputies()",
        "CREATE FUNCTION post_backup_deputies() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM 1 FROM "
        "person WHERE id = NEW.person_id FOR NO KEY UPDATE; IF NEW.person_id IS NOT NULL AND (EXISTS (SELECT "
        "1 FROM post WHERE post.id = NEW.post_id AND post.kind IN ('audit_admin', 'security_admin', "
        "'system_admin')) OR EXISTS (SELECT 1 FROM appointment AS held JOIN post ON post.id = held.post_id "
        "WHERE held.person_id = NEW.person_id AND post.kind IN ('audit_admin', 'security_admin', "
        "'system_admin') AND held.ended_at IS NULL AND (held.to_on IS NULL OR held.to_on >= NEW.from_on) AND "
        "(NEW.to_on IS NULL OR NEW.to_on >= held.from_on))) THEN RAISE EXCEPTION 'an administrator stands in "
        "for nobody, and nobody for one' USING ERRCODE = 'integrity_constraint_violation'; END IF; RETURN "
        "NEW; END $$",
        "CREATE TRIGGER post_backup_deputies BEFORE INSERT OR UPDATE ON post_backup FOR EACH ROW EXECUTE "
        "FUNCTION post_backup_deputies()",
        "CREATE FUNCTION payment_order_three() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.maker_id ="
        " NEW.checker_for_id OR NEW.maker_for_id = NEW.checker_id OR NEW.maker_for_id = NEW.checker_for_id OR"
        " NEW.maker_id = NEW.releaser_for_id OR NEW.maker_for_id = NEW.releaser_id OR NEW.maker_for_id = "
        "NEW.releaser_for_id OR NEW.checker_id = NEW.releaser_for_id OR NEW.checker_for_id = NEW.releaser_id "
        "OR NEW.checker_for_id = NEW.releaser_for_id THEN RAISE EXCEPTION 'maker, checker and releaser are "
        "three persons, deputies and those they act for included' USING ERRCODE = "
        "'integrity_constraint_violation'; END IF; RETURN NEW; END $$",
        "CREATE TRIGGER payment_order_three BEFORE INSERT OR UPDATE ON payment_order FOR EACH ROW EXECUTE "
        "FUNCTION payment_order_three()",
    ),
}
UNGUARDS = {
    "sqlite": (
        "DROP TRIGGER appointment_deputies_insert",
        "DROP TRIGGER appointment_deputies_update",
        "DROP TRIGGER delegation_deputies_insert",
        "DROP TRIGGER delegation_deputies_update",
        "DROP TRIGGER post_backup_deputies_insert",
        "DROP TRIGGER post_backup_deputies_update",
        "DROP TRIGGER payment_order_three_insert",
        "DROP TRIGGER payment_order_three_update",
    ),
    "postgresql": (
        "DROP TRIGGER appointment_deputies ON appointment",
        "DROP FUNCTION appointment_deputies()",
        "DROP TRIGGER delegation_deputies ON delegation",
        "DROP FUNCTION delegation_deputies()",
        "DROP TRIGGER post_backup_deputies ON post_backup",
        "DROP FUNCTION post_backup_deputies()",
        "DROP TRIGGER payment_order_three ON payment_order",
        "DROP FUNCTION payment_order_three()",
    ),
}


def upgrade() -> None:
    """Keep deputies apart as their principals are; keep the deployment's rules and which rule acted."""
    op.create_table(
        "assignment_default",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("nobody", sa.String(length=20), nullable=False),
        sa.Column("same_person", sa.String(length=20), nullable=False),
        sa.Column("applicant", sa.String(length=20), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("set_at", workflows.persistence.UtcDateTime(timezone=True), nullable=False),
        sa.Column("set_by_person_id", sa.Integer(), nullable=False),
        *(
            sa.CheckConstraint(
                f"{name} IN ('refuse', 'pass_with_record', 'next_superior')",
                name=op.f(f"ck_assignment_default_{name}_known"),
            )
            for name in ("nobody", "same_person", "applicant")
        ),
        sa.ForeignKeyConstraint(
            ["set_by_person_id"], ["person.id"], name=op.f("fk_assignment_default_set_by_person_id")
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_assignment_default")),
    )
    op.add_column("human_task", sa.Column("rule", workflows.persistence.JsonText(), nullable=True))
    for part in ("maker", "checker", "releaser"):
        op.add_column(
            "payment_order", sa.Column(f"{part}_for_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"))
        )
    for statement in GUARDS[op.get_bind().dialect.name]:
        op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    """Undo."""
    for statement in UNGUARDS[op.get_bind().dialect.name]:
        op.get_bind().exec_driver_sql(statement)
    for part in ("maker", "checker", "releaser"):
        op.drop_column("payment_order", f"{part}_for_id")
    op.drop_column("human_task", "rule")
    op.drop_table("assignment_default")
