"""Every move of a payment order: those that exist, all those that do not, and who may make them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.factories.payments import TERMS, Bureau
from tests.factories.rows import add_case
from workflows.audit import AuditEntry
from workflows.cases.models import Case, CaseStatus
from workflows.clock import FixedClock
from workflows.errors import (
    ConcurrencyError,
    InvalidInputError,
    NotFoundError,
    PermissionDeniedError,
    SamePersonError,
    StateConflictError,
)
from workflows.events import EventType
from workflows.money import MAX_FEN
from workflows.payments import (
    TRANSITIONS,
    PaymentEvent,
    PaymentOrder,
    PaymentStatus,
    PaymentTerms,
    Transition,
    amend,
    approve,
    confirm,
    instruct,
    list_orders,
    list_signatures,
    mark_returned,
    mark_unknown,
    propose,
    review,
    void_order,
    void_signatures,
)
from workflows.permissions import Actor, Permission, PostKind

RICHER = replace(TERMS, amount_fen=TERMS.amount_fen + 1)
Move = Callable[[Session, PaymentOrder, Bureau, FixedClock], PaymentOrder]

MOVES: dict[str, Move] = {
    "propose": lambda s, o, b, c: propose(s, o.case_id, TERMS, actor=b.maker, clock=c),
    "amend": lambda s, o, b, c: amend(s, o.id, RICHER, actor=b.other_maker, clock=c),
    "review": lambda s, o, b, c: review(s, o.id, actor=b.checker, clock=c),
    "approve": lambda s, o, b, c: approve(s, o.id, actor=b.releaser, clock=c),
    "instruct": lambda s, o, b, c: instruct(s, o.id, actor=b.releaser, clock=c),
    "confirm": lambda s, o, b, c: confirm(s, o.id, bank_reference="HD-0001", actor=b.maker, clock=c),
    "mark unknown": lambda s, o, b, c: mark_unknown(s, o.id, reason="银行无回复", actor=b.maker, clock=c),
    "mark returned": lambda s, o, b, c: mark_returned(s, o.id, reason="账号有误", actor=b.maker, clock=c),
    "void signatures": lambda s, o, b, c: void_signatures(s, o.id, reason="退回", actor=b.checker, clock=c),
    "void": lambda s, o, b, c: void_order(s, o.id, reason="撤销", actor=b.checker, clock=c),
}
WAYS: dict[PaymentStatus, tuple[str, ...]] = {
    PaymentStatus.PROPOSED: (),
    PaymentStatus.REVIEWED: ("review",),
    PaymentStatus.APPROVED: ("review", "approve"),
    PaymentStatus.INSTRUCTED: ("review", "approve", "instruct"),
    PaymentStatus.CONFIRMED: ("review", "approve", "instruct", "confirm"),
    PaymentStatus.UNKNOWN: ("review", "approve", "instruct", "mark unknown"),
    PaymentStatus.RETURNED: ("review", "approve", "instruct", "mark returned"),
    PaymentStatus.VOIDED: ("void",),
}


def order_in(session: Session, case: Case, bureau: Bureau, clock: FixedClock, status: PaymentStatus) -> PaymentOrder:
    order = propose(session, case.id, TERMS, actor=bureau.maker, clock=clock)
    for move in WAYS[status]:
        MOVES[move](session, order, bureau, clock)
    assert order.status == status
    return order


def test_every_transition_has_a_move_and_every_status_a_way() -> None:
    assert {transition.name for transition in TRANSITIONS} == set(MOVES)
    assert set(WAYS) == set(PaymentStatus)


@pytest.mark.parametrize("status", PaymentStatus)
@pytest.mark.parametrize("transition", TRANSITIONS, ids=lambda transition: transition.name)
def test_a_move_is_made_and_recorded_from_its_sources_and_refused_from_all_others(
    session: Session, case: Case, bureau: Bureau, clock: FixedClock, transition: Transition, status: PaymentStatus
) -> None:
    order = order_in(session, case, bureau, clock, status)
    events = session.scalar(select(func.count()).select_from(PaymentEvent))
    version = order.row_version
    move = MOVES[transition.name]
    if status in transition.sources:
        move(session, order, bureau, clock)
        assert order.status == transition.target
        last = session.scalars(select(PaymentEvent).order_by(PaymentEvent.number.desc())).first()
        assert last is not None
        assert (last.event, last.from_status, last.to_status) == (transition.event, status, transition.target)
        assert order.row_version == version + 1 == last.number
        session.commit()
        entry = session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
        assert entry is not None
        assert (entry.event, entry.case_id, entry.payload["order"]) == (transition.event, case.id, order.no)
    else:
        with pytest.raises(StateConflictError):
            move(session, order, bureau, clock)
        session.expire_all()
        assert (order.status, order.row_version) == (status, version)
        assert session.scalar(select(func.count()).select_from(PaymentEvent)) == events


@pytest.mark.parametrize("transition", TRANSITIONS, ids=lambda transition: transition.name)
def test_a_move_needs_its_permission(
    session: Session, case: Case, bureau: Bureau, clock: FixedClock, transition: Transition
) -> None:
    order = order_in(session, case, bureau, clock, min(transition.sources))
    nobody = replace(bureau, maker=bureau.clerk, other_maker=bureau.clerk, checker=bureau.clerk, releaser=bureau.clerk)
    with pytest.raises(PermissionDeniedError):
        MOVES[transition.name](session, order, nobody, clock)


def test_applicants_and_administrators_may_do_nothing_with_money() -> None:
    money = {permission for permission in Permission if permission.value.startswith("payment:")}
    outsiders = {PostKind.APPLICANT, PostKind.SYSTEM_ADMIN, PostKind.SECURITY_ADMIN, PostKind.AUDIT_ADMIN}
    assert money
    for kind in outsiders:
        assert not any(Actor(1, "", 1, kind, 1, "", "").may(permission) for permission in money)


def as_kind(actor: Actor, kind: PostKind) -> Actor:
    return replace(actor, post_kind=kind)


def test_the_maker_cannot_check_even_in_another_post(
    session: Session, case: Case, bureau: Bureau, clock: FixedClock
) -> None:
    order = order_in(session, case, bureau, clock, PaymentStatus.PROPOSED)
    with pytest.raises(SamePersonError) as refused:
        review(session, order.id, actor=as_kind(bureau.maker, PostKind.REVIEWER), clock=clock)
    assert (refused.value.node_id, refused.value.other_node_id) == ("payment.review", "payment.propose")


def test_neither_maker_nor_checker_can_release(session: Session, case: Case, bureau: Bureau, clock: FixedClock) -> None:
    order = order_in(session, case, bureau, clock, PaymentStatus.REVIEWED)
    for actor in (bureau.maker, bureau.checker):
        with pytest.raises(SamePersonError):
            approve(session, order.id, actor=as_kind(actor, PostKind.LEADER), clock=clock)


def test_there_is_one_order_for_a_case_payee_item_and_period(
    session: Session, case: Case, bureau: Bureau, clock: FixedClock
) -> None:
    order = order_in(session, case, bureau, clock, PaymentStatus.CONFIRMED)
    with pytest.raises(StateConflictError):
        propose(session, case.id, RICHER, actor=bureau.maker, clock=clock)
    other = propose(session, case.id, replace(TERMS, period="2020"), actor=bureau.maker, clock=clock)
    assert (order.no, other.no) == (f"{case.no}-1", f"{case.no}-2")


def test_money_that_came_back_is_proposed_on_the_same_order_and_signed_anew(
    session: Session, case: Case, bureau: Bureau, clock: FixedClock
) -> None:
    order = order_in(session, case, bureau, clock, PaymentStatus.RETURNED)
    corrected = replace(TERMS, payee_account="1405000000009999")
    again = propose(session, case.id, corrected, actor=bureau.other_maker, clock=clock)
    assert again.id == order.id
    assert (order.status, order.payee_account, order.maker_id) == (
        PaymentStatus.PROPOSED,
        corrected.payee_account,
        bureau.other_maker.person_id,
    )
    assert (order.checker_id, order.releaser_id, order.bank_reference) == (None, None, None)


@pytest.mark.parametrize(
    "changed",
    [
        RICHER,
        replace(TERMS, payee_account="1405000000009999"),
        replace(TERMS, payee_name="乙玻璃有限公司", payee_key="91140800MA0ABCDE2X"),
    ],
    ids=["amount", "account", "payee"],
)
def test_a_changed_amount_account_or_payee_voids_every_signature(
    session: Session, case: Case, bureau: Bureau, clock: FixedClock, changed: PaymentTerms
) -> None:
    order = order_in(session, case, bureau, clock, PaymentStatus.APPROVED)
    amend(session, order.id, changed, actor=bureau.other_maker, clock=clock)
    assert (order.status, order.checker_id, order.releaser_id) == (PaymentStatus.PROPOSED, None, None)
    assert [(s.event, s.is_void, s.amount_fen) for s in list_signatures(session, order.id)] == [
        (EventType.PAYMENT_PROPOSED, True, TERMS.amount_fen),
        (EventType.PAYMENT_REVIEWED, True, TERMS.amount_fen),
        (EventType.PAYMENT_APPROVED, True, TERMS.amount_fen),
        (EventType.PAYMENT_AMENDED, False, changed.amount_fen),
    ]
    with pytest.raises(StateConflictError):
        instruct(session, order.id, actor=bureau.releaser, clock=clock)


def test_the_same_terms_again_cost_no_signature(
    session: Session, case: Case, bureau: Bureau, clock: FixedClock
) -> None:
    order = order_in(session, case, bureau, clock, PaymentStatus.REVIEWED)
    amend(session, order.id, TERMS, actor=bureau.maker, clock=clock)
    assert (order.status, order.row_version) == (PaymentStatus.REVIEWED, 2)


def test_an_order_cannot_be_amended_into_another_one(
    session: Session, case: Case, bureau: Bureau, clock: FixedClock
) -> None:
    order_in(session, case, bureau, clock, PaymentStatus.VOIDED)
    other = propose(session, case.id, replace(TERMS, period="2020"), actor=bureau.maker, clock=clock)
    with pytest.raises(StateConflictError):
        amend(session, other.id, TERMS, actor=bureau.maker, clock=clock)


def test_returning_the_review_keeps_the_makers_signature(
    session: Session, case: Case, bureau: Bureau, clock: FixedClock
) -> None:
    order = order_in(session, case, bureau, clock, PaymentStatus.REVIEWED)
    void_signatures(session, order.id, reason="金额依据不清", actor=bureau.releaser, clock=clock)
    made, checked = list_signatures(session, order.id)
    assert (made.is_void, checked.is_void, checked.void_reason) == (False, True, "金额依据不清")
    review(session, order.id, actor=bureau.checker, clock=clock)
    assert [s.is_void for s in list_signatures(session, order.id)] == [False, True, False]


@pytest.mark.parametrize("amount", [0, -1, 1.5, "100", True, MAX_FEN + 1], ids=repr)
def test_an_amount_that_is_no_positive_whole_number_of_fen_is_refused(
    session: Session, case: Case, bureau: Bureau, clock: FixedClock, amount: object
) -> None:
    terms = replace(TERMS, amount_fen=amount)  # type: ignore[arg-type]  # what a careless caller might send
    with pytest.raises(InvalidInputError) as refused:
        propose(session, case.id, terms, actor=bureau.maker, clock=clock)
    assert refused.value.errors[0].field == "amount_fen"
    assert list_orders(session, case.id) == ()


@pytest.mark.parametrize("part", ["payee_key", "payee_name", "payee_account", "payee_bank", "item", "period"])
@pytest.mark.parametrize(("value", "code"), [("", "required"), ("  ", "required"), ("长" * 300, "too-long")])
def test_an_empty_or_overlong_part_is_named(part: str, value: str, code: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        replace(TERMS, **{part: value}).check()
    assert [(error.field, error.code) for error in refused.value.errors] == [(part, code)]


def test_a_payment_is_not_confirmed_without_a_bank_reference(
    session: Session, case: Case, bureau: Bureau, clock: FixedClock
) -> None:
    order = order_in(session, case, bureau, clock, PaymentStatus.INSTRUCTED)
    with pytest.raises(InvalidInputError):
        confirm(session, order.id, bank_reference=" ", actor=bureau.maker, clock=clock)
    assert order.status == PaymentStatus.INSTRUCTED


@pytest.mark.parametrize("status", [CaseStatus.SUSPENDED, CaseStatus.TERMINATED, CaseStatus.CLOSED])
def test_no_step_towards_payment_is_taken_while_the_case_or_its_parent_does_not_run(
    session: Session, bureau: Bureau, clock: FixedClock, status: CaseStatus
) -> None:
    parent = add_case(session, bureau.maker)
    child = add_case(session, bureau.maker, parent=parent)
    order = propose(session, child.id, TERMS, actor=bureau.maker, clock=clock)
    parent.status = status
    session.flush()
    with pytest.raises(StateConflictError):
        review(session, order.id, actor=bureau.checker, clock=clock)
    with pytest.raises(StateConflictError):
        propose(session, child.id, replace(TERMS, period="2020"), actor=bureau.maker, clock=clock)


def test_what_the_bank_said_is_recorded_even_while_the_case_is_suspended(
    session: Session, case: Case, bureau: Bureau, clock: FixedClock
) -> None:
    order = order_in(session, case, bureau, clock, PaymentStatus.INSTRUCTED)
    case.status = CaseStatus.SUSPENDED
    session.flush()
    confirm(session, order.id, bank_reference="HD-0001", actor=bureau.maker, clock=clock)
    assert order.status == PaymentStatus.CONFIRMED


def test_a_stale_row_version_is_refused(session: Session, case: Case, bureau: Bureau, clock: FixedClock) -> None:
    order = order_in(session, case, bureau, clock, PaymentStatus.REVIEWED)
    with pytest.raises(ConcurrencyError):
        approve(session, order.id, actor=bureau.releaser, clock=clock, row_version=1)
    approve(session, order.id, actor=bureau.releaser, clock=clock, row_version=2)


def test_an_unknown_case_or_order_is_not_found(session: Session, bureau: Bureau, clock: FixedClock) -> None:
    with pytest.raises(NotFoundError):
        propose(session, 999, TERMS, actor=bureau.maker, clock=clock)
    with pytest.raises(NotFoundError):
        review(session, 999, actor=bureau.checker, clock=clock)


def test_the_list_of_a_parent_shows_its_children_and_names_the_three_persons(
    session: Session, bureau: Bureau, clock: FixedClock
) -> None:
    parent = add_case(session, bureau.maker)
    children = [add_case(session, bureau.maker, parent=parent) for _ in range(2)]
    first, _ = (order_in(session, child, bureau, clock, PaymentStatus.INSTRUCTED) for child in children)
    shown = list_orders(session, parent.id)
    assert [order.case_no for order in shown] == [child.no for child in children]
    assert (shown[0].no, shown[0].item_name, shown[0].status) == (first.no, "债券融资补助", PaymentStatus.INSTRUCTED)
    assert (shown[0].maker, shown[0].checker, shown[0].releaser, shown[0].confirmed_by) == (
        bureau.maker.person_name,
        bureau.checker.person_name,
        bureau.releaser.person_name,
        None,
    )
    assert [order.case_no for order in list_orders(session, children[1].id)] == [children[1].no]
