"""Why somebody sees a case: the explanation and the decision never differ, and hidden cases stay hidden."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories.cases import Office, application, issuer, seed_everything
from tests.factories.org import actor
from workflows.agencies.models import Person
from workflows.agencies.posts import act_in, posts_of
from workflows.cases import CaseQuery, list_cases
from workflows.cases.access import visible_among
from workflows.cases.collaboration.copies import send_copies, withdraw_copy
from workflows.cases.collaboration.tables import CaseCopy
from workflows.cases.grounds import Ground, copied_to, may_read_copies
from workflows.cases.models import Case
from workflows.cases.who_sees import who_sees
from workflows.cases.why_seen import explain, why_seen
from workflows.clock import FixedClock, office_date
from workflows.errors import NotFoundError, PermissionDeniedError
from workflows.permissions import Actor, Permission


@pytest.fixture
def office(session: Session, clock: FixedClock) -> Office:
    seed_everything(session, clock)
    return Office(session, clock)


@pytest.fixture
def no(office: Office) -> str:
    """A case of three parts and one of a single issuer, copied about; returns the first."""
    no = office.accept("YHQ", "HEJIN", "JIANGXIAN")
    office.complete("yanhu.handler", office.take("yanhu.handler", "county_verify", no + "之一"), "agree")
    office.act(send_copies, "jr.handler", no, to=["GX"], note="供参考")
    office.act(send_copies, "yanhu.handler", no + "之一", to=["cz.handler2"], note=None)
    taken_back = office.act(send_copies, "jr.handler", no, to=["FG"], note=None)[-1]
    office.act(withdraw_copy, "jr.handler", no, taken_back.key)
    office.open("enterprise-a.applicant", application(issuer(0, "YONGJI")))
    return no


def everybody(office: Office) -> Iterator[Actor]:
    """Every account in every one of its posts."""
    on = office_date(office.clock.now())
    for person in office.session.scalars(select(Person).order_by(Person.id)):
        for post in posts_of(office.session, person.id, on):
            yield act_in(person, post)


def test_the_explanation_is_the_decision_for_every_account_and_case(office: Office, no: str) -> None:
    session = office.session
    found = session.scalars(select(Case)).all()
    assert len(found) >= 5
    for who in everybody(office):
        asked = set(session.scalars(select(Case.no).where(visible_among(who))))
        explained = {case.no for case in found if explain(session, case, actor=who)}
        assert asked == explained, (who.person_name, who.agency_code, who.post_kind)


def test_the_list_is_what_is_seen_with_parts_under_their_whole(office: Office, no: str) -> None:
    session, read = office.session, 0
    for who in everybody(office):
        if not who.may(Permission.CASE_READ):
            continue
        seen = session.scalars(select(Case).where(visible_among(who)))
        copied = set(session.scalars(select(CaseCopy.case_id).where(*copied_to(who)))) if may_read_copies(who) else ()
        alone = [c for c in seen if not c.parent_id or c.applicant_agency_id == who.agency_id or c.id in copied]
        expected = [c.no for c in sorted(alone, key=lambda c: -c.id)]
        whole = list_cases(session, CaseQuery(limit=200), actor=who, clock=office.clock)
        assert [row.no for row in whole.items] == expected, (who.person_name, who.agency_code, who.post_kind)
        pages, cursor = [], None
        while True:
            page = list_cases(session, CaseQuery(limit=2, cursor=cursor), actor=who, clock=office.clock)
            pages += [row.no for row in page.items]
            if (cursor := page.next) is None:
                break
        assert pages == expected
        read += bool(expected)
    assert read > 10


def test_who_sees_a_case_is_everybody_whom_the_rules_let_see_it(office: Office, no: str) -> None:
    auditor = actor(office.session, "admin.audit", office.clock)
    for one in (no, f"{no}之一", f"{no}之二"):
        told = {
            (seen.person.code, seen.agency.code, seen.post.code)
            for seen in who_sees(office.session, one, actor=auditor, clock=office.clock)
        }
        let_in = set()
        for who in everybody(office):
            if office.session.scalar(select(Case.id).where(Case.no == one, visible_among(who))) is not None:
                person = office.session.get_one(Person, who.person_id)
                let_in.add((person.username, who.agency_code, who.post_kind.value))
        assert told == let_in, one


@pytest.mark.parametrize(
    ("username", "child", "grounds"),
    [
        ("dc.supervisor", "", {Ground.SUPERVISION}),
        ("enterprise-a.applicant", "", {Ground.APPLICANT, Ground.APPLIED_FOR}),
        ("jr.handler", "", {Ground.STEP}),
        ("jr.handler", "之二", {Ground.STEP_OF_WHOLE}),
        ("hejin.handler", "", {Ground.STEP_OF_PART}),
        ("hejin.handler", "之二", {Ground.STEP}),
        ("gx.leader", "", {Ground.COPY}),
        ("gx.leader", "之三", {Ground.COPY_OF_WHOLE}),
        ("cz.handler2", "之一", {Ground.COPY}),
    ],
)
def test_each_ground_is_named(office: Office, no: str, username: str, child: str, grounds: set[Ground]) -> None:
    who = actor(office.session, username, office.clock)
    seen = why_seen(office.session, no + child, actor=who, clock=office.clock)
    assert grounds <= {reason.ground for reason in seen.reasons}


def test_a_step_and_a_copy_are_told_with_what_they_rest_on(office: Office, no: str) -> None:
    own = why_seen(
        office.session, no + "之一", actor=actor(office.session, "yanhu.handler", office.clock), clock=office.clock
    )
    steps = [step for reason in own.reasons for step in reason.steps]
    assert any(step.own and step.name.zh for step in steps)
    copied = why_seen(office.session, no, actor=actor(office.session, "gx.leader", office.clock), clock=office.clock)
    (copy,) = copied.reasons[0].copies
    assert (copy.agency.code, copy.person.code, copy.personal) == ("JR", "jr.handler", False)
    assert copy.sent_at == office.clock.now()


@pytest.mark.parametrize("username", ["yongji.handler", "fg.handler", "bank-a.applicant"])
def test_who_may_not_see_it_learns_nothing(office: Office, no: str, username: str) -> None:
    who = actor(office.session, username, office.clock)
    for one in (no, "运债补〔2019〕999号", "\x00"):
        with pytest.raises(NotFoundError):
            why_seen(office.session, one, actor=who, clock=office.clock)


@pytest.mark.parametrize("username", ["jr.leader", "admin.system", "admin.security", "enterprise-a.applicant"])
def test_who_sees_is_told_to_supervision_and_audit_only(office: Office, no: str, username: str) -> None:
    with pytest.raises(PermissionDeniedError):
        who_sees(office.session, no, actor=actor(office.session, username, office.clock), clock=office.clock)


def test_the_auditor_is_told_that_there_is_no_such_case(office: Office, no: str) -> None:
    auditor = actor(office.session, "admin.audit", office.clock)
    for one in ("运债补〔2019〕999号", "\x00"):
        with pytest.raises(NotFoundError):
            who_sees(office.session, one, actor=auditor, clock=office.clock)
