"""Keep second factors, devices, tokens and requests for grants; hold the three administrators apart."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import workflows.persistence

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


GUARDS = {
    "postgresql": (
        "CREATE FUNCTION appointment_apart() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM 1 FROM "
        "person WHERE id = NEW.person_id FOR NO KEY UPDATE; IF EXISTS (SELECT 1 FROM appointment AS held "
        "JOIN post AS was ON was.id = held.post_id JOIN post AS becomes ON becomes.id = NEW.post_id WHERE "
        "held.person_id = NEW.person_id AND held.id <> NEW.id AND was.kind <> becomes.kind AND (was.kind "
        "IN ('audit_admin', 'security_admin', 'system_admin') OR becomes.kind IN ('audit_admin', "
        "'security_admin', 'system_admin')) AND held.ended_at IS NULL AND NEW.ended_at IS NULL AND "
        "(held.to_on IS NULL OR held.to_on >= NEW.from_on) AND (NEW.to_on IS NULL OR NEW.to_on >= "
        "held.from_on)) THEN RAISE EXCEPTION 'an administrator holds no post of another kind' USING "
        "ERRCODE = 'integrity_constraint_violation'; END IF; RETURN NEW; END $$",
        "CREATE TRIGGER appointment_apart BEFORE INSERT OR UPDATE ON appointment FOR EACH ROW EXECUTE "
        "FUNCTION appointment_apart()",
        "CREATE FUNCTION post_kind_stays() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF OLD.kind <> "
        "NEW.kind THEN RAISE EXCEPTION 'the kind of a post never changes'; END IF; RETURN NEW; END $$",
        "CREATE TRIGGER post_kind_stays BEFORE UPDATE OF kind ON post FOR EACH ROW EXECUTE FUNCTION post_kind_stays()",
    ),
    "sqlite": (
        "CREATE TRIGGER appointment_apart_insert BEFORE INSERT ON appointment WHEN EXISTS (SELECT 1 FROM "
        "appointment AS held JOIN post AS was ON was.id = held.post_id JOIN post AS becomes ON becomes.id = "
        "NEW.post_id WHERE held.person_id = NEW.person_id AND  was.kind <> becomes.kind AND (was.kind IN "
        "('audit_admin', 'security_admin', 'system_admin') OR becomes.kind IN ('audit_admin', "
        "'security_admin', 'system_admin')) AND held.ended_at IS NULL AND NEW.ended_at IS NULL AND (held.to_on "
        "IS NULL OR held.to_on >= NEW.from_on) AND (NEW.to_on IS NULL OR NEW.to_on >= held.from_on)) BEGIN "
        "SELECT RAISE(ABORT, 'an administrator holds no post of another kind'); END",
        "CREATE TRIGGER appointment_apart_update BEFORE UPDATE ON appointment WHEN EXISTS (SELECT 1 FROM "
        "appointment AS held JOIN post AS was ON was.id = held.post_id JOIN post AS becomes ON becomes.id = "
        "NEW.post_id WHERE held.person_id = NEW.person_id AND held.id <> OLD.id AND was.kind <> becomes.kind "
        "AND (was.kind IN ('audit_admin', 'security_admin', 'system_admin') OR becomes.kind IN ('audit_admin', "
        "'security_admin', 'system_admin')) AND held.ended_at IS NULL AND NEW.ended_at IS NULL AND (held.to_on "
        "IS NULL OR held.to_on >= NEW.from_on) AND (NEW.to_on IS NULL OR NEW.to_on >= held.from_on)) BEGIN "
        "SELECT RAISE(ABORT, 'an administrator holds no post of another kind'); END",
        "CREATE TRIGGER post_kind_stays BEFORE UPDATE OF kind ON post WHEN OLD.kind <> NEW.kind BEGIN SELECT "
        "RAISE(ABORT, 'the kind of a post never changes'); END",
    ),
}


def upgrade() -> None:
    op.create_table(
        "former_password",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("replaced_at", workflows.persistence.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_former_password_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_former_password")),
    )
    with op.batch_alter_table("former_password", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_former_password_person_id"), ["person_id"], unique=False)

    op.create_table(
        "grant_request",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "account", "appointment", "password", "restoration", name="grantkind", native_enum=False, length=20
            ),
            nullable=False,
        ),
        sa.Column(
            "status",
            sa.Enum("requested", "approved", "refused", "withdrawn", name="grantstatus", native_enum=False, length=20),
            nullable=False,
        ),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("username", sa.String(length=64), nullable=False),
        sa.Column("name_zh", sa.String(length=60), nullable=False),
        sa.Column("name_en", sa.String(length=80), nullable=False),
        sa.Column("agency_id", sa.Integer(), nullable=True),
        sa.Column(
            "post_kind",
            sa.Enum(
                "clerk",
                "handler",
                "reviewer",
                "leader",
                "supervisor",
                "applicant",
                "system_admin",
                "security_admin",
                "audit_admin",
                "integration",
                name="postkind",
                native_enum=False,
                length=20,
            ),
            nullable=True,
        ),
        sa.Column("from_on", sa.Date(), nullable=True),
        sa.Column("to_on", sa.Date(), nullable=True),
        sa.Column("password_hash", sa.String(length=200), nullable=True),
        sa.Column("requested_by", sa.Integer(), nullable=False),
        sa.Column("requested_at", workflows.persistence.UtcDateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("decided_at", workflows.persistence.UtcDateTime(timezone=True), nullable=True),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "decided_by IS NULL OR kind = 'account' OR decided_by <> person_id",
            name=op.f("ck_grant_request_not_for_oneself"),
        ),
        sa.CheckConstraint(
            "status <> 'approved' OR decided_by IS NOT NULL", name=op.f("ck_grant_request_approved_by_somebody")
        ),
        sa.CheckConstraint(
            "status = 'requested' OR password_hash IS NULL", name=op.f("ck_grant_request_password_is_not_kept")
        ),
        sa.CheckConstraint(
            "decided_by IS NULL OR decided_by <> requested_by", name=op.f("ck_grant_request_two_persons")
        ),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_grant_request_agency_id")),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"], name=op.f("fk_grant_request_decided_by")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_grant_request_person_id")),
        sa.ForeignKeyConstraint(["requested_by"], ["person.id"], name=op.f("fk_grant_request_requested_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grant_request")),
    )
    with op.batch_alter_table("grant_request", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_grant_request_person_id"), ["person_id"], unique=False)
        batch_op.create_index("ix_grant_request_status_id", ["status", "id"], unique=False)

    op.create_table(
        "known_device",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key_hash", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("used_at", workflows.persistence.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_known_device_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_known_device")),
        sa.UniqueConstraint("key_hash", "person_id", name=op.f("uq_known_device_key_hash_person_id")),
    )
    with op.batch_alter_table("known_device", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_known_device_person_id"), ["person_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_known_device_used_at"), ["used_at"], unique=False)

    op.create_table(
        "recovery_code",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("used_at", workflows.persistence.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_recovery_code_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_code")),
    )
    with op.batch_alter_table("recovery_code", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_recovery_code_person_id"), ["person_id"], unique=False)

    op.create_table(
        "second_factor",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("secret", sa.String(length=200), nullable=False),
        sa.Column("begun_at", workflows.persistence.UtcDateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", workflows.persistence.UtcDateTime(timezone=True), nullable=True),
        sa.Column("last_step", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_second_factor_person_id")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_second_factor")),
    )
    with op.batch_alter_table("appointment", schema=None) as batch_op:
        batch_op.add_column(sa.Column("ended_at", workflows.persistence.UtcDateTime(timezone=True), nullable=True))

    with op.batch_alter_table("login_session", schema=None) as batch_op:
        batch_op.add_column(sa.Column("address", sa.String(length=45), server_default="", nullable=False))
        batch_op.add_column(
            sa.Column(
                "waits_for", sa.Enum("code", "password", "enrol", name="loginlimit", native_enum=False), nullable=True
            )
        )
        batch_op.add_column(sa.Column("by_provider", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.add_column(sa.Column("name", sa.String(length=60), nullable=True))
        batch_op.add_column(sa.Column("scopes", sa.String(length=200), nullable=True))

    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("password_set_at", workflows.persistence.UtcDateTime(timezone=True), nullable=True)
        )
        batch_op.add_column(sa.Column("must_change_password", sa.Boolean(), server_default=sa.false(), nullable=False))

    for statement in GUARDS[op.get_bind().dialect.name]:
        op.get_bind().exec_driver_sql(statement)


UNGUARDS = {
    "sqlite": (
        "DROP TRIGGER post_kind_stays",
        "DROP TRIGGER appointment_apart_update",
        "DROP TRIGGER appointment_apart_insert",
    ),
    "postgresql": (
        "DROP TRIGGER post_kind_stays ON post",
        "DROP FUNCTION post_kind_stays()",
        "DROP TRIGGER appointment_apart ON appointment",
        "DROP FUNCTION appointment_apart()",
    ),
}


def downgrade() -> None:
    for statement in UNGUARDS[op.get_bind().dialect.name]:
        op.get_bind().exec_driver_sql(statement)
    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.drop_column("must_change_password")
        batch_op.drop_column("password_set_at")

    with op.batch_alter_table("login_session", schema=None) as batch_op:
        batch_op.drop_column("scopes")
        batch_op.drop_column("name")
        batch_op.drop_column("by_provider")
        batch_op.drop_column("waits_for")
        batch_op.drop_column("address")

    with op.batch_alter_table("appointment", schema=None) as batch_op:
        batch_op.drop_column("ended_at")

    op.drop_table("second_factor")
    with op.batch_alter_table("recovery_code", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_recovery_code_person_id"))

    op.drop_table("recovery_code")
    with op.batch_alter_table("known_device", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_known_device_used_at"))
        batch_op.drop_index(batch_op.f("ix_known_device_person_id"))

    op.drop_table("known_device")
    with op.batch_alter_table("grant_request", schema=None) as batch_op:
        batch_op.drop_index("ix_grant_request_status_id")
        batch_op.drop_index(batch_op.f("ix_grant_request_person_id"))

    op.drop_table("grant_request")
    with op.batch_alter_table("former_password", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_former_password_person_id"))

    op.drop_table("former_password")
