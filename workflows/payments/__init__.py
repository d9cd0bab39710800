"""Payment orders: one per case, payee, item and period for ever; made, checked and released by three persons."""

from __future__ import annotations

from workflows.payments.effects import EFFECTS
from workflows.payments.models import (
    APPEND_ONLY_DDL,
    SIGNED_TERMS_DDL,
    THREE_PERSONS_DDL,
    PaymentEvent,
    PaymentOrder,
    PaymentStatus,
)
from workflows.payments.reading import OrderView, Signature, list_orders, list_signatures
from workflows.payments.settling import confirm, instruct, mark_returned, mark_unknown
from workflows.payments.signing import amend, approve, propose, review
from workflows.payments.terms import PaymentTerms, terms_of
from workflows.payments.transitions import TRANSITIONS, Transition
from workflows.payments.voiding import void_order, void_signatures

__all__ = [
    "APPEND_ONLY_DDL",
    "EFFECTS",
    "SIGNED_TERMS_DDL",
    "THREE_PERSONS_DDL",
    "TRANSITIONS",
    "OrderView",
    "PaymentEvent",
    "PaymentOrder",
    "PaymentStatus",
    "PaymentTerms",
    "Signature",
    "Transition",
    "amend",
    "approve",
    "confirm",
    "instruct",
    "list_orders",
    "list_signatures",
    "mark_returned",
    "mark_unknown",
    "propose",
    "review",
    "terms_of",
    "void_order",
    "void_signatures",
]
