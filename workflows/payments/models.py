"""Payment orders and their history. The database itself keeps the three persons apart and the history unchanged."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from workflows.persistence import Base, BigKey, JsonText, UtcDateTime


class PaymentStatus(StrEnum):
    """支付单状态, as the glossary has them."""

    PROPOSED = "proposed"
    REVIEWED = "reviewed"
    APPROVED = "approved"
    INSTRUCTED = "instructed"
    CONFIRMED = "confirmed"
    UNKNOWN = "unknown"
    """The bank gave no clear answer: nobody sends it again before that is found out."""
    RETURNED = "returned"
    """The bank sent the money back, or confirmed that it was never paid."""
    VOIDED = "voided"


_STATUSES = ", ".join(f"'{status.value}'" for status in PaymentStatus)
_SIGNED_TWICE = "('reviewed', 'approved', 'instructed', 'confirmed', 'unknown', 'returned')"
_SIGNED_THRICE = "('approved', 'instructed', 'confirmed', 'unknown', 'returned')"


class PaymentOrder(Base):
    """One payment to one payee. There is at most one for (case, payee, item, period), for ever.

    `payee_key` identifies the payee whatever its name: the unified social credit code. `item` names what is paid (the
    process's key), `period` the budget year. Maker, checker and releaser are persons, not posts. Who signs in somebody
    else's post signs for two: `…_for_id` names whose work it was, and neither may be in another of the three parts.
    """

    __tablename__ = "payment_order"
    __table_args__ = (
        UniqueConstraint("case_id", "payee_key", "item", "period"),
        CheckConstraint("amount_fen > 0", "amount_positive"),
        CheckConstraint(f"status IN ({_STATUSES})", "status_known"),
        CheckConstraint("checker_id IS NULL OR checker_id <> maker_id", "checker_not_maker"),
        CheckConstraint(
            "releaser_id IS NULL OR (checker_id IS NOT NULL AND releaser_id <> maker_id AND releaser_id <> checker_id)",
            "releaser_not_maker_or_checker",
        ),
        CheckConstraint(f"status NOT IN {_SIGNED_TWICE} OR checker_id IS NOT NULL", "reviewed_by_somebody"),
        CheckConstraint(f"status NOT IN {_SIGNED_THRICE} OR releaser_id IS NOT NULL", "approved_by_somebody"),
        CheckConstraint(
            "status <> 'confirmed' OR (confirmed_by_id IS NOT NULL AND bank_reference IS NOT NULL)",
            "confirmed_with_reference",
        ),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    no: Mapped[str] = mapped_column(String(70), unique=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"))
    payee_key: Mapped[str] = mapped_column(String(40))
    payee_name: Mapped[str] = mapped_column(String(200))
    payee_account: Mapped[str] = mapped_column(String(40))
    payee_bank: Mapped[str] = mapped_column(String(120))
    item: Mapped[str] = mapped_column(String(60))
    period: Mapped[str] = mapped_column(String(10))
    amount_fen: Mapped[int] = mapped_column(BigKey)
    status: Mapped[str] = mapped_column(String(12))
    maker_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    checker_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    releaser_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    maker_for_id: Mapped[int | None] = mapped_column(BigKey)
    checker_for_id: Mapped[int | None] = mapped_column(BigKey)
    releaser_for_id: Mapped[int | None] = mapped_column(BigKey)
    confirmed_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    bank_reference: Mapped[str | None] = mapped_column(String(64))
    row_version: Mapped[int] = mapped_column(Integer)
    proposed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    reviewed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    approved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    instructed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __mapper_args__ = {"version_id_col": row_version, "version_id_generator": False}  # noqa: RUF012  # as the base has it


class PaymentEvent(Base):
    """One thing that happened to an order, with the terms as they then stood. Only ever added to."""

    __tablename__ = "payment_event"
    __table_args__ = (UniqueConstraint("order_id", "number"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("payment_order.id"))
    number: Mapped[int] = mapped_column(Integer)
    """The order's `row_version` after it."""
    event: Mapped[str] = mapped_column(String(40))
    from_status: Mapped[str | None] = mapped_column(String(12))
    to_status: Mapped[str] = mapped_column(String(12))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    post_id: Mapped[int] = mapped_column(ForeignKey("post.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    amount_fen: Mapped[int] = mapped_column(BigKey)
    payee_name: Mapped[str] = mapped_column(String(200))
    payee_account: Mapped[str] = mapped_column(String(40))
    detail: Mapped[Any] = mapped_column(JsonText)
    """`reason`, `bank_reference`, `voided`: the signatures that this made void."""


APPEND_ONLY_DDL = {
    "sqlite": (
        "CREATE TRIGGER payment_event_no_update BEFORE UPDATE ON payment_event "
        "BEGIN SELECT RAISE(ABORT, 'payment_event is append-only'); END",
        "CREATE TRIGGER payment_event_no_delete BEFORE DELETE ON payment_event "
        "BEGIN SELECT RAISE(ABORT, 'payment_event is append-only'); END",
        "CREATE TRIGGER payment_order_no_delete BEFORE DELETE ON payment_order "
        "BEGIN SELECT RAISE(ABORT, 'a payment order is never deleted'); END",
    ),
    "postgresql": (
        "CREATE FUNCTION payment_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'payment history is append-only'; END $$",
        "CREATE TRIGGER payment_event_append_only BEFORE UPDATE OR DELETE ON payment_event "
        "FOR EACH ROW EXECUTE FUNCTION payment_append_only()",
        "CREATE TRIGGER payment_order_no_delete BEFORE DELETE ON payment_order "
        "FOR EACH ROW EXECUTE FUNCTION payment_append_only()",
    ),
}
"""Executed by the migration, per dialect: the tables refuse these changes whoever asks."""

_PARTS = ("maker", "checker", "releaser")
_SAID = "maker, checker and releaser are three persons, deputies and those they act for included"
_TWICE = " OR ".join(
    f"NEW.{one}_{first} = NEW.{other}_{second}"
    for number, one in enumerate(_PARTS)
    for other in _PARTS[number + 1 :]
    for first, second in (("id", "for_id"), ("for_id", "id"), ("for_id", "for_id"))
)
"""That the three who sign themselves differ is for the table's own constraints to say."""

_TERMS = ("case_id", "payee_key", "payee_name", "payee_account", "payee_bank", "item", "period", "amount_fen")
_SIGNED_FOR = " OR ".join(f"NEW.{name} <> OLD.{name}" for name in _TERMS)
_UNSAID = (
    f"(({_SIGNED_FOR}) AND NOT "
    "(NEW.status = 'proposed' AND NEW.checker_id IS NULL AND NEW.releaser_id IS NULL)) OR "
    "(OLD.status IN ('instructed', 'unknown') "
    "AND NEW.status NOT IN ('instructed', 'unknown', 'confirmed', 'returned')) "
    "OR (OLD.status = 'confirmed' AND NEW.status NOT IN ('confirmed', 'returned'))"
)
_SAID_SO = "the terms of a payment change only with its signatures gone, and what was sent is not unsent"

SIGNED_TERMS_DDL = {
    "sqlite": (
        f"CREATE TRIGGER payment_order_terms BEFORE UPDATE ON payment_order WHEN {_UNSAID} "
        f"BEGIN SELECT RAISE(ABORT, '{_SAID_SO}'); END",
    ),
    "postgresql": (
        "CREATE FUNCTION payment_order_terms() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF {_UNSAID} THEN RAISE EXCEPTION '{_SAID_SO}' USING ERRCODE = 'integrity_constraint_violation'; "
        "END IF; RETURN NEW; END $$",
        "CREATE TRIGGER payment_order_terms BEFORE UPDATE ON payment_order "
        "FOR EACH ROW EXECUTE FUNCTION payment_order_terms()",
        "CREATE TRIGGER payment_event_no_truncate BEFORE TRUNCATE ON payment_event "
        "FOR EACH STATEMENT EXECUTE FUNCTION payment_append_only()",
        "CREATE TRIGGER payment_order_no_truncate BEFORE TRUNCATE ON payment_order "
        "FOR EACH STATEMENT EXECUTE FUNCTION payment_append_only()",
    ),
}
"""Executed by the migration, per dialect: after the signatures nobody changes what was signed."""

THREE_PERSONS_DDL = {
    "sqlite": tuple(
        f"CREATE TRIGGER payment_order_three_{when.lower()} BEFORE {when} ON payment_order WHEN {_TWICE} "
        f"BEGIN SELECT RAISE(ABORT, '{_SAID}'); END"
        for when in ("INSERT", "UPDATE")
    ),
    "postgresql": (
        "CREATE FUNCTION payment_order_three() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF {_TWICE} THEN RAISE EXCEPTION '{_SAID}' USING ERRCODE = 'integrity_constraint_violation'; "
        "END IF; RETURN NEW; END $$",
        "CREATE TRIGGER payment_order_three BEFORE INSERT OR UPDATE ON payment_order "
        "FOR EACH ROW EXECUTE FUNCTION payment_order_three()",
    ),
}
"""Executed by the migration, per dialect."""
