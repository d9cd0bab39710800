"""What may follow what in the life of a payment order, as data."""

from __future__ import annotations

from dataclasses import dataclass

from workflows.events import EventType
from workflows.payments.models import PaymentStatus as Status
from workflows.permissions import Permission


@dataclass(frozen=True)
class Transition:
    """One move of an order.

    Args:
        name: what is done, in the imperative.
        sources: the statuses it may start from.
        target: the status it ends in.
        permission: what the acting post must be granted.
        event: the fact recorded.
    """

    name: str
    sources: frozenset[Status]
    target: Status
    permission: Permission
    event: EventType


_UNSENT = frozenset({Status.PROPOSED, Status.REVIEWED, Status.APPROVED})

PROPOSE = Transition(
    "propose",
    frozenset({Status.VOIDED, Status.RETURNED}),
    Status.PROPOSED,
    Permission.PAYMENT_PROPOSE,
    EventType.PAYMENT_PROPOSED,
)
"""Besides opening a new order: only where the money certainly is not with the payee."""
AMEND = Transition("amend", _UNSENT, Status.PROPOSED, Permission.PAYMENT_PROPOSE, EventType.PAYMENT_AMENDED)
REVIEW = Transition(
    "review",
    frozenset({Status.PROPOSED}),
    Status.REVIEWED,
    Permission.PAYMENT_REVIEW,
    EventType.PAYMENT_REVIEWED,
)
APPROVE = Transition(
    "approve",
    frozenset({Status.REVIEWED}),
    Status.APPROVED,
    Permission.PAYMENT_APPROVE,
    EventType.PAYMENT_APPROVED,
)
INSTRUCT = Transition(
    "instruct",
    frozenset({Status.APPROVED}),
    Status.INSTRUCTED,
    Permission.PAYMENT_APPROVE,
    EventType.PAYMENT_INSTRUCTED,
)
"""Never from `unknown`: an instruction without a clear answer is not sent a second time."""
CONFIRM = Transition(
    "confirm",
    frozenset({Status.INSTRUCTED, Status.UNKNOWN}),
    Status.CONFIRMED,
    Permission.PAYMENT_SETTLE,
    EventType.PAYMENT_CONFIRMED,
)
MARK_UNKNOWN = Transition(
    "mark unknown",
    frozenset({Status.INSTRUCTED, Status.UNKNOWN}),
    Status.UNKNOWN,
    Permission.PAYMENT_SETTLE,
    EventType.PAYMENT_UNKNOWN,
)
MARK_RETURNED = Transition(
    "mark returned",
    frozenset({Status.INSTRUCTED, Status.UNKNOWN, Status.CONFIRMED}),
    Status.RETURNED,
    Permission.PAYMENT_SETTLE,
    EventType.PAYMENT_RETURNED,
)
"""From `confirmed` too: a bank may send money back days after it was credited."""
VOID_SIGNATURES = Transition(
    "void signatures",
    frozenset({Status.REVIEWED, Status.APPROVED}),
    Status.PROPOSED,
    Permission.TASK_COMPLETE,
    EventType.PAYMENT_SIGNATURES_VOIDED,
)
"""Follows from a step being returned, which any officer of the case may do: it takes rights away, never gives them."""
VOID = Transition(
    "void", _UNSENT | {Status.RETURNED}, Status.VOIDED, Permission.TASK_COMPLETE, EventType.PAYMENT_VOIDED
)

TRANSITIONS = (
    PROPOSE,
    AMEND,
    REVIEW,
    APPROVE,
    INSTRUCT,
    CONFIRM,
    MARK_UNKNOWN,
    MARK_RETURNED,
    VOID_SIGNATURES,
    VOID,
)
