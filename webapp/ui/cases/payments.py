"""Payment orders of a case in rows: who is paid, how much, and which three persons have signed."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp import wording
from webapp.translation import _
from webapp.ui.formats import moment
from webapp.ui.language import pick
from webapp.ui.tasks.models import PaymentLine
from workflows.cases.models import Case
from workflows.cases.part_of_family import part_of
from workflows.payments.models import PaymentStatus
from workflows.payments.reading import OrderView, list_orders
from workflows.permissions import Actor

_LIGHTS = {
    PaymentStatus.CONFIRMED: "green",
    PaymentStatus.UNKNOWN: "red",
    PaymentStatus.RETURNED: "red",
    PaymentStatus.VOIDED: "minus",
}


def payment_lines(session: Session, case_no: str, *, actor: Actor) -> tuple[PaymentLine, ...]:
    """Return the orders of a case and of those of its child cases that the reader sees.

    The caller has checked that the reader may see the case.
    """
    case = session.scalars(select(Case).where(Case.no == case_no)).one()
    part = part_of(session, case, actor=actor)
    return tuple(_line(order) for order in list_orders(session, case.id) if order.case_id in part.case_ids)


def _line(order: OrderView) -> PaymentLine:
    return PaymentLine(
        payee=order.payee_name,
        account=f"{order.payee_bank} {order.payee_account}",
        amount_fen=order.amount_fen,
        light=_LIGHTS.get(order.status, "blue"),
        word=wording.payment_status(order.status),
        note="\n".join(_signed(order)),
    )


def _signed(order: OrderView) -> Sequence[str]:
    lines = [_("制单%(person)s", person=pick(order.maker, order.maker_en))]
    if order.checker:
        lines.append(_("复核%(person)s", person=pick(order.checker, order.checker_en or order.checker)))
    if order.releaser:
        lines.append(_("签发%(person)s", person=pick(order.releaser, order.releaser_en or order.releaser)))
    if order.bank_reference and order.confirmed_at:
        lines.append(_("回单%(reference)s，%(at)s", reference=order.bank_reference, at=moment(order.confirmed_at)))
    return lines
