"""What completing a payment step of a case does to its payment order, and what returning before it undoes.

The amount comes from the province's recognition and the account from the application; neither is ever made up, and a
subsidy goes only to an account that the enterprise itself holds (policy 运政发〔2019〕3号, measure 2).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.cases.archive import register_section
from workflows.cases.effects import EffectContext, EffectUndo, TaskEffect, register_effect
from workflows.cases.models import Case
from workflows.cases.official.statement import register_paid
from workflows.errors import FieldError, InvalidInputError, NotFoundError, StateConflictError
from workflows.payments.models import PaymentOrder, PaymentStatus
from workflows.payments.reading import paid_fen, payments_section
from workflows.payments.settling import confirm, instruct, mark_returned, mark_unknown
from workflows.payments.signing import approve, propose, review
from workflows.payments.terms import PaymentTerms, terms_of
from workflows.payments.transitions import PROPOSE, VOID, VOID_SIGNATURES
from workflows.payments.voiding import void_order, void_signatures
from workflows.processes.models import ProcessVersion

RECOGNITION_STEP = "recognise"
"""The node whose form carries `amount_fen` and `document_number`."""


def propose_payment(session: Session, context: EffectContext, /) -> None:
    """Make the order for the amount recognised, to the issuer's own account.

    Raises:
        InvalidInputError: no amount was recognised, the account is missing or another's, or no period was given.
        StateConflictError: this case has an order under way or paid.
    """
    terms = _terms(session, context, period=_text(context.data, "period"))
    live = _find_live(session, context)
    if live is not None and live.status != PaymentStatus.RETURNED:
        raise StateConflictError("payment_order", live.no, live.status, PROPOSE.name)
    if live is not None and (live.payee_key, live.period) != (terms.payee_key, terms.period):
        # The order whose money came back makes room, or two of them could both be paid.
        _void(session, live, "replaced", context)
    propose(session, context.case_id, terms, actor=context.actor, clock=context.clock, task_id=context.task_id)


def review_payment(session: Session, context: EffectContext, /) -> None:
    """Sign the order as checker, for terms that still are the application's and the recognition's."""
    order = _get_unchanged(session, context)
    review(session, order.id, actor=context.actor, clock=context.clock, task_id=context.task_id)


def approve_payment(session: Session, context: EffectContext, /) -> None:
    """Sign the order as releaser; releasing it is sending it to the bank."""
    order = _get_unchanged(session, context)
    approve(session, order.id, actor=context.actor, clock=context.clock, task_id=context.task_id)
    instruct(session, order.id, actor=context.actor, clock=context.clock, task_id=context.task_id)


def settle_payment(session: Session, context: EffectContext, /) -> None:
    """Record what the bank said: `confirmed`, `unknown` or `returned`, the ids of the step's decisions.

    Raises:
        InvalidInputError: the decision is none of these, or the bank reference or the reason is missing.
    """
    order = _get_live(session, context)
    common: dict[str, Any] = {"actor": context.actor, "clock": context.clock, "task_id": context.task_id}
    if context.decision == "confirmed":
        confirm(session, order.id, bank_reference=_text(context.data, "bank_reference"), **common)
    elif context.decision == "unknown":
        mark_unknown(session, order.id, reason=_text(context.data, "reason"), **common)
    elif context.decision == "returned":
        mark_returned(session, order.id, reason=_text(context.data, "reason"), **common)
    else:
        raise InvalidInputError([FieldError("decision", "unknown")])


def undo_proposal(session: Session, context: EffectContext, /) -> None:
    """Make the order void, unless it was sent.

    Raises:
        StateConflictError: the order was sent; find out first what became of it.
    """
    order = _find_live(session, context)
    if order is not None:
        _void(session, order, _RETURNED_CASE, context)


def undo_signature(session: Session, context: EffectContext, /) -> None:
    """Make the checker's and releaser's signatures void, unless the order was sent.

    Raises:
        StateConflictError: the order was sent; find out first what became of it.
    """
    order = _find_live(session, context)
    if order is None or order.status == PaymentStatus.PROPOSED:
        return
    if order.status == PaymentStatus.RETURNED:
        # Nothing to take back: the money is here, and the order must be proposed and signed anew in any case.
        return
    void_signatures(
        session,
        order.id,
        reason=_RETURNED_CASE,
        actor=context.actor,
        clock=context.clock,
        task_id=context.task_id,
    )


def undo_settlement(session: Session, context: EffectContext, /) -> None:
    """Refuse: what the bank said cannot be unsaid by returning the case.

    Raises:
        StateConflictError: the payment was confirmed, or its outcome is unknown.
    """
    order = _find_live(session, context)
    if order is not None and order.status not in VOID.sources | VOID_SIGNATURES.sources:
        raise StateConflictError("payment_order", order.no, order.status, "return")


EFFECTS: Mapping[str, tuple[TaskEffect, EffectUndo]] = {
    "payment.propose": (propose_payment, undo_proposal),
    "payment.review": (review_payment, undo_signature),
    "payment.approve": (approve_payment, undo_signature),
    "payment.confirm": (settle_payment, undo_settlement),
}
"""Name in the diagram → what completing does, and what returning before it undoes."""

_RETURNED_CASE = "case-returned"


_SIGNING = frozenset({"payment.propose", "payment.review", "payment.approve"})
"""Maker, checker and releaser: three persons, which no diagram can relax."""

for _name, (_effect, _undo) in EFFECTS.items():
    register_effect(_name, _effect, undo=_undo, apart=_SIGNING - {_name} if _name in _SIGNING else frozenset())
register_section("payments", payments_section)
register_paid(paid_fen)


def _void(session: Session, order: PaymentOrder, reason: str, context: EffectContext) -> None:
    void_order(session, order.id, reason=reason, actor=context.actor, clock=context.clock, task_id=context.task_id)


def _terms(session: Session, context: EffectContext, *, period: str) -> PaymentTerms:
    payee = _payee(context)
    return PaymentTerms(
        payee_key=payee["uscc"],
        payee_name=payee["account_name"],
        payee_account=payee["account_no"],
        payee_bank=payee["account_bank"],
        item=_item(session, context.case_id),
        period=period,
        amount_fen=_recognised_fen(context),
    )


def _payee(context: EffectContext) -> Mapping[str, Any]:
    """Return the issuer paid: the one this child case is about, or the only one of the application."""
    issuers = context.form.get("issuers") or []
    payee = context.item if context.item is not None else issuers[0] if len(issuers) == 1 else None
    if payee is None:
        raise InvalidInputError([FieldError("issuer", "required")])
    missing = [
        FieldError(f"issuer.{name}", "required")
        for name in ("uscc", "name", "account_name", "account_no", "account_bank")
        if not str(payee.get(name) or "").strip()
    ]
    if missing:
        raise InvalidInputError(missing)
    if payee["account_name"] != payee["name"]:
        raise InvalidInputError([FieldError("issuer.account_name", "not-own-account", {"name": payee["name"]})])
    return payee


def _recognised_fen(context: EffectContext) -> int:
    amount = context.steps.get(RECOGNITION_STEP, {}).get("amount_fen")
    if isinstance(amount, bool) or not isinstance(amount, int):
        raise InvalidInputError([FieldError("amount_fen", "not-recognised")])
    return amount


def _text(data: Mapping[str, Any], name: str) -> str:
    value = data.get(name)
    if not isinstance(value, str) or not value.strip():
        raise InvalidInputError([FieldError(name, "required")])
    return value.strip()


def _item(session: Session, case_id: int) -> str:
    return session.scalars(
        select(ProcessVersion.key).join(Case, Case.process_version_id == ProcessVersion.id).where(Case.id == case_id)
    ).one()


def _find_live(session: Session, context: EffectContext) -> PaymentOrder | None:
    """Return the case's own order that is not void; there is at most one, whatever became of the application since."""
    return session.scalars(
        select(PaymentOrder).where(
            PaymentOrder.case_id == context.case_id,
            PaymentOrder.item == _item(session, context.case_id),
            PaymentOrder.status != PaymentStatus.VOIDED.value,
        )
    ).one_or_none()


def _get_live(session: Session, context: EffectContext) -> PaymentOrder:
    order = _find_live(session, context)
    if order is None:
        raise NotFoundError("payment_order", context.case_no)
    return order


def _get_unchanged(session: Session, context: EffectContext) -> PaymentOrder:
    """Return the live order; refuse one whose amount, payee or account no longer is what the case says."""
    order = _get_live(session, context)
    if terms_of(order) != _terms(session, context, period=order.period):
        raise StateConflictError("payment_order", order.no, "terms-changed", context.node_id)
    return order
