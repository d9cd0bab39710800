"""Two steps that must be two persons stay so, whoever acts for whom; nobody decides on what they applied for."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories.cases import Office, application, issuer, publish_changed, seed_everything
from tests.factories.org import actor, agency, appoint, make_person, make_post, person
from workflows import cases
from workflows.agencies import deputies
from workflows.agencies.deputies import NewAbsence, NewBackup, NewDelegation, load_acting
from workflows.cases import CompleteTask
from workflows.cases.collaboration.hand_over import hand_over
from workflows.clock import FixedClock
from workflows.errors import ApplicantDecidesError, PermissionDeniedError, SamePersonError
from workflows.payments import PaymentOrder
from workflows.permissions import Actor, PostKind

MONDAY = date(2019, 10, 14)
FRIDAY = MONDAY + timedelta(days=4)


@pytest.fixture
def office(session: Session, clock: FixedClock) -> Office:
    seed_everything(session, clock)
    return Office(session, clock)


@pytest.fixture
def careless(office: Office, tmp_path: Path) -> Office:
    """An office whose diagram forgets to keep the steps of a payment apart."""
    forgotten = ("payment_propose", "payment_propose payment_review")
    publish_changed(
        office.session, office.clock, tmp_path, *((f' lianban:distinctFrom="{ids}"', "") for ids in forgotten)
    )
    return office


def also(office: Office, username: str, kind: PostKind, code: str) -> int:
    """Give somebody a further post; return it."""
    who = person(office.session, username)
    post = make_post(office.session, agency(office.session, code), kind, seat=10 + who.id)
    appoint(office.session, who, post, from_on=MONDAY)  # the post they had before stays the one they act in
    office.session.commit()
    return post.id


def second_head(office: Office) -> None:
    other = make_person(office.session, office.clock, "jr.second.head")
    appoint(office.session, other, make_post(office.session, agency(office.session, "JR"), PostKind.REVIEWER, seat=8))
    office.session.commit()


def acting(office: Office, username: str, post_id: int) -> Actor:
    return load_acting(office.session, person(office.session, username).id, post_id, MONDAY)


def for_holder(office: Office, username: str, holder: str) -> Actor:
    return acting(office, username, actor(office.session, holder, office.clock).post_id)


def delegate(office: Office, by: str, to: str) -> None:
    office.act(deputies.make_delegation, by, NewDelegation(to, MONDAY, FRIDAY))


def name_backup(office: Office, of: str, who: str, head: str) -> None:
    post_id = actor(office.session, of, office.clock).post_id
    office.act(deputies.add_backup, head, NewBackup(post_id, who, MONDAY))
    office.act(deputies.add_absence, head, NewAbsence(of, MONDAY, FRIDAY, "年休假"))


def claim(office: Office, task_id: int, who: Actor) -> None:
    try:
        cases.claim_task(office.session, task_id, actor=who, clock=office.clock)
    except BaseException:
        office.session.rollback()
        raise
    office.session.commit()


def submit(office: Office, command: CompleteTask, who: Actor) -> None:
    try:
        cases.complete_task(office.session, command, actor=who, clock=office.clock)
    except BaseException:
        office.session.rollback()
        raise
    office.session.commit()


# ── maker, checker, releaser ──────────────────────────────────────────────────────────────────────


def recognised(office: Office) -> None:
    office.recognise(office.filed("YHQ"))


def test_a_diagram_that_forgets_it_still_has_three_persons_pay(careless: Office) -> None:
    recognised(careless)
    as_reviewer = also(careless, "cz.handler", PostKind.REVIEWER, "CZ")
    as_leader = also(careless, "cz.reviewer", PostKind.LEADER, "CZ")
    careless.do("cz.handler", "payment_propose", "propose", period="2019")
    review = careless.find("cz.reviewer", "payment_review").id
    with pytest.raises(SamePersonError):
        claim(careless, review, acting(careless, "cz.handler", as_reviewer))
    careless.do("cz.reviewer", "payment_review", "agree")
    release = careless.find("cz.leader", "payment_approve").id
    with pytest.raises(SamePersonError):
        claim(careless, release, acting(careless, "cz.reviewer", as_leader))
    careless.do("cz.leader", "payment_approve", "agree")


def test_who_had_the_order_made_by_a_deputy_does_not_check_it(careless: Office) -> None:
    """Neither the deputy nor the principal, each in a post of their own."""
    recognised(careless)
    posts = {name: also(careless, name, PostKind.REVIEWER, "CZ") for name in ("cz.handler", "cz.handler2")}
    delegate(careless, "cz.handler", "cz.handler2")
    deputy = for_holder(careless, "cz.handler2", "cz.handler")
    task_id = careless.find("cz.handler", "payment_propose").id
    claim(careless, task_id, deputy)
    submit(careless, CompleteTask(task_id, "propose", data={"period": "2019"}), deputy)
    order = careless.session.scalars(select(PaymentOrder)).one()
    assert (order.maker_id, order.maker_for_id) == (deputy.person_id, deputy.on_behalf_of)
    review = careless.find("cz.reviewer", "payment_review").id
    for name, post_id in posts.items():
        with pytest.raises(SamePersonError):
            claim(careless, review, acting(careless, name, post_id))
    claim(careless, review, actor(careless.session, "cz.reviewer", careless.clock))


@pytest.mark.parametrize("arranged", ["delegation", "backup"])
def test_the_maker_checks_nothing_in_the_checkers_post(careless: Office, arranged: str) -> None:
    recognised(careless)
    also(careless, "cz.handler", PostKind.REVIEWER, "CZ")
    careless.do("cz.handler", "payment_propose", "propose", period="2019")
    if arranged == "delegation":
        delegate(careless, "cz.reviewer", "cz.handler")
    else:
        name_backup(careless, "cz.reviewer", "cz.handler", "cz.leader")
    review = careless.find("cz.reviewer", "payment_review").id
    with pytest.raises(SamePersonError):
        claim(careless, review, for_holder(careless, "cz.handler", "cz.reviewer"))


def test_the_checker_releases_nothing_through_a_deputy_of_theirs(careless: Office) -> None:
    """One person holds both posts and has the second act done by a deputy: it would still be their work twice."""
    recognised(careless)
    as_leader = also(careless, "cz.reviewer", PostKind.LEADER, "CZ")
    careless.do("cz.handler", "payment_propose", "propose", period="2019")
    careless.do("cz.reviewer", "payment_review", "agree")
    head = acting(careless, "cz.reviewer", as_leader)
    wanted = NewDelegation("cz.leader", MONDAY, FRIDAY)
    deputies.make_delegation(careless.session, wanted, actor=head, clock=careless.clock)
    careless.session.commit()
    release = careless.find("cz.leader", "payment_approve").id
    with pytest.raises(SamePersonError):
        claim(careless, release, acting(careless, "cz.leader", as_leader))


def test_who_made_a_part_of_the_order_does_not_check_it(careless: Office) -> None:
    recognised(careless)
    as_reviewer = also(careless, "cz.handler2", PostKind.REVIEWER, "CZ")
    task_id = careless.take("cz.handler", "payment_propose")
    careless.act(cases.delegate_task, "cz.handler", task_id, to_username="cz.handler2", reason="请制单")
    careless.complete("cz.handler2", task_id, "propose", period="2019")
    careless.complete("cz.handler", task_id, "propose", period="2019")
    review = careless.find("cz.reviewer", "payment_review").id
    with pytest.raises(SamePersonError):
        claim(careless, review, acting(careless, "cz.handler2", as_reviewer))


# ── one's own drafts ──────────────────────────────────────────────────────────────────────────────


def drafted(office: Office, by: str = "jr.handler") -> int:
    """Return the section's review of what `by` drafted."""
    no = office.accept("YHQ")
    office.verify(no, "YHQ")
    office.do(by, "municipal_review", "file", opinion="拟同意")
    return office.find("jr.reviewer", "section_review").id


@pytest.mark.parametrize("arranged", ["delegation", "backup"])
def test_a_section_head_does_not_review_what_they_drafted_for_a_handler(office: Office, arranged: str) -> None:
    also(office, "jr.reviewer", PostKind.HANDLER, "JR")
    second_head(office)  # or the review would go to the leader by rule
    if arranged == "delegation":
        delegate(office, "jr.handler", "jr.reviewer")
    else:
        name_backup(office, "jr.handler", "jr.reviewer", "jr.leader")
    no = office.accept("YHQ")
    office.verify(no, "YHQ")
    drafter = for_holder(office, "jr.reviewer", "jr.handler")
    task_id = office.find("jr.handler", "municipal_review").id
    claim(office, task_id, drafter)
    submit(office, CompleteTask(task_id, "file", "拟同意"), drafter)
    review = office.find("jr.reviewer", "section_review").id
    with pytest.raises(SamePersonError):
        claim(office, review, actor(office.session, "jr.reviewer", office.clock))


def test_a_delegation_that_has_ended_opens_nothing_and_is_not_forgotten(office: Office, clock: FixedClock) -> None:
    no = office.accept("YHQ")
    office.verify(no, "YHQ")
    made = office.act(deputies.make_delegation, "jr.handler", NewDelegation("jr.handler2", MONDAY, FRIDAY))
    deputy = for_holder(office, "jr.handler2", "jr.handler")
    task_id = office.find("jr.handler", "municipal_review").id
    claim(office, task_id, deputy)
    submit(office, CompleteTask(task_id, "file", "拟同意"), deputy)
    office.act(deputies.end_delegation, "jr.handler", made.id)
    with pytest.raises(PermissionDeniedError, match="not-your-post"):
        for_holder(office, "jr.handler2", "jr.handler")
    review = office.find("jr.reviewer", "section_review").id
    for username in ("jr.handler", "jr.handler2"):
        with pytest.raises(SamePersonError):
            claim(office, review, acting(office, username, also(office, username, PostKind.REVIEWER, "JR")))


def test_who_drafted_hands_back_no_part_of_the_review_for_a_colleague(office: Office) -> None:
    """The review is delegated to B, and the drafter stands in for B."""
    session, clock = office.session, office.clock
    second_head(office)
    also(office, "jr.handler", PostKind.REVIEWER, "JR")
    review = drafted(office)
    office.claim("jr.reviewer", review)
    office.act(cases.delegate_task, "jr.reviewer", review, to_username="jr.second.head", reason="请先看")
    delegate(office, "jr.second.head", "jr.handler")
    drafter = for_holder(office, "jr.handler", "jr.second.head")
    with pytest.raises(SamePersonError):
        submit(office, CompleteTask(review, "agree"), drafter)
    with pytest.raises(SamePersonError):
        cases.hand_back_task(session, review, note="已看", actor=drafter, clock=clock)


def test_who_stands_in_for_a_head_gives_work_to_whom_the_head_is_apart_from(office: Office) -> None:
    """Assigning is the head's act, doing is the officer's: only what the officer did counts."""
    review = drafted(office)
    second_head(office)
    also(office, "jr.handler", PostKind.LEADER, "JR")
    delegate(office, "jr.leader", "jr.handler")
    head = for_holder(office, "jr.handler", "jr.leader")
    row = cases.assign_task(office.session, review, to_username="jr.second.head", actor=head, clock=office.clock)
    assert row.assignee is not None


# ── the applicant ─────────────────────────────────────────────────────────────────────────────────


def filed_by(office: Office, username: str) -> int:
    """Return the formal check of an application that an officer filed for an enterprise."""
    office.open(username, application(issuer(0, "YHQ")))
    return office.find("jr.handler2", "formal_check").id


def test_an_officer_who_filed_for_an_enterprise_decides_nothing_in_that_case(office: Office) -> None:
    check = filed_by(office, "jr.handler")
    with pytest.raises(ApplicantDecidesError):
        office.claim("jr.handler", check)
    delegate(office, "jr.handler2", "jr.handler")
    with pytest.raises(ApplicantDecidesError):  # nor in a colleague's post
        claim(office, check, for_holder(office, "jr.handler", "jr.handler2"))
    with pytest.raises(ApplicantDecidesError):  # nor by being given it
        office.act(cases.assign_task, "jr.reviewer", check, to_username="jr.handler")
    assert office.claim("jr.handler2", check).id == check


def test_nor_does_a_deputy_of_that_officer_for_them(office: Office) -> None:
    check = filed_by(office, "jr.handler")
    delegate(office, "jr.handler", "jr.handler2")
    with pytest.raises(ApplicantDecidesError):
        claim(office, check, for_holder(office, "jr.handler2", "jr.handler"))
    assert office.claim("jr.handler2", check).id == check


def test_nor_does_the_officer_for_whom_a_deputy_filed(office: Office) -> None:
    delegate(office, "jr.handler", "jr.handler2")
    deputy = for_holder(office, "jr.handler2", "jr.handler")
    cases.open_case(
        office.session,
        cases.OpenCase("bond_subsidy", application(issuer(0, "YHQ"))),
        actor=deputy,
        clock=office.clock,
    )
    office.session.commit()
    check = office.find("jr.handler", "formal_check").id
    for username in ("jr.handler", "jr.handler2"):
        with pytest.raises(ApplicantDecidesError):
            office.claim(username, check)


def test_handing_the_case_over_does_not_make_the_filer_a_stranger(office: Office) -> None:
    check = filed_by(office, "jr.handler")
    office.act(hand_over, "jr.leader", "jr.handler", to_username="jr.reviewer", reason="调离")
    with pytest.raises(ApplicantDecidesError):
        office.claim("jr.handler", check)


def test_who_works_for_the_applicant_too_decides_nothing_for_them(office: Office) -> None:
    opened = office.open("enterprise-a.applicant", application(issuer(0, "YHQ")))
    code = actor(office.session, "enterprise-a.applicant", office.clock).agency_code
    also(office, "jr.handler", PostKind.APPLICANT, code)
    check = office.find("jr.handler2", "formal_check", opened.case_no).id
    officer = for_holder(office, "jr.handler", "jr.handler")
    with pytest.raises(ApplicantDecidesError):
        claim(office, check, officer)
    office.claim("jr.handler2", check)
