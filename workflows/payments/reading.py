"""Orders and their signatures, for reading."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, aliased

from workflows.agencies.models import Person
from workflows.cases.models import Case
from workflows.events import EventType
from workflows.payments.models import PaymentEvent, PaymentOrder, PaymentStatus
from workflows.processes.models import ProcessDefinition, ProcessVersion


@dataclass(frozen=True)
class OrderView:
    """One order as shown. Money in 分; names as shown to colleagues, None where nobody has signed.

    `item_name` and `item_name_en` word `item` where it is the case's own process.
    """

    id: int
    no: str
    case_id: int
    case_no: str
    payee_key: str
    payee_name: str
    payee_account: str
    payee_bank: str
    item: str
    item_name: str
    item_name_en: str
    period: str
    amount_fen: int
    status: PaymentStatus
    maker: str
    maker_en: str
    checker: str | None
    checker_en: str | None
    releaser: str | None
    releaser_en: str | None
    confirmed_by: str | None
    bank_reference: str | None
    row_version: int
    proposed_at: datetime
    reviewed_at: datetime | None
    approved_at: datetime | None
    instructed_at: datetime | None
    confirmed_at: datetime | None


@dataclass(frozen=True)
class Signature:
    """One signature, standing or void; a void one stays on show with its reason.

    Args:
        event: what was signed: proposed, amended, reviewed or approved.
        person_id: by whom.
        person: the name.
        at: when.
        amount_fen: for which amount.
        is_void: a later change or return made it void.
        void_reason: why, where one was given.
    """

    event: EventType
    person_id: int
    person: str
    at: datetime
    amount_fen: int
    is_void: bool
    void_reason: str | None


_SIGNING = frozenset(
    {
        EventType.PAYMENT_PROPOSED,
        EventType.PAYMENT_AMENDED,
        EventType.PAYMENT_REVIEWED,
        EventType.PAYMENT_APPROVED,
    }
)
_MAKING = frozenset({EventType.PAYMENT_PROPOSED, EventType.PAYMENT_AMENDED})


def list_orders(session: Session, case_id: int) -> tuple[OrderView, ...]:
    """Return the orders of a case and of its child cases, by number of opening.

    The caller has made sure that its actor may read the case.
    """
    maker, checker, releaser, confirmer = (aliased(Person) for _ in range(4))
    rows = session.execute(
        select(
            PaymentOrder,
            Case.no,
            ProcessDefinition,
            maker,
            checker,
            releaser,
            confirmer,
        )
        .join(Case, Case.id == PaymentOrder.case_id)
        .join(ProcessVersion, ProcessVersion.id == Case.process_version_id)
        .join(ProcessDefinition, ProcessDefinition.key == ProcessVersion.key)
        .join(maker, maker.id == PaymentOrder.maker_id)
        .outerjoin(checker, checker.id == PaymentOrder.checker_id)
        .outerjoin(releaser, releaser.id == PaymentOrder.releaser_id)
        .outerjoin(confirmer, confirmer.id == PaymentOrder.confirmed_by_id)
        .where(or_(Case.id == case_id, Case.parent_id == case_id))
        .order_by(PaymentOrder.id)
    )
    return tuple(_view(*row) for row in rows)


def _view(
    order: PaymentOrder,
    case_no: str,
    process: ProcessDefinition,
    maker: Person,
    checker: Person | None,
    releaser: Person | None,
    confirmed_by: Person | None,
) -> OrderView:
    is_own = order.item == process.key
    return OrderView(
        id=order.id,
        no=order.no,
        case_id=order.case_id,
        case_no=case_no,
        payee_key=order.payee_key,
        payee_name=order.payee_name,
        payee_account=order.payee_account,
        payee_bank=order.payee_bank,
        item=order.item,
        item_name=process.name_zh if is_own else order.item,
        item_name_en=process.name_en if is_own else order.item,
        period=order.period,
        amount_fen=order.amount_fen,
        status=PaymentStatus(order.status),
        maker=maker.name_zh,
        maker_en=maker.name_en,
        checker=checker.name_zh if checker else None,
        checker_en=checker.name_en if checker else None,
        releaser=releaser.name_zh if releaser else None,
        releaser_en=releaser.name_en if releaser else None,
        confirmed_by=confirmed_by.name_zh if confirmed_by else None,
        bank_reference=order.bank_reference,
        row_version=order.row_version,
        proposed_at=order.proposed_at,
        reviewed_at=order.reviewed_at,
        approved_at=order.approved_at,
        instructed_at=order.instructed_at,
        confirmed_at=order.confirmed_at,
    )


def list_signatures(session: Session, order_id: int) -> tuple[Signature, ...]:
    """Return every signature an order ever had, in the order of signing, with what became of it."""
    rows = session.execute(
        select(PaymentEvent, Person.name_zh)
        .join(Person, Person.id == PaymentEvent.person_id)
        .where(PaymentEvent.order_id == order_id)
        .order_by(PaymentEvent.number)
    ).all()
    events = [row[0] for row in rows]
    return tuple(
        _signature(event, name, events[position + 1 :])
        for position, (event, name) in enumerate(rows)
        if EventType(event.event) in _SIGNING
    )


def _signature(signing: PaymentEvent, person: str, later: list[PaymentEvent]) -> Signature:
    voiding = next((event for event in later if _voids(event, signing)), None)
    return Signature(
        event=EventType(signing.event),
        person_id=signing.person_id,
        person=person,
        at=signing.at,
        amount_fen=signing.amount_fen,
        is_void=voiding is not None,
        void_reason=voiding.detail.get("reason") if voiding else None,
    )


def _voids(event: PaymentEvent, signing: PaymentEvent) -> bool:
    kind = EventType(event.event)
    if kind is EventType.PAYMENT_SIGNATURES_VOIDED:
        return EventType(signing.event) not in _MAKING
    return kind in _MAKING or kind is EventType.PAYMENT_VOIDED


def payments_section(session: Session, root_id: int) -> list[dict[str, object]]:
    """Return the orders of an ended case with their whole history, as JSON values for its archive."""
    return [
        {
            "no": order.no,
            "case_no": order.case_no,
            "payee_key": order.payee_key,
            "payee_name": order.payee_name,
            "payee_account": order.payee_account,
            "payee_bank": order.payee_bank,
            "item": order.item,
            "period": order.period,
            "amount_fen": order.amount_fen,
            "status": order.status.value,
            "bank_reference": order.bank_reference,
            "events": [_archived(event) for event in _events(session, order.id)],
        }
        for order in list_orders(session, root_id)
    ]


def paid_fen(session: Session, case_id: int) -> int:
    """Return what was paid in a case and its children, as the bank confirmed it."""
    paid = (
        select(func.sum(PaymentOrder.amount_fen))
        .join(Case, Case.id == PaymentOrder.case_id)
        .where(or_(Case.id == case_id, Case.parent_id == case_id), PaymentOrder.status == PaymentStatus.CONFIRMED)
    )
    return int(session.scalar(paid) or 0)


def _events(session: Session, order_id: int) -> Sequence[PaymentEvent]:
    return session.scalars(
        select(PaymentEvent).where(PaymentEvent.order_id == order_id).order_by(PaymentEvent.number)
    ).all()


def _archived(event: PaymentEvent) -> dict[str, object]:
    return {
        "event": event.event,
        "status": event.to_status,
        "person_id": event.person_id,
        "post_id": event.post_id,
        "at": event.at.isoformat(),
        "amount_fen": event.amount_fen,
        "payee_name": event.payee_name,
        "payee_account": event.payee_account,
        "detail": event.detail,
    }
