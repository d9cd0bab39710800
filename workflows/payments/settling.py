"""From the instruction to what became of it. These record facts, so they stand even while the case is suspended."""

from __future__ import annotations

from sqlalchemy.orm import Session

from workflows.clock import Clock
from workflows.errors import FieldError, InvalidInputError
from workflows.payments.models import PaymentOrder
from workflows.payments.recording import apply, lock_order, require_permission, require_running_case
from workflows.payments.transitions import CONFIRM, INSTRUCT, MARK_RETURNED, MARK_UNKNOWN
from workflows.permissions import Actor

LONGEST_REFERENCE = 64
LONGEST_REASON = 2000


def instruct(
    session: Session,
    order_id: int,
    *,
    actor: Actor,
    clock: Clock,
    task_id: int | None = None,
    row_version: int | None = None,
) -> PaymentOrder:
    """Send the approved order to the bank, once.

    Raises:
        PermissionDeniedError: the acting post may not approve payments.
        NotFoundError: there is no such order.
        ConcurrencyError: it changed since `row_version` was read.
        StateConflictError: it is not approved, or its case is not running.
    """
    require_permission(actor, INSTRUCT)
    order = lock_order(session, order_id, row_version=row_version)
    require_running_case(session, order.case_id, INSTRUCT.name)
    apply(session, order, INSTRUCT, actor=actor, clock=clock, changes={"instructed_at": clock.now()}, task_id=task_id)
    return order


def confirm(
    session: Session,
    order_id: int,
    *,
    bank_reference: str,
    actor: Actor,
    clock: Clock,
    task_id: int | None = None,
    row_version: int | None = None,
) -> PaymentOrder:
    """Record that the bank credited the payee.

    Args:
        session: the transaction.
        order_id: the order.
        bank_reference: the number on the bank's receipt, 1 to 64 characters.
        actor: who read the receipt.
        clock: tells when.
        task_id: the human task it is done in.
        row_version: as read; None skips the check.

    Raises:
        InvalidInputError: no bank reference.
        PermissionDeniedError, NotFoundError, ConcurrencyError, StateConflictError: as for `instruct`.
    """
    require_permission(actor, CONFIRM)
    reference = _require_text(bank_reference, "bank_reference", LONGEST_REFERENCE)
    order = lock_order(session, order_id, row_version=row_version)
    changes = {"confirmed_by_id": actor.person_id, "confirmed_at": clock.now(), "bank_reference": reference}
    detail = {"bank_reference": reference}
    apply(session, order, CONFIRM, actor=actor, clock=clock, changes=changes, detail=detail, task_id=task_id)
    return order


def mark_unknown(
    session: Session,
    order_id: int,
    *,
    reason: str,
    actor: Actor,
    clock: Clock,
    task_id: int | None = None,
    row_version: int | None = None,
) -> PaymentOrder:
    """Record that the bank gave no clear answer; the order waits until it is confirmed or found unpaid.

    Raises:
        InvalidInputError: no reason.
        PermissionDeniedError, NotFoundError, ConcurrencyError, StateConflictError: as for `instruct`.
    """
    require_permission(actor, MARK_UNKNOWN)
    detail = {"reason": _require_text(reason, "reason", LONGEST_REASON)}
    order = lock_order(session, order_id, row_version=row_version)
    apply(session, order, MARK_UNKNOWN, actor=actor, clock=clock, detail=detail, task_id=task_id)
    return order


def mark_returned(
    session: Session,
    order_id: int,
    *,
    reason: str,
    actor: Actor,
    clock: Clock,
    task_id: int | None = None,
    row_version: int | None = None,
) -> PaymentOrder:
    """Record that the money came back, or was found never to have been paid; it may then be proposed anew.

    Raises:
        InvalidInputError: no reason.
        PermissionDeniedError, NotFoundError, ConcurrencyError, StateConflictError: as for `instruct`.
    """
    require_permission(actor, MARK_RETURNED)
    detail = {"reason": _require_text(reason, "reason", LONGEST_REASON)}
    order = lock_order(session, order_id, row_version=row_version)
    apply(session, order, MARK_RETURNED, actor=actor, clock=clock, detail=detail, task_id=task_id)
    return order


def _require_text(value: object, field: str, longest: int) -> str:
    if not isinstance(value, str) or not value.strip():
        raise InvalidInputError([FieldError(field, "required")])
    if len(value) > longest:
        raise InvalidInputError([FieldError(field, "too-long", {"maximum": longest})])
    return value.strip()
