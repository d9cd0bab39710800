"""The append-only audit chain: one chain per agency, each entry bound to the one before it by its hash."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, Integer, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from workflows.persistence import Base, BigKey, JsonText, UtcDateTime


class AuditChain(Base):
    """The head of one agency's chain; its row lock puts the entries of that agency in order."""

    __tablename__ = "audit_chain"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    code: Mapped[str] = mapped_column(String(40), unique=True)
    seq: Mapped[int] = mapped_column(BigKey, default=0)
    hash: Mapped[bytes] = mapped_column(LargeBinary(32), default=bytes(32))


class AuditEntry(Base):
    """One fact: who, in which post, did what to which case, and when.

    These rows are also the case's timeline, so a fact is stored once. Person and post are plain numbers, not foreign
    keys: an entry outlives what it names.
    """

    __tablename__ = "audit_entry"
    __table_args__ = (
        UniqueConstraint("chain_id", "seq"),
        Index("ix_audit_entry_case_id_id", "case_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    chain_id: Mapped[int] = mapped_column(ForeignKey("audit_chain.id"))
    seq: Mapped[int] = mapped_column(BigKey)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    event: Mapped[str] = mapped_column(String(40))
    person_id: Mapped[int | None] = mapped_column(BigKey)
    post_id: Mapped[int | None] = mapped_column(BigKey)
    case_id: Mapped[int | None] = mapped_column(BigKey)
    task_id: Mapped[int | None] = mapped_column(BigKey)
    payload: Mapped[Any] = mapped_column(JsonText)
    hash: Mapped[bytes] = mapped_column(LargeBinary(32))


APPEND_ONLY_DDL = {
    "sqlite": (
        "CREATE TRIGGER audit_entry_no_update BEFORE UPDATE ON audit_entry "
        "BEGIN SELECT RAISE(ABORT, 'audit_entry is append-only'); END",
        "CREATE TRIGGER audit_entry_no_delete BEFORE DELETE ON audit_entry "
        "BEGIN SELECT RAISE(ABORT, 'audit_entry is append-only'); END",
    ),
    "postgresql": (
        "CREATE FUNCTION audit_entry_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'audit_entry is append-only'; END $$",
        "CREATE TRIGGER audit_entry_append_only BEFORE UPDATE OR DELETE ON audit_entry "
        "FOR EACH ROW EXECUTE FUNCTION audit_entry_append_only()",
    ),
}
"""Executed by the migration, per dialect: the table refuses changes whoever asks."""

_FORWARD = "the head of an audit chain only moves forward"

HEADS_DDL = {
    "sqlite": (
        "CREATE TRIGGER audit_chain_no_delete BEFORE DELETE ON audit_chain "
        f"BEGIN SELECT RAISE(ABORT, '{_FORWARD}'); END",
        "CREATE TRIGGER audit_chain_forward BEFORE UPDATE ON audit_chain "
        "WHEN NEW.seq <= OLD.seq OR NEW.code <> OLD.code OR NEW.id <> OLD.id "
        f"BEGIN SELECT RAISE(ABORT, '{_FORWARD}'); END",
    ),
    "postgresql": (
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
"""Executed by the migration, per dialect: a chain is neither shortened nor removed."""
