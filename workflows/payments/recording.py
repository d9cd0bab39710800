"""The one way an order changes: checked against its transition, written, and recorded twice over."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows import audit
from workflows.cases.models import ENDED, Case, CaseStatus
from workflows.clock import Clock
from workflows.errors import ConcurrencyError, NotFoundError, PermissionDeniedError, SamePersonError, StateConflictError
from workflows.payments.models import PaymentEvent, PaymentOrder, PaymentStatus
from workflows.payments.transitions import Transition
from workflows.permissions import Actor

STEPS = {"maker_id": "payment.propose", "checker_id": "payment.review", "releaser_id": "payment.approve"}


def lock_order(session: Session, order_id: int, *, row_version: int | None = None) -> PaymentOrder:
    """Return the order, locked until the transaction ends.

    Raises:
        NotFoundError: there is no such order.
        ConcurrencyError: it changed since `row_version` was read.
    """
    order = session.scalars(
        select(PaymentOrder)
        .where(PaymentOrder.id == order_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if order is None:
        raise NotFoundError("payment_order", order_id)
    if row_version is not None and order.row_version != row_version:
        raise ConcurrencyError("payment_order", order.no)
    return order


def require_permission(actor: Actor, transition: Transition) -> None:
    """Raise `PermissionDeniedError` unless the acting post may do this."""
    if not actor.may(transition.permission):
        raise PermissionDeniedError(transition.permission)


def require_running_case(session: Session, case_id: int, wanted: str) -> Case:
    """Return the order's case, locked; refuse one that has ended or is suspended, itself or its parent.

    Raises:
        NotFoundError: there is no such case.
        StateConflictError: no new step towards payment may be taken in it now.
    """
    case = session.scalars(select(Case).where(Case.id == case_id).with_for_update()).one_or_none()
    if case is None:
        raise NotFoundError("case", case_id)
    root = case if case.root_id in (None, case.id) else session.get_one(Case, case.root_id, populate_existing=True)
    for one in (case, root):
        if one.status in ENDED or one.status == CaseStatus.SUSPENDED:
            raise StateConflictError("case", one.no, one.status, wanted)
    return case


def require_other_person(order: PaymentOrder, actor: Actor, *, step: str, unlike: tuple[str, ...]) -> None:
    """Raise `SamePersonError` if the actor, or whom they stand in for, already has one of the parts `unlike`.

    A part is had by whoever signed and by the person whose work it was.
    """
    for column in unlike:
        if {getattr(order, column), getattr(order, whose(column))} & actor.person_ids:
            raise SamePersonError(step, STEPS[column])


def whose(column: str) -> str:
    """Return the column that says for whom the person in `column` signed, where they stood in for somebody."""
    return column.replace("_id", "_for_id")


def signed(column: str, actor: Actor) -> dict[str, object]:
    """Return the values of an order that the actor signs in the part `column`."""
    return {column: actor.person_id, whose(column): actor.on_behalf_of}


def apply(
    session: Session,
    order: PaymentOrder,
    transition: Transition,
    *,
    actor: Actor,
    clock: Clock,
    changes: Mapping[str, object] | None = None,
    detail: Mapping[str, Any] | None = None,
    task_id: int | None = None,
) -> None:
    """Move an order along a transition, with its event and its audit entry, in this transaction.

    Args:
        session: the transaction.
        order: as `lock_order` gave it.
        transition: the move.
        actor: who does it.
        clock: tells when.
        changes: columns to set beside the status.
        detail: JSON values for the history.
        task_id: the human task it was done in, if any.

    Raises:
        PermissionDeniedError: the acting post is not granted the transition's permission.
        StateConflictError: the order is not in one of the transition's sources.
    """
    require_permission(actor, transition)
    before = PaymentStatus(order.status)
    if before not in transition.sources:
        raise StateConflictError("payment_order", order.no, order.status, transition.name)
    order.status = transition.target.value
    # An update even where no column differs: the row version counts the events.
    order.row_version += 1
    for column, value in (changes or {}).items():
        setattr(order, column, value)
    record(session, order, transition, before, actor=actor, clock=clock, detail=detail, task_id=task_id)


def record(
    session: Session,
    order: PaymentOrder,
    transition: Transition,
    before: PaymentStatus | None,
    *,
    actor: Actor,
    clock: Clock,
    detail: Mapping[str, Any] | None,
    task_id: int | None,
) -> None:
    """Write the event and the audit entry of a move already made on the row; flushes."""
    session.flush()
    session.add(
        PaymentEvent(
            order_id=order.id,
            number=order.row_version,
            event=transition.event.value,
            from_status=before.value if before else None,
            to_status=order.status,
            person_id=actor.person_id,
            post_id=actor.post_id,
            at=clock.now(),
            amount_fen=order.amount_fen,
            payee_name=order.payee_name,
            payee_account=order.payee_account,
            detail=dict(detail or {}),
        )
    )
    payload = {"order": order.no, "status": order.status, "amount_fen": order.amount_fen, "payee": order.payee_name}
    audit.append(
        session,
        actor=actor,
        event=transition.event,
        case_id=order.case_id,
        task_id=task_id,
        payload=payload | dict(detail or {}),
        clock=clock,
    )


def signatures_of(order: PaymentOrder) -> list[dict[str, object]]:
    """Return the signatures standing on the order, as JSON for the record of their being made void."""
    standing = [
        ("propose", order.maker_id, order.proposed_at),
        ("review", order.checker_id, order.reviewed_at),
        ("approve", order.releaser_id, order.approved_at),
    ]
    return [
        {"step": step, "person_id": person_id, "at": at.isoformat() if at else None}
        for step, person_id, at in standing
        if person_id is not None
    ]
