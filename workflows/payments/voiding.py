"""Taking back signatures, or a whole order, when the case goes back to an earlier step."""

from __future__ import annotations

from sqlalchemy.orm import Session

from workflows.clock import Clock
from workflows.payments.models import PaymentOrder
from workflows.payments.recording import apply, lock_order, signatures_of
from workflows.payments.signing import UNSIGNED
from workflows.payments.transitions import VOID, VOID_SIGNATURES
from workflows.permissions import Actor


def void_signatures(
    session: Session, order_id: int, *, reason: str, actor: Actor, clock: Clock, task_id: int | None = None
) -> PaymentOrder:
    """Make the checker's and the releaser's signatures void; the order stands as proposed by its maker.

    Raises:
        PermissionDeniedError: the actor may not act in cases.
        NotFoundError: there is no such order.
        StateConflictError: nothing but the maker's signature is there, or the order was sent.
    """
    order = lock_order(session, order_id)
    voided = [signature for signature in signatures_of(order) if signature["step"] != "propose"]
    detail = {"voided": voided, "reason": reason}
    apply(session, order, VOID_SIGNATURES, actor=actor, clock=clock, changes=UNSIGNED, detail=detail, task_id=task_id)
    return order


def void_order(
    session: Session, order_id: int, *, reason: str, actor: Actor, clock: Clock, task_id: int | None = None
) -> PaymentOrder:
    """Make an order void; its number is never given again, and proposing the same payment takes it up again.

    Raises:
        PermissionDeniedError: the actor may not act in cases.
        NotFoundError: there is no such order.
        StateConflictError: it was sent, paid, or its outcome is unknown.
    """
    order = lock_order(session, order_id)
    detail = {"voided": signatures_of(order), "reason": reason}
    apply(session, order, VOID, actor=actor, clock=clock, detail=detail, task_id=task_id)
    return order
