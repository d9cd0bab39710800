"""Payment steps of a case: three persons, no way round them, and what a return makes of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories.cases import Office, seed_everything
from tests.factories.org import actor, agency, appoint, make_post, person
from workflows import cases
from workflows.agencies.posts import load_actor
from workflows.cases import CompleteTask, HumanTask, ReturnTask
from workflows.cases.commands import OutsideMessage
from workflows.clock import FixedClock, office_date
from workflows.errors import InvalidInputError, NotFoundError, SamePersonError, StateConflictError
from workflows.payments import PaymentOrder
from workflows.permissions import Actor, PostKind


@pytest.fixture
def office(session: Session, clock: FixedClock) -> Office:
    seed_everything(session, clock)
    return Office(session, clock)


def targets(office: Office, username: str, task_id: int) -> list[str]:
    who = actor(office.session, username, office.clock)
    return [target.code for target in cases.return_targets(office.session, task_id, actor=who)]


def recognised(office: Office, *counties: str) -> str:
    no = office.filed(*counties or ("YHQ",))
    for row in office.queue("pjr.handler"):
        office.recognise(row.case_no)
    return no


def order(office: Office) -> PaymentOrder:
    return office.session.scalars(select(PaymentOrder).execution_options(populate_existing=True)).one()


def propose(office: Office, case_no: str | None = None) -> None:
    office.do("cz.handler", "payment_propose", "propose", case_no=case_no, period="2019")


def test_before_money_is_proposed_the_case_can_still_go_back_all_the_way(office: Office) -> None:
    recognised(office)
    task_id = office.take("cz.handler", "payment_propose")
    assert targets(office, "cz.handler", task_id)[0] == "recognise"
    assert {"municipal_review", "county_verify", "formal_check"} <= set(targets(office, "cz.handler", task_id))


def test_once_money_is_proposed_the_case_stays_inside_the_payment(office: Office) -> None:
    no = recognised(office)
    propose(office)
    task_id = office.take("cz.reviewer", "payment_review")
    assert targets(office, "cz.reviewer", task_id) == ["payment_propose"]
    with pytest.raises(InvalidInputError):
        office.act(cases.return_task, "cz.reviewer", ReturnTask(task_id, "退回", "municipal_review"))
    with pytest.raises(StateConflictError):
        office.act(cases.withdraw_case, "enterprise-a.applicant", no, reason="不再申请")


def test_another_issuers_payment_closes_the_way_out_too(office: Office) -> None:
    no = office.filed("YHQ", "HEJIN")
    office.recognise(f"{no}之一")
    propose(office, f"{no}之一")
    task_id = office.take("pjr.handler", "recognise", f"{no}之二")
    assert targets(office, "pjr.handler", task_id) == []


def test_sent_back_to_the_maker_the_order_is_void_and_the_way_out_is_open_again(office: Office) -> None:
    no = recognised(office)
    propose(office)
    task_id = office.take("cz.reviewer", "payment_review")
    moved = office.act(cases.return_task, "cz.reviewer", ReturnTask(task_id, "账号有误", "payment_propose"))
    assert [step.name.code for step in moved.next_steps] == ["payment_propose"]
    assert order(office).status == "voided"
    again = office.take("cz.handler", "payment_propose")
    assert "municipal_review" in targets(office, "cz.handler", again)
    office.complete("cz.handler", again, "propose", None, period="2019")
    assert order(office).status == "proposed"
    office.do("cz.reviewer", "payment_review", "agree")
    voided = office.session.scalars(
        select(HumanTask.node_id).where(HumanTask.voided_at.is_not(None)).order_by(HumanTask.id)
    ).all()
    assert voided == ["payment_propose"]
    assert office.session.scalars(select(cases.Case.status).where(cases.Case.no == no)).one() == "in_progress"


def test_the_releaser_sends_back_to_the_checker_whose_signature_is_void(office: Office) -> None:
    recognised(office)
    propose(office)
    office.do("cz.reviewer", "payment_review", "agree")
    task_id = office.take("cz.leader", "payment_approve")
    office.act(cases.return_task, "cz.leader", ReturnTask(task_id, "请再核对", "payment_review"))
    now = order(office)
    assert (now.status, now.checker_id) == ("proposed", None)
    office.do("cz.reviewer", "payment_review", "agree")
    office.do("cz.leader", "payment_approve", "agree")
    assert order(office).status == "instructed"


def test_money_that_was_sent_is_not_called_back_by_a_return(office: Office) -> None:
    recognised(office)
    propose(office)
    office.do("cz.reviewer", "payment_review", "agree")
    office.do("cz.leader", "payment_approve", "agree")
    task_id = office.take("cz.handler2", "payment_confirm")
    for to in ("payment_approve", "payment_review", "payment_propose", "recognise"):
        with pytest.raises((StateConflictError, InvalidInputError)):
            office.act(cases.return_task, "cz.handler2", ReturnTask(task_id, "退回", to))
    assert order(office).status == "instructed"


def test_recalling_a_proposal_voids_its_order(office: Office) -> None:
    recognised(office)
    task_id = office.take("cz.handler", "payment_propose")
    office.complete("cz.handler", task_id, "propose", None, period="2019")
    office.act(cases.recall_task, "cz.handler", task_id, reason="资金年度有误")
    assert order(office).status == "voided"


# ── by person, through any post ───────────────────────────────────────────────────────────────────


def second_post(office: Office, username: str, kind: PostKind) -> Actor:
    """The same person, appointed to a further post of the finance bureau."""
    session, who = office.session, person(office.session, username)
    post = make_post(session, agency(session, "CZ"), kind, seat=7)
    appoint(session, who, post, from_on=date(2019, 10, 1))
    session.commit()
    return load_actor(session, who.id, post.id, office_date(office.clock.now()))


def test_the_maker_does_not_check_through_another_post(office: Office) -> None:
    recognised(office)
    as_reviewer = second_post(office, "cz.handler", PostKind.REVIEWER)
    propose(office)
    task_id = office.find("cz.reviewer", "payment_review").id
    with pytest.raises(SamePersonError):
        cases.claim_task(office.session, task_id, actor=as_reviewer, clock=office.clock)
    office.session.rollback()
    with pytest.raises(SamePersonError):
        office.act(cases.assign_task, "cz.reviewer", task_id, to_username="cz.handler")
    office.claim("cz.reviewer", task_id)
    with pytest.raises(SamePersonError):
        office.act(cases.transfer_task, "cz.reviewer", task_id, to_username="cz.handler", reason="请假")


def test_the_checker_does_not_release_through_another_post(office: Office) -> None:
    recognised(office)
    as_leader = second_post(office, "cz.reviewer", PostKind.LEADER)
    propose(office)
    office.do("cz.reviewer", "payment_review", "agree")
    task_id = office.find("cz.leader", "payment_approve").id
    with pytest.raises(SamePersonError):
        cases.claim_task(office.session, task_id, actor=as_leader, clock=office.clock)
    office.session.rollback()


def test_a_task_held_in_one_post_is_not_completed_in_another(office: Office) -> None:
    recognised(office)
    as_reviewer = second_post(office, "cz.handler", PostKind.REVIEWER)
    task_id = office.take("cz.handler", "payment_propose")
    with pytest.raises(NotFoundError):
        cases.complete_task(
            office.session,
            CompleteTask(task_id, "propose", None, {"period": "2019"}),
            actor=as_reviewer,
            clock=office.clock,
        )


def test_after_the_bank_sent_money_back_a_return_voids_only_the_second_round(office: Office) -> None:
    recognised(office)
    propose(office)
    office.do("cz.reviewer", "payment_review", "agree")
    office.do("cz.leader", "payment_approve", "agree")
    office.do("cz.handler2", "payment_confirm", "returned", opinion="账户状态异常", reason="账户状态异常")
    propose(office)
    office.do("cz.reviewer", "payment_review", "agree")
    task_id = office.take("cz.leader", "payment_approve")
    office.act(cases.return_task, "cz.leader", ReturnTask(task_id, "请再核对", "payment_review"))
    voided = office.session.scalars(select(HumanTask.node_id).where(HumanTask.voided_at.is_not(None))).all()
    assert voided == ["payment_review"]
    assert order(office).status == "proposed"
    office.do("cz.reviewer", "payment_review", "agree")
    office.do("cz.leader", "payment_approve", "agree")
    assert order(office).status == "instructed"


def test_a_system_that_was_never_asked_learns_nothing_about_a_case(office: Office) -> None:
    no = recognised(office)
    who = actor(office.session, "pjr.system", office.clock)
    stranger = replace(who, agency_id=agency(office.session, "SWJ").id, agency_code="SWJ")
    for case_no in (no, "运债补〔2019〕999号"):
        message = OutsideMessage(f"swj-{case_no}", "recognition", case_no, "recognised", {})
        assert cases.receive_message(office.session, message, actor=stranger, clock=office.clock) is False
