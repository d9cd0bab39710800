"""Who sees what of a joint note: each issuer its own, each county its own, nobody a stranger's."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy.orm import Session

from tests.factories.cases import Office, application, issuer, seed_everything
from tests.factories.org import actor
from workflows import cases
from workflows.cases import CaseQuery
from workflows.clock import FixedClock
from workflows.errors import NotFoundError, PermissionDeniedError


@pytest.fixture
def office(session: Session, clock: FixedClock) -> Office:
    seed_everything(session, clock)
    return Office(session, clock)


@pytest.fixture
def no(office: Office) -> str:
    """A note of three issuers, at the province, with an opinion of each county; the first issuer applied."""
    no = office.accept("YHQ", "HEJIN", "JIANGXIAN")
    for login, child in (("yanhu", "之一"), ("hejin", "之二"), ("jiangxian", "之三")):
        task_id = office.take(f"{login}.handler", "county_verify", no + child)
        office.complete(f"{login}.handler", task_id, "agree_with_conditions", f"{login}的保留意见")
    office.file()
    return no


def everything(office: Office, username: str, case_no: str) -> str:
    """All that the services tell somebody of a case, as text."""
    who = actor(office.session, username, office.clock)
    told: list[Any] = [
        cases.get_case(office.session, case_no, actor=who, clock=office.clock),
        cases.list_events(office.session, case_no, actor=who).items,
        cases.list_documents(office.session, case_no, actor=who),
        cases.list_notices(office.session, actor=who),
        cases.list_cases(office.session, CaseQuery(), actor=who, clock=office.clock),
    ]
    return repr(told)


def test_an_issuer_sees_its_own_child_and_nothing_of_its_siblings(office: Office, no: str) -> None:
    told = everything(office, "enterprise-b.applicant", f"{no}之二")
    own, siblings = issuer(1, ""), (issuer(0, ""), issuer(2, ""))
    assert own["account_no"] in told
    for sibling in siblings:
        for secret in ("name", "uscc", "account_no"):
            assert sibling[secret] not in told, secret
    assert "yanhu的保留意见" not in told
    assert "jiangxian的保留意见" not in told


def test_an_issuer_finds_neither_the_parent_nor_its_siblings(office: Office, no: str) -> None:
    who = actor(office.session, "enterprise-b.applicant", office.clock)
    for other in (no, f"{no}之一", f"{no}之三", "运债补〔2019〕999号", "\x00", "之二" * 100):
        for service in (cases.list_events, cases.list_documents):
            with pytest.raises(NotFoundError):
                service(office.session, other, actor=who)
        with pytest.raises(NotFoundError):
            cases.get_case(office.session, other, actor=who, clock=office.clock)
    listed = cases.list_cases(office.session, CaseQuery(), actor=who, clock=office.clock).items
    assert [row.no for row in listed] == [f"{no}之二"]


@pytest.mark.parametrize("stranger", ["yongji.handler", "cz.handler", "bank-a.applicant", "gx.leader"])
def test_an_agency_the_case_has_not_reached_finds_nothing(office: Office, no: str, stranger: str) -> None:
    who = actor(office.session, stranger, office.clock)
    for one in (no, f"{no}之一"):
        with pytest.raises(NotFoundError):
            cases.get_case(office.session, one, actor=who, clock=office.clock)
    assert cases.list_cases(office.session, CaseQuery(), actor=who, clock=office.clock).items == ()


def test_a_county_finds_its_own_child_and_not_the_other_counties(office: Office, no: str) -> None:
    who = actor(office.session, "hejin.handler", office.clock)
    assert cases.get_case(office.session, f"{no}之二", actor=who, clock=office.clock).row.no == f"{no}之二"
    for other in (f"{no}之一", f"{no}之三"):
        with pytest.raises(NotFoundError):
            cases.get_case(office.session, other, actor=who, clock=office.clock)
        with pytest.raises(NotFoundError):
            cases.list_events(office.session, other, actor=who)


def test_a_county_is_told_no_other_countys_opinion_or_account(office: Office) -> None:
    no = office.accept("YHQ", "HEJIN")
    task_id = office.take("yanhu.handler", "county_verify", f"{no}之一")
    office.complete("yanhu.handler", task_id, "agree_with_conditions", "盐湖的保留意见")
    own = office.take("hejin.handler", "county_verify", f"{no}之二")
    told = repr(office.act(cases.get_task, "hejin.handler", own))
    assert issuer(1, "")["account_no"] in told
    assert "盐湖的保留意见" not in told
    assert issuer(0, "")["account_no"] not in told


@pytest.mark.parametrize("admin", ["admin.system", "admin.security", "admin.audit"])
def test_administrators_see_no_case(office: Office, no: str, admin: str) -> None:
    who = actor(office.session, admin, office.clock)
    for service in (cases.list_events, cases.list_documents):
        with pytest.raises((PermissionDeniedError, NotFoundError)):
            service(office.session, no, actor=who)
    with pytest.raises(PermissionDeniedError):
        office.queue(admin)


def test_the_lead_and_the_supervisors_see_the_family(office: Office, no: str) -> None:
    for who in ("jr.handler", "dc.supervisor", "pjr.handler"):
        actor_ = actor(office.session, who, office.clock)
        for one in (no, f"{no}之一", f"{no}之三"):
            assert cases.get_case(office.session, one, actor=actor_, clock=office.clock).row.no == one


def test_the_applicant_of_the_note_sees_the_parent(office: Office, no: str) -> None:
    assert issuer(2, "")["account_no"] in everything(office, "enterprise-a.applicant", no)


def test_a_task_of_another_agency_is_not_found(office: Office) -> None:
    office.open("enterprise-a.applicant", application(issuer(0, "YHQ")))
    task_id = office.find("jr.handler", "formal_check").id
    for stranger in ("yanhu.handler", "pjr.handler", "enterprise-a.applicant", "dc.supervisor"):
        with pytest.raises(NotFoundError):
            office.act(cases.get_task, stranger, task_id)
