"""A new lead, or the successor of a merged agency, sees in a case under way what its predecessor saw, and no other."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories.cases import Office, application, issuer, seed_everything
from tests.factories.checklists import add
from tests.factories.org import actor
from tests.unit.cases.test_why_seen import everybody
from workflows import cases
from workflows.cases import CaseQuery, list_cases
from workflows.cases.access import visible_among
from workflows.cases.documents import list_documents
from workflows.cases.grounds import Ground
from workflows.cases.lifecycle import withdraw_case
from workflows.cases.models import Case
from workflows.cases.succession import ChangeLead, Succession, change_lead, hand_to_successor
from workflows.cases.who_sees import who_sees
from workflows.cases.why_seen import explain, why_seen
from workflows.clock import FixedClock, office_date
from workflows.errors import NotFoundError


@pytest.fixture
def office(session: Session, clock: FixedClock) -> Office:
    seed_everything(session, clock)
    return Office(session, clock)


@pytest.fixture
def no(office: Office) -> str:
    """A case that the counties hold now; the lead has accepted it and laid a paper to it."""
    no = office.accept("YHQ", "HEJIN")
    add(office, no, None, who="jr.handler", name="内部.pdf", internal=True)
    return no


def seen(office: Office, username: str, **asked: str) -> list[str]:
    who = actor(office.session, username, office.clock)
    return [row.no for row in list_cases(office.session, CaseQuery(**asked), actor=who, clock=office.clock).items]


def lead(office: Office, old: str, new: str) -> None:
    on = office_date(office.clock.now())
    office.act(change_lead, "admin.system", ChangeLead("2", old, new, on, "责任分工调整"))


def test_a_new_lead_sees_what_the_old_one_saw_though_no_task_has_passed_on(office: Office, no: str) -> None:
    with pytest.raises(NotFoundError):
        cases.get_case(office.session, no, actor=actor(office.session, "gx.handler", office.clock), clock=office.clock)
    lead(office, "JR", "GX")
    who = actor(office.session, "gx.handler", office.clock)
    for one in (no, f"{no}之一", f"{no}之二"):
        case = cases.get_case(office.session, one, actor=who, clock=office.clock)
        (reason,) = why_seen(office.session, one, actor=who, clock=office.clock).reasons
        assert reason.ground is Ground.SUCCESSION
        assert [each.code for each in reason.predecessors] == ["JR"]
        assert not any(step.for_post for step in reason.steps)
    assert len(case.data["issuers"]) == 1
    assert len(cases.get_case(office.session, no, actor=who, clock=office.clock).data["issuers"]) == 2
    assert [row.name for row in list_documents(office.session, no, actor=who)] == ["内部.pdf"]
    assert seen(office, "gx.handler") == [no]
    assert seen(office, "gx.handler", q="集合票据") == [no]
    assert seen(office, "gx.handler", holder="HEJIN") == [no]
    assert seen(office, "jr.handler") == [no]
    assert seen(office, "fg.handler") == []
    auditor = actor(office.session, "admin.audit", office.clock)
    told = {each.agency.code for each in who_sees(office.session, no, actor=auditor, clock=office.clock)}
    assert {"GX", "JR"} <= told
    assert "FG" not in told


def test_ended_cases_stay_with_whoever_had_them(office: Office, no: str) -> None:
    office.act(withdraw_case, "enterprise-a.applicant", no, reason="不再申请")
    lead(office, "JR", "GX")
    assert seen(office, "gx.handler") == []
    assert seen(office, "jr.handler") == [no]


def test_the_third_lead_sees_what_the_first_one_saw(office: Office, no: str, clock: FixedClock) -> None:
    clock.advance(timedelta(days=1))
    lead(office, "JR", "GX")
    clock.advance(timedelta(days=1))
    lead(office, "GX", "FG")
    assert seen(office, "fg.handler") == [no]


def test_a_successor_of_a_part_sees_that_part_only(office: Office, no: str) -> None:
    office.do("hejin.handler", "county_verify", "agree", case_no=f"{no}之二")
    on = office_date(office.clock.now())
    office.act(hand_to_successor, "admin.system", Succession("HEJIN", "YONGJI", on, "合并"))
    who = actor(office.session, "yongji.handler", office.clock)
    assert len(cases.get_case(office.session, no, actor=who, clock=office.clock).data["issuers"]) == 1
    assert cases.get_case(office.session, f"{no}之二", actor=who, clock=office.clock)
    with pytest.raises(NotFoundError):
        cases.get_case(office.session, f"{no}之一", actor=who, clock=office.clock)


def test_after_a_change_explanation_decision_and_list_still_agree(office: Office, no: str) -> None:
    office.open("enterprise-a.applicant", application(issuer(0, "YONGJI")))
    lead(office, "JR", "GX")
    every = office.session.scalars(select(Case)).all()
    for who in everybody(office):
        decided = set(office.session.scalars(select(Case.no).where(visible_among(who))))
        assert decided == {case.no for case in every if explain(office.session, case, actor=who)}
        if who.agency_code == "GX":
            listed = list_cases(office.session, CaseQuery(), actor=who, clock=office.clock).items
            assert {row.no for row in listed} == {one for one in decided if "之" not in one}
            assert len(listed) == 2
