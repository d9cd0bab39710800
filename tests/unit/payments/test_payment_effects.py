"""Payment steps of a case: what completing them does to the order, and what returning before them undoes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy.orm import Session

from tests.factories.payments import Bureau
from tests.factories.rows import add_task
from workflows.cases.effects import EffectContext, registered_effects, run_effect, undo_effect
from workflows.cases.models import Case
from workflows.clock import FixedClock
from workflows.errors import InvalidInputError, NotFoundError, SamePersonError, StateConflictError
from workflows.payments import EFFECTS, OrderView, PaymentStatus, list_orders, list_signatures, mark_returned
from workflows.payments.reading import payments_section
from workflows.permissions import Actor, PostKind
from workflows.persistence import canonical_json

ISSUER = {
    "name": "甲玻璃有限公司",
    "uscc": "91140800MA0ABCDE1X",
    "county": "WENXI",
    "issue_amount_fen": 5_000_000_000,
    "account_name": "甲玻璃有限公司",
    "account_no": "1405000000001234",
    "account_bank": "A银行运城分行",
}
RECOGNISED = {"document_number": "晋金办〔2019〕15号", "amount_fen": 30_000_000}


@pytest.fixture
def at(session: Session, case: Case, bureau: Bureau, clock: FixedClock) -> EffectContext:
    """The moment at which the maker completes the proposing step."""
    return EffectContext(
        case_id=case.id,
        case_no=case.no,
        root_id=case.id,
        task_id=add_task(session, case, bureau.maker.agency_id).id,
        node_id="payment_propose",
        decision="propose",
        data={"period": "2019"},
        form={"issuers": [ISSUER]},
        steps={"recognise": RECOGNISED},
        item=None,
        actor=bureau.maker,
        clock=clock,
    )


def run(session: Session, at: EffectContext, name: str, actor: Actor, **changes: Any) -> None:
    run_effect(f"payment.{name}", session, replace(at, actor=actor, **changes))


def walk(session: Session, at: EffectContext, bureau: Bureau, *names: str) -> None:
    actors = {"propose": bureau.maker, "review": bureau.checker, "approve": bureau.releaser, "confirm": bureau.maker}
    for name in names:
        paid = {"decision": "confirmed", "data": {"bank_reference": "HD-0001"}} if name == "confirm" else {}
        run(session, at, name, actors[name], **paid)


def only_order(session: Session, at: EffectContext) -> OrderView:
    (order,) = list_orders(session, at.case_id)
    return order


def test_the_effects_are_offered_to_diagrams() -> None:
    assert set(EFFECTS) <= registered_effects()


def test_four_steps_take_the_recognised_amount_to_the_issuers_own_account(
    session: Session, at: EffectContext, bureau: Bureau
) -> None:
    walk(session, at, bureau, "propose", "review", "approve")
    order = only_order(session, at)
    assert (order.status, order.amount_fen, order.period) == (PaymentStatus.INSTRUCTED, 30_000_000, "2019")
    assert (order.payee_key, order.payee_name) == (ISSUER["uscc"], ISSUER["name"])
    assert (order.payee_account, order.payee_bank) == (ISSUER["account_no"], ISSUER["account_bank"])
    walk(session, at, bureau, "confirm")
    order = only_order(session, at)
    assert (order.status, order.bank_reference) == (PaymentStatus.CONFIRMED, "HD-0001")


def test_a_child_case_pays_the_issuer_it_is_about(session: Session, at: EffectContext, bureau: Bureau) -> None:
    second = ISSUER | {"name": "乙玻璃有限公司", "account_name": "乙玻璃有限公司", "uscc": "91140800MA0ABCDE2X"}
    walk(session, replace(at, item=second, form={"issuers": [ISSUER, second]}), bureau, "propose")
    assert only_order(session, at).payee_name == "乙玻璃有限公司"


@pytest.mark.parametrize("steps", [{}, {"recognise": {"document_number": "晋金办〔2019〕15号"}}])
def test_an_amount_not_recognised_is_never_made_up(
    session: Session, at: EffectContext, bureau: Bureau, steps: dict[str, Any]
) -> None:
    with pytest.raises(InvalidInputError) as refused:
        walk(session, replace(at, steps=steps), bureau, "propose")
    assert [(error.field, error.code) for error in refused.value.errors] == [("amount_fen", "not-recognised")]
    assert list_orders(session, at.case_id) == ()


@pytest.mark.parametrize("missing", ["uscc", "account_name", "account_no", "account_bank"])
def test_an_issuer_without_account_is_refused(
    session: Session, at: EffectContext, bureau: Bureau, missing: str
) -> None:
    with pytest.raises(InvalidInputError) as refused:
        walk(session, replace(at, form={"issuers": [ISSUER | {missing: None}]}), bureau, "propose")
    assert [(error.field, error.code) for error in refused.value.errors] == [(f"issuer.{missing}", "required")]


def test_an_account_of_somebody_else_is_refused(session: Session, at: EffectContext, bureau: Bureau) -> None:
    with pytest.raises(InvalidInputError) as refused:
        walk(session, replace(at, form={"issuers": [ISSUER | {"account_name": "丙商贸有限公司"}]}), bureau, "propose")
    assert refused.value.errors[0].code == "not-own-account"


def test_which_of_several_issuers_is_never_guessed(session: Session, at: EffectContext, bureau: Bureau) -> None:
    with pytest.raises(InvalidInputError):
        walk(session, replace(at, form={"issuers": [ISSUER, ISSUER]}), bureau, "propose")


def test_one_person_cannot_take_two_of_the_steps(session: Session, at: EffectContext, bureau: Bureau) -> None:
    walk(session, at, bureau, "propose")
    with pytest.raises(SamePersonError):
        run(session, at, "review", replace(bureau.maker, post_kind=PostKind.REVIEWER))


def test_a_review_without_order_is_not_found(session: Session, at: EffectContext, bureau: Bureau) -> None:
    with pytest.raises(NotFoundError):
        walk(session, at, bureau, "review")


@pytest.mark.parametrize(
    "changes",
    [
        {"steps": {"recognise": RECOGNISED | {"amount_fen": 29_000_000}}},
        {"form": {"issuers": [ISSUER | {"account_no": "1405000000009999"}]}},
    ],
    ids=["amount", "account"],
)
@pytest.mark.parametrize("step", ["review", "approve"])
def test_an_order_that_no_longer_says_what_the_case_says_is_not_signed(
    session: Session, at: EffectContext, bureau: Bureau, step: str, changes: dict[str, Any]
) -> None:
    walk(session, at, bureau, *(["propose"] if step == "review" else ["propose", "review"]))
    with pytest.raises(StateConflictError, match="terms-changed"):
        walk(session, replace(at, **changes), bureau, step)


def test_returning_before_the_proposal_voids_the_order_and_proposing_again_takes_it_up(
    session: Session, at: EffectContext, bureau: Bureau
) -> None:
    walk(session, at, bureau, "propose", "review")
    undo_effect("payment.review", session, at)
    undo_effect("payment.propose", session, at)
    assert only_order(session, at).status == PaymentStatus.VOIDED
    run(session, at, "propose", bureau.other_maker, steps={"recognise": RECOGNISED | {"amount_fen": 20_000_000}})
    order = only_order(session, at)
    assert (order.status, order.amount_fen, order.checker) == (PaymentStatus.PROPOSED, 20_000_000, None)
    assert [signature.is_void for signature in list_signatures(session, order.id)] == [True, True, False]


def test_returning_before_the_review_keeps_the_order_proposed(
    session: Session, at: EffectContext, bureau: Bureau
) -> None:
    walk(session, at, bureau, "propose", "review")
    undo_effect("payment.review", session, at)
    assert only_order(session, at).status == PaymentStatus.PROPOSED


@pytest.mark.parametrize("paid", [(), ("confirm",)], ids=["instructed", "confirmed"])
@pytest.mark.parametrize("name", ["propose", "review", "approve"])
def test_a_payment_that_was_sent_cannot_be_returned_away(
    session: Session, at: EffectContext, bureau: Bureau, name: str, paid: tuple[str, ...]
) -> None:
    walk(session, at, bureau, "propose", "review", "approve", *paid)
    with pytest.raises(StateConflictError):
        undo_effect(f"payment.{name}", session, at)


def test_a_confirmed_payment_cannot_be_unsaid(session: Session, at: EffectContext, bureau: Bureau) -> None:
    walk(session, at, bureau, "propose", "review", "approve", "confirm")
    with pytest.raises(StateConflictError):
        undo_effect("payment.confirm", session, at)


def test_an_unknown_outcome_waits_and_may_then_be_confirmed(
    session: Session, at: EffectContext, bureau: Bureau
) -> None:
    walk(session, at, bureau, "propose", "review", "approve")
    run(session, at, "confirm", bureau.maker, decision="unknown", data={"reason": "银行无回复"})
    assert only_order(session, at).status == PaymentStatus.UNKNOWN
    for name in ("propose", "review", "approve"):
        with pytest.raises(StateConflictError):
            walk(session, at, bureau, name)
    walk(session, at, bureau, "confirm")
    assert only_order(session, at).status == PaymentStatus.CONFIRMED


def test_money_that_came_back_may_go_to_a_corrected_account_after_three_new_signatures(
    session: Session, at: EffectContext, bureau: Bureau, clock: FixedClock
) -> None:
    walk(session, at, bureau, "propose", "review", "approve")
    mark_returned(session, only_order(session, at).id, reason="账号有误", actor=bureau.maker, clock=clock)
    corrected = replace(at, form={"issuers": [ISSUER | {"account_no": "1405000000009999"}]})
    for name in ("approve", "review", "propose"):
        undo_effect(f"payment.{name}", session, corrected)
    walk(session, corrected, bureau, "propose", "review", "approve", "confirm")
    order = only_order(session, at)
    assert (order.status, order.payee_account) == (PaymentStatus.CONFIRMED, "1405000000009999")


def test_a_second_period_does_not_open_a_second_order_while_one_is_under_way(
    session: Session, at: EffectContext, bureau: Bureau
) -> None:
    walk(session, at, bureau, "propose")
    with pytest.raises(StateConflictError):
        walk(session, replace(at, data={"period": "2020"}), bureau, "propose")


def test_the_archive_holds_the_orders_with_their_history(session: Session, at: EffectContext, bureau: Bureau) -> None:
    walk(session, at, bureau, "propose", "review", "approve", "confirm")
    (archived,) = payments_section(session, at.case_id)
    assert (archived["amount_fen"], archived["status"]) == (30_000_000, "confirmed")
    assert [event["status"] for event in archived["events"]] == [  # type: ignore[index,attr-defined]  # JSON
        "proposed",
        "reviewed",
        "approved",
        "instructed",
        "confirmed",
    ]
    assert canonical_json(archived)


def test_a_decision_the_step_does_not_know_is_refused(session: Session, at: EffectContext, bureau: Bureau) -> None:
    walk(session, at, bureau, "propose", "review", "approve")
    with pytest.raises(InvalidInputError):
        run(session, at, "confirm", bureau.maker, decision="maybe", data={"bank_reference": "HD-0001"})
