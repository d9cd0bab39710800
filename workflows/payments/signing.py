"""From proposal to approval: three signatures by three persons, all for the same terms."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from workflows.clock import Clock
from workflows.errors import StateConflictError
from workflows.payments.models import PaymentOrder, PaymentStatus
from workflows.payments.recording import (
    STEPS,
    apply,
    lock_order,
    record,
    require_other_person,
    require_permission,
    require_running_case,
    signatures_of,
    signed,
)
from workflows.payments.terms import PaymentTerms, terms_of
from workflows.payments.transitions import AMEND, APPROVE, PROPOSE, REVIEW
from workflows.permissions import Actor


def propose(
    session: Session, case_id: int, terms: PaymentTerms, *, actor: Actor, clock: Clock, task_id: int | None = None
) -> PaymentOrder:
    """Make a payment order; the actor becomes its maker.

    An order of the same case, payee, item and period that was voided, or whose money came back, is taken up again:
    there is never a second one.

    Raises:
        PermissionDeniedError: the acting post may not propose payments.
        InvalidInputError: the terms cannot be paid.
        NotFoundError: there is no such case.
        StateConflictError: the case is not running, or such an order is under way or paid.
    """
    require_permission(actor, PROPOSE)
    terms.check()
    case = require_running_case(session, case_id, "propose a payment")
    order = _find_same(session, case_id, terms)
    if order is None:
        order = _open(session, case_id, case.no, terms, actor=actor, clock=clock)
        record(session, order, PROPOSE, None, actor=actor, clock=clock, detail=None, task_id=task_id)
        return order
    _sign_anew(session, order, terms, actor=actor, clock=clock, task_id=task_id)
    return order


def amend(
    session: Session,
    order_id: int,
    terms: PaymentTerms,
    *,
    actor: Actor,
    clock: Clock,
    task_id: int | None = None,
    row_version: int | None = None,
) -> PaymentOrder:
    """Change the terms of an order not yet sent; every earlier signature is void and the actor becomes its maker.

    The same terms again change nothing, so no signature is lost.

    Raises:
        PermissionDeniedError: the acting post may not propose payments.
        InvalidInputError: the terms cannot be paid.
        NotFoundError: there is no such order.
        ConcurrencyError: it changed since `row_version` was read.
        StateConflictError: it was sent already, or the new terms are those of another order.
    """
    require_permission(actor, AMEND)
    terms.check()
    order = lock_order(session, order_id, row_version=row_version)
    require_running_case(session, order.case_id, AMEND.name)
    if PaymentStatus(order.status) in AMEND.sources and terms_of(order) == terms:
        return order
    other = _find_same(session, order.case_id, terms)
    if other is not None and other.id != order.id:
        raise StateConflictError("payment_order", other.no, other.status, AMEND.name)
    before = terms_of(order)
    voided = signatures_of(order)
    terms.write_to(order)
    apply(
        session,
        order,
        AMEND,
        actor=actor,
        clock=clock,
        changes={**UNSIGNED, **signed("maker_id", actor), "proposed_at": clock.now()},
        detail={"voided": voided, "amount_fen_before": before.amount_fen, "payee_before": before.payee_name},
        task_id=task_id,
    )
    return order


def review(
    session: Session,
    order_id: int,
    *,
    actor: Actor,
    clock: Clock,
    task_id: int | None = None,
    row_version: int | None = None,
) -> PaymentOrder:
    """Sign as checker.

    Raises:
        PermissionDeniedError: the acting post may not review payments.
        SamePersonError: the actor made the order.
        NotFoundError, ConcurrencyError, StateConflictError: as for `amend`.
    """
    require_permission(actor, REVIEW)
    order = lock_order(session, order_id, row_version=row_version)
    require_running_case(session, order.case_id, REVIEW.name)
    require_other_person(order, actor, step=STEPS["checker_id"], unlike=("maker_id",))
    changes = {**signed("checker_id", actor), "reviewed_at": clock.now()}
    apply(session, order, REVIEW, actor=actor, clock=clock, changes=changes, task_id=task_id)
    return order


def approve(
    session: Session,
    order_id: int,
    *,
    actor: Actor,
    clock: Clock,
    task_id: int | None = None,
    row_version: int | None = None,
) -> PaymentOrder:
    """Sign as releaser.

    Raises:
        PermissionDeniedError: the acting post may not approve payments.
        SamePersonError: the actor made or checked the order.
        NotFoundError, ConcurrencyError, StateConflictError: as for `amend`.
    """
    require_permission(actor, APPROVE)
    order = lock_order(session, order_id, row_version=row_version)
    require_running_case(session, order.case_id, APPROVE.name)
    require_other_person(order, actor, step=STEPS["releaser_id"], unlike=("maker_id", "checker_id"))
    changes = {**signed("releaser_id", actor), "approved_at": clock.now()}
    apply(session, order, APPROVE, actor=actor, clock=clock, changes=changes, task_id=task_id)
    return order


UNSIGNED: dict[str, object] = {
    "checker_id": None,
    "checker_for_id": None,
    "reviewed_at": None,
    "releaser_id": None,
    "releaser_for_id": None,
    "approved_at": None,
    "instructed_at": None,
    "confirmed_by_id": None,
    "confirmed_at": None,
    "bank_reference": None,
}
"""The columns of an order that nobody but its maker has signed."""


def _find_same(session: Session, case_id: int, terms: PaymentTerms) -> PaymentOrder | None:
    return session.scalars(
        select(PaymentOrder)
        .where(
            PaymentOrder.case_id == case_id,
            PaymentOrder.payee_key == terms.payee_key,
            PaymentOrder.item == terms.item,
            PaymentOrder.period == terms.period,
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()


def _open(
    session: Session, case_id: int, case_no: str, terms: PaymentTerms, *, actor: Actor, clock: Clock
) -> PaymentOrder:
    count = session.scalar(select(func.count()).select_from(PaymentOrder).where(PaymentOrder.case_id == case_id)) or 0
    order = PaymentOrder(
        no=f"{case_no}-{count + 1}",
        case_id=case_id,
        status=PROPOSE.target.value,
        maker_id=actor.person_id,
        maker_for_id=actor.on_behalf_of,
        row_version=1,
        proposed_at=clock.now(),
    )
    terms.write_to(order)
    try:
        with session.begin_nested():
            session.add(order)
    except IntegrityError as error:
        raise StateConflictError("payment_order", order.no, "already there", PROPOSE.name) from error
    return order


def _sign_anew(
    session: Session,
    order: PaymentOrder,
    terms: PaymentTerms,
    *,
    actor: Actor,
    clock: Clock,
    task_id: int | None,
) -> None:
    voided, bank_reference = signatures_of(order), order.bank_reference
    if PaymentStatus(order.status) in PROPOSE.sources:
        terms.write_to(order)
    apply(
        session,
        order,
        PROPOSE,
        actor=actor,
        clock=clock,
        changes={**UNSIGNED, **signed("maker_id", actor), "proposed_at": clock.now()},
        detail={"voided": voided, "bank_reference_before": bank_reference},
        task_id=task_id,
    )
