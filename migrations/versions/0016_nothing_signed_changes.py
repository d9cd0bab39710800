"""The terms of a payment change only with its signatures gone, audit chains only grow, and TRUNCATE is a change, too."""

from __future__ import annotations

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_TERMS = ("case_id", "payee_key", "payee_name", "payee_account", "payee_bank", "item", "period", "amount_fen")
_UNSAID = (
    f"(({' OR '.join(f'NEW.{name} <> OLD.{name}' for name in _TERMS)}) AND NOT "
    "(NEW.status = 'proposed' AND NEW.checker_id IS NULL AND NEW.releaser_id IS NULL)) OR "
    "(OLD.status IN ('instructed', 'unknown') "
    "AND NEW.status NOT IN ('instructed', 'unknown', 'confirmed', 'returned')) "
    "OR (OLD.status = 'confirmed' AND NEW.status NOT IN ('confirmed', 'returned'))"
)
_SAID = "the terms of a payment change only with its signatures gone, and what was sent is not unsent"
_FORWARD = "the head of an audit chain only moves forward"

GUARDS = {
    "sqlite": (
        f"CREATE TRIGGER payment_order_terms BEFORE UPDATE ON payment_order WHEN {_UNSAID} "
        f"BEGIN SELECT RAISE(ABORT, '{_SAID}'); END",
        "CREATE TRIGGER audit_chain_no_delete BEFORE DELETE ON audit_chain "
        f"BEGIN SELECT RAISE(ABORT, '{_FORWARD}'); END",
        "CREATE TRIGGER audit_chain_forward BEFORE UPDATE ON audit_chain "
        "WHEN NEW.seq <= OLD.seq OR NEW.code <> OLD.code OR NEW.id <> OLD.id "
        f"BEGIN SELECT RAISE(ABORT, '{_FORWARD}'); END",
    ),
    "postgresql": (
        "CREATE FUNCTION payment_order_terms() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF {_UNSAID} THEN RAISE EXCEPTION '{_SAID}' USING ERRCODE = 'integrity_constraint_violation'; "
        "END IF; RETURN NEW; END $$",
        "CREATE TRIGGER payment_order_terms BEFORE UPDATE ON payment_order "
        "FOR EACH ROW EXECUTE FUNCTION payment_order_terms()",
        "CREATE TRIGGER payment_event_no_truncate BEFORE TRUNCATE ON payment_event "
        "FOR EACH STATEMENT EXECUTE FUNCTION payment_append_only()",
        "CREATE TRIGGER payment_order_no_truncate BEFORE TRUNCATE ON payment_order "
        "FOR EACH STATEMENT EXECUTE FUNCTION payment_append_only()",
        "CREATE FUNCTION audit_chain_forward() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "IF TG_OP = 'UPDATE' THEN IF NEW.seq > OLD.seq AND NEW.code = OLD.code AND NEW.id = OLD.id "
        f"THEN RETURN NEW; END IF; END IF; RAISE EXCEPTION '{_FORWARD}'; END $$",
        "CREATE TRIGGER audit_chain_forward BEFORE UPDATE OR DELETE ON audit_chain "
        "FOR EACH ROW EXECUTE FUNCTION audit_chain_forward()",
        "CREATE TRIGGER audit_chain_no_truncate BEFORE TRUNCATE ON audit_chain "
        "FOR EACH STATEMENT EXECUTE FUNCTION audit_chain_forward()",
        "CREATE TRIGGER audit_entry_no_truncate BEFORE TRUNCATE ON audit_entry "
        "FOR EACH STATEMENT EXECUTE FUNCTION audit_entry_append_only()",
    ),
}
UNGUARDS = {
    "sqlite": (
        "DROP TRIGGER payment_order_terms",
        "DROP TRIGGER audit_chain_no_delete",
        "DROP TRIGGER audit_chain_forward",
    ),
    "postgresql": (
        "DROP TRIGGER payment_order_terms ON payment_order",
        "DROP FUNCTION payment_order_terms()",
        "DROP TRIGGER payment_event_no_truncate ON payment_event",
        "DROP TRIGGER payment_order_no_truncate ON payment_order",
        "DROP TRIGGER audit_chain_forward ON audit_chain",
        "DROP TRIGGER audit_chain_no_truncate ON audit_chain",
        "DROP FUNCTION audit_chain_forward()",
        "DROP TRIGGER audit_entry_no_truncate ON audit_entry",
    ),
}
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


def upgrade() -> None:
    """Make the triggers; on PostgreSQL those of the directory's stamp anew."""
    dialect = op.get_bind().dialect.name
    for statement in GUARDS[dialect]:
        op.get_bind().exec_driver_sql(statement)
    if dialect == "postgresql":
        _watch(" OR TRUNCATE")


def downgrade() -> None:
    """Undo."""
    dialect = op.get_bind().dialect.name
    for statement in UNGUARDS[dialect]:
        op.get_bind().exec_driver_sql(statement)
    if dialect == "postgresql":
        _watch("")


def _watch(more: str) -> None:
    for table, columns in WATCHED.items():
        op.get_bind().exec_driver_sql(f"DROP TRIGGER {table}_directory ON {table}")
        op.get_bind().exec_driver_sql(
            f"CREATE TRIGGER {table}_directory AFTER INSERT OR UPDATE{columns} OR DELETE{more} ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION directory_changed()"
        )
