"""The money of a case."""

from __future__ import annotations

from datetime import datetime

from webapp.api.endpoint import Call, Routes
from webapp.api.v1.blueprint import blueprint
from webapp.api.v1.content.base import Outgoing, PageQuery
from webapp.api.v1.paging import page_of
from webapp.viewings import case_opened, note_opened
from workflows.cases.access import get_visible_case
from workflows.cases.part_of_family import part_of
from workflows.payments import OrderView, list_orders
from workflows.permissions import Permission

routes = Routes(blueprint, "Payments")


class PaymentOrder(Outgoing):
    """One payment to one payee; money in 分."""

    id: int
    no: str
    case_no: str
    payee_name: str
    payee_account: str
    payee_bank: str
    item: str
    item_name: str
    period: str
    amount_fen: int
    status: str
    maker: str
    checker: str | None
    releaser: str | None
    confirmed_by: str | None
    bank_reference: str | None
    row_version: int
    proposed_at: datetime
    reviewed_at: datetime | None
    approved_at: datetime | None
    instructed_at: datetime | None
    confirmed_at: datetime | None


class PaymentList(Outgoing):
    """Payment orders, the oldest first."""

    items: list[PaymentOrder]
    next: str | None


@routes.get("/cases/<case_no:no>/payments", Permission.CASE_READ, query=PageQuery, answer=PaymentList)
def list_payments(call: Call, no: str, query: PageQuery) -> PaymentList:
    """List the payment orders of a case and of those of its child cases that the reader sees."""
    case = get_visible_case(call.session, no, actor=call.actor)
    part = part_of(call.session, case, actor=call.actor)
    orders = [order for order in list_orders(call.session, case.id) if order.case_id in part.case_ids]
    shown, following = page_of(orders, lambda order: order.no, query)
    found = PaymentList(items=[_order(order, call) for order in shown], next=following)
    note_opened(case_opened(no), call.actor)  # accounts of payees are among it
    return found


def _order(order: OrderView, call: Call) -> PaymentOrder:
    return PaymentOrder(
        id=order.id,
        no=order.no,
        case_no=order.case_no,
        payee_name=order.payee_name,
        payee_account=order.payee_account,
        payee_bank=order.payee_bank,
        item=order.item,
        item_name=order.item_name_en if call.language == "en" else order.item_name,
        period=order.period,
        amount_fen=order.amount_fen,
        status=order.status.value,
        maker=order.maker,
        checker=order.checker,
        releaser=order.releaser,
        confirmed_by=order.confirmed_by,
        bank_reference=order.bank_reference,
        row_version=order.row_version,
        proposed_at=order.proposed_at,
        reviewed_at=order.reviewed_at,
        approved_at=order.approved_at,
        instructed_at=order.instructed_at,
        confirmed_at=order.confirmed_at,
    )
