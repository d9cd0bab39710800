"""委托 and B角: a colleague acts in somebody's post, in their own name, and both are on record."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories.cases import Office, application, issuer, seed_everything
from tests.factories.org import actor, agency, appoint, make_post, person
from workflows import audit, cases
from workflows.agencies import deputies
from workflows.agencies.deputies import NewAbsence, NewBackup, NewDelegation, load_acting
from workflows.agencies.models import Post
from workflows.audit import AuditEntry
from workflows.cases import CompleteTask, TaskQuery
from workflows.cases.collaboration.deputising import count_by_post, delegate_work, delegations_page, stop_delegation
from workflows.cases.models import HumanTask
from workflows.cases.notifications import list_notifications
from workflows.clock import FixedClock, office_date
from workflows.errors import (
    InvalidInputError,
    NotFoundError,
    PermissionDeniedError,
    SamePersonError,
    StateConflictError,
)
from workflows.permissions import Actor, PostKind

MONDAY = date(2019, 10, 14)


@pytest.fixture
def office(session: Session, clock: FixedClock) -> Office:
    seed_everything(session, clock)
    return Office(session, clock)


def delegate(office: Office, by: str = "jr.handler", to: str = "jr.handler2", **asked: Any) -> Any:
    wanted = NewDelegation(to, **{"from_on": MONDAY, "to_on": MONDAY + timedelta(days=4), **asked})
    return office.act(delegate_work, by, wanted)


def post_of(office: Office, username: str) -> int:
    return actor(office.session, username, office.clock).post_id


def standing_in(office: Office, username: str, for_username: str) -> Actor:
    """Somebody acting in the post of another."""
    on = office_date(office.clock.now())
    return load_acting(office.session, person(office.session, username).id, post_of(office, for_username), on)


def mine(office: Office, who: Actor, queue: Any = "mine") -> list[int]:
    found = cases.list_tasks(office.session, TaskQuery(queue), actor=who, clock=office.clock).items
    return [row.id for row in found]


def held_by_principal(office: Office) -> int:
    office.open("enterprise-a.applicant", application(issuer(0, "YHQ")))
    return office.take("jr.handler", "formal_check")


def test_a_deputy_sees_and_does_the_principals_work_and_both_are_on_record(office: Office) -> None:
    task_id = held_by_principal(office)
    delegate(office)
    deputy = standing_in(office, "jr.handler2", "jr.handler")
    assert mine(office, deputy) == [task_id]
    assert mine(office, actor(office.session, "jr.handler2", office.clock)) == []
    cases.complete_task(office.session, CompleteTask(task_id, "accept"), actor=deputy, clock=office.clock)
    office.session.commit()
    task = office.session.get_one(HumanTask, task_id)
    principal, did = person(office.session, "jr.handler"), person(office.session, "jr.handler2")
    assert (task.completed_by_person_id, task.completed_for_person_id) == (did.id, principal.id)
    entry = office.session.scalars(select(AuditEntry).where(AuditEntry.event == "task.completed")).one()
    assert (entry.person_id, entry.post_id, entry.payload["on_behalf_of"]) == (did.id, deputy.post_id, principal.id)
    events = cases.list_events(
        office.session, "运债补〔2019〕1号", actor=actor(office.session, "jr.handler", office.clock)
    ).items
    completed = next(event for event in events if event.event == "task.completed")
    assert completed.principal is not None
    assert (completed.person, completed.principal.zh) == (did.name_zh, principal.name_zh)
    assert audit.verify(office.session).ok


def test_what_a_deputy_claims_is_the_principals(office: Office) -> None:
    office.open("enterprise-a.applicant", application(issuer(0, "YHQ")))
    task_id = office.find("jr.handler", "formal_check").id
    delegate(office)
    deputy = standing_in(office, "jr.handler2", "jr.handler")
    cases.claim_task(office.session, task_id, actor=deputy, clock=office.clock)
    office.session.commit()
    assert mine(office, actor(office.session, "jr.handler", office.clock)) == [task_id] == mine(office, deputy)
    cases.release_task(office.session, task_id, actor=deputy, clock=office.clock)
    office.session.commit()
    assert mine(office, deputy) == []


def test_it_holds_from_the_first_day_to_the_last_and_not_after_it_was_ended(office: Office, clock: FixedClock) -> None:
    made, _ = delegate(office, from_on=MONDAY + timedelta(days=1), to_on=MONDAY + timedelta(days=2))
    holds = []
    for _day in range(5):
        try:
            standing_in(office, "jr.handler2", "jr.handler")
            holds.append(True)
        except PermissionDeniedError:
            holds.append(False)
        clock.advance(timedelta(days=1))
    assert holds == [False, True, True, False, False]
    clock.advance(timedelta(days=-4))
    office.act(stop_delegation, "jr.handler", made.id)
    with pytest.raises(PermissionDeniedError):
        standing_in(office, "jr.handler2", "jr.handler")
    with pytest.raises(StateConflictError):
        office.act(stop_delegation, "jr.handler", made.id)


def test_a_head_may_end_it_a_deputy_may_not_and_strangers_find_nothing(office: Office) -> None:
    made, _ = delegate(office)
    with pytest.raises(PermissionDeniedError):
        office.act(stop_delegation, "jr.handler2", made.id)
    for stranger in ("cz.reviewer", "cz.handler", "jr.clerk"):
        with pytest.raises(NotFoundError):
            office.act(stop_delegation, stranger, made.id)
        who = actor(office.session, stranger, office.clock)
        assert delegations_page(office.session, actor=who, clock=office.clock).items == ()
    assert office.act(stop_delegation, "jr.leader", made.id).state == "ended"
    told = {
        username: [
            row.kind
            for row in list_notifications(
                office.session, actor=actor(office.session, username, office.clock), clock=office.clock
            ).items
        ]
        for username in ("jr.handler", "jr.handler2")
    }
    assert told == {
        "jr.handler": ["delegation_ended"],
        "jr.handler2": ["delegation_ended", "delegation_started"],
    }


@pytest.mark.parametrize(
    ("to", "asked", "wrong"),
    [
        ("jr.handler", {}, "to"),
        ("cz.handler", {}, "to"),
        ("jr.reviewer", {}, "to"),
        ("jr.clerk", {}, "to"),
        ("nobody", {}, "to"),
        ("\x00", {}, "to"),
        ("长" * 100, {}, "to"),
        ("jr.handler2", {"from_on": MONDAY - timedelta(days=1)}, "from_on"),
        ("jr.handler2", {"to_on": MONDAY - timedelta(days=1)}, "to_on"),
        ("jr.handler2", {"to_on": MONDAY + timedelta(days=400)}, "to_on"),
        ("jr.handler2", {"to_on": date.max}, "to_on"),
        ("jr.handler2", {"scope": "everything"}, "scope"),
        ("jr.handler2", {"scope": "measure:99"}, "scope"),
        ("jr.handler2", {"scope": ""}, "scope"),
    ],
)
def test_a_delegation_that_cannot_be_is_refused_by_name(
    office: Office, to: str, asked: dict[str, Any], wrong: str
) -> None:
    with pytest.raises(InvalidInputError) as refused:
        delegate(office, to=to, **asked)
    assert [error.field for error in refused.value.errors] == [wrong]
    who = actor(office.session, "jr.handler", office.clock)
    assert delegations_page(office.session, actor=who, clock=office.clock).items == ()


def test_delegations_neither_overlap_nor_chain(office: Office, clock: FixedClock) -> None:
    for number in (3, 4):
        who = make_post(office.session, agency(office.session, "JR"), seat=number)
        appoint(office.session, person(office.session, f"jr.{'reviewer' if number == 3 else 'leader'}"), who)
    office.session.commit()
    delegate(office)
    for by, to, wrong in (
        ("jr.handler", "jr.reviewer", "from_on"),  # overlapping
        ("jr.handler2", "jr.reviewer", "from_on"),  # stands in for somebody meanwhile
        ("jr.handler2", "jr.handler", "from_on"),  # in a circle
    ):
        with pytest.raises(InvalidInputError) as refused:
            delegate(office, by=by, to=to)
        assert [error.field for error in refused.value.errors] == [wrong]
    third = load_acting(
        office.session,
        person(office.session, "jr.reviewer").id,
        office.session.scalars(
            select(Post.id).where(Post.agency_id == agency(office.session, "JR").id, Post.seat == 3)
        ).one(),
        MONDAY,
    )
    wanted = NewDelegation("jr.handler", MONDAY, MONDAY)
    with pytest.raises(InvalidInputError):  # the deputy is away
        delegate_work(office.session, wanted, actor=third, clock=clock)
    office.session.rollback()
    with pytest.raises(PermissionDeniedError):  # another's post is not one's own to delegate
        delegate_work(
            office.session,
            NewDelegation("jr.reviewer", MONDAY, MONDAY),
            actor=standing_in(office, "jr.handler2", "jr.handler"),
            clock=clock,
        )
    office.session.rollback()
    delegate(office, from_on=MONDAY + timedelta(days=5), to_on=MONDAY + timedelta(days=9))


def test_what_falls_due_meanwhile_is_named_as_a_warning(office: Office) -> None:
    task_id = held_by_principal(office)
    _, due = delegate(office, to_on=MONDAY + timedelta(days=1))
    assert due == ()
    made, _ = delegate(office, from_on=MONDAY + timedelta(days=2), to_on=MONDAY + timedelta(days=30))
    assert made.state == "coming"
    office.act(stop_delegation, "jr.handler", made.id)
    _, due = delegate(office, from_on=MONDAY + timedelta(days=2), to_on=MONDAY + timedelta(days=30))
    assert [row.id for row in due] == [task_id]


def test_a_deputy_of_one_measure_touches_no_other(office: Office) -> None:
    task_id = held_by_principal(office)
    delegate(office, scope="measure:3")
    deputy = standing_in(office, "jr.handler2", "jr.handler")
    assert mine(office, deputy) == mine(office, deputy, "available") == []
    for service, args in (
        (cases.get_task, (task_id,)),
        (cases.release_task, (task_id,)),
        (cases.complete_task, (CompleteTask(task_id, "accept"),)),
        (cases.get_case, ("运债补〔2019〕1号",)),
    ):
        with pytest.raises(NotFoundError):
            service(office.session, *args, actor=deputy, clock=office.clock)  # type: ignore[operator]
        office.session.rollback()


def as_reviewer(office: Office, username: str) -> int:
    """Give somebody a second post, as section head; return it."""
    who = person(office.session, username)
    post = make_post(office.session, agency(office.session, "JR"), PostKind.REVIEWER, seat=10 + who.id)
    appoint(office.session, who, post)
    office.session.commit()
    return post.id


def test_steps_kept_apart_stay_apart_through_a_delegation(office: Office, clock: FixedClock) -> None:
    """Neither the deputy nor the person whose work it was reviews what the deputy drafted."""
    no = office.accept("YHQ")
    office.verify(no, "YHQ")
    delegate(office)
    deputy = standing_in(office, "jr.handler2", "jr.handler")
    task_id = office.find("jr.handler", "municipal_review").id
    cases.claim_task(office.session, task_id, actor=deputy, clock=clock)
    cases.complete_task(office.session, CompleteTask(task_id, "file", "拟同意"), actor=deputy, clock=clock)
    office.session.commit()
    review = office.find("jr.reviewer", "section_review").id
    for username in ("jr.handler", "jr.handler2"):
        who = load_acting(office.session, person(office.session, username).id, as_reviewer(office, username), MONDAY)
        with pytest.raises(SamePersonError):
            cases.claim_task(office.session, review, actor=who, clock=clock)
        office.session.rollback()


def test_who_drafted_does_not_review_as_somebodys_deputy(office: Office, clock: FixedClock) -> None:
    no = office.accept("YHQ")
    office.verify(no, "YHQ")
    office.do("jr.handler", "municipal_review", "file", opinion="拟同意")
    as_reviewer(office, "jr.handler")
    office.act(delegate_work, "jr.reviewer", NewDelegation("jr.handler", MONDAY, MONDAY))
    deputy = standing_in(office, "jr.handler", "jr.reviewer")
    review = office.find("jr.reviewer", "section_review").id
    with pytest.raises(SamePersonError):
        cases.claim_task(office.session, review, actor=deputy, clock=clock)
    office.session.rollback()
    assert office.claim("jr.reviewer", review).id == review


# ── B角 ───────────────────────────────────────────────────────────────────────────────────────────


def name_backup(office: Office, **asked: Any) -> Any:
    wanted = {"post_id": post_of(office, "jr.handler"), "username": "jr.handler2", "from_on": MONDAY, **asked}
    return office.act(deputies.add_backup, "jr.leader", NewBackup(**wanted))


def test_a_backup_acts_only_while_the_holder_is_away(office: Office, clock: FixedClock) -> None:
    task_id = held_by_principal(office)
    name_backup(office)
    with pytest.raises(PermissionDeniedError):
        standing_in(office, "jr.handler2", "jr.handler")
    away = NewAbsence("jr.handler", MONDAY, MONDAY + timedelta(days=1), "年休假")
    recorded = office.act(deputies.add_absence, "jr.handler", away)
    backup = standing_in(office, "jr.handler2", "jr.handler")
    assert mine(office, backup) == [task_id]
    assert backup.on_behalf_of == person(office.session, "jr.handler").id
    office.act(deputies.end_absence, "jr.reviewer", recorded.id)
    with pytest.raises(PermissionDeniedError):
        standing_in(office, "jr.handler2", "jr.handler")


def test_a_backup_no_longer_named_does_not_act(office: Office, clock: FixedClock) -> None:
    named = name_backup(office)
    office.act(deputies.add_absence, "jr.leader", NewAbsence("jr.handler", MONDAY, MONDAY, "病假"))
    assert standing_in(office, "jr.handler2", "jr.handler").agency_code == "JR"
    assert [row.username for row in office.act(deputies.list_backups, "jr.handler")] == ["jr.handler2"]
    assert [row.username for row in office.act(deputies.list_absences, "jr.clerk")] == ["jr.handler"]
    office.act(deputies.end_backup, "jr.leader", named.id)
    with pytest.raises(PermissionDeniedError):
        standing_in(office, "jr.handler2", "jr.handler")
    with pytest.raises(NotFoundError):
        office.act(deputies.end_backup, "jr.leader", named.id)


@pytest.mark.parametrize(
    ("asked", "wrong"),
    [
        ({"username": "jr.handler"}, "to"),  # the holder
        ({"username": "cz.handler2"}, "to"),
        ({"username": "jr.leader"}, "to"),
        ({"from_on": MONDAY - timedelta(days=1)}, "from_on"),
        ({"to_on": MONDAY - timedelta(days=1)}, "to_on"),
    ],
)
def test_a_backup_that_cannot_be_is_refused_by_name(office: Office, asked: dict[str, Any], wrong: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        name_backup(office, **asked)
    assert [error.field for error in refused.value.errors] == [wrong]


def test_nobody_makes_themselves_a_backup_and_only_the_leader_names_one_for_the_leader(office: Office) -> None:
    leading = post_of(office, "jr.leader")
    with pytest.raises(InvalidInputError):
        office.act(deputies.add_backup, "jr.leader", NewBackup(post_of(office, "jr.reviewer"), "jr.leader", MONDAY))
    for username in ("jr.reviewer", "jr.leader"):
        with pytest.raises((InvalidInputError, PermissionDeniedError)):
            office.act(deputies.add_backup, "jr.reviewer", NewBackup(leading, username, MONDAY))
    office.act(deputies.add_backup, "jr.leader", NewBackup(leading, "jr.reviewer", MONDAY))


def test_backups_and_leave_are_arranged_inside_the_agency_by_its_heads(office: Office) -> None:
    wanted = NewBackup(post_of(office, "jr.handler"), "jr.handler2", MONDAY)
    with pytest.raises(NotFoundError):
        office.act(deputies.add_backup, "cz.leader", wanted)
    with pytest.raises(PermissionDeniedError):
        office.act(deputies.add_backup, "jr.handler", wanted)
    away = NewAbsence("jr.handler", MONDAY, MONDAY, "出差")
    with pytest.raises(PermissionDeniedError):
        office.act(deputies.add_absence, "jr.handler2", away)
    with pytest.raises(InvalidInputError):
        office.act(deputies.add_absence, "cz.leader", away)
    recorded = office.act(deputies.add_absence, "jr.handler", away)
    with pytest.raises(NotFoundError):
        office.act(deputies.end_absence, "cz.leader", recorded.id)
    with pytest.raises(InvalidInputError):  # twice
        office.act(deputies.add_absence, "jr.handler", away)
    later = MONDAY + timedelta(days=5)
    for reason in ("", "长" * 201, "\x07"):
        with pytest.raises(InvalidInputError) as refused:
            office.act(deputies.add_absence, "jr.handler", NewAbsence("jr.handler", later, later, reason))
        assert [error.field for error in refused.value.errors] == ["reason"]


def test_each_post_one_can_act_in_shows_what_waits_there(office: Office, clock: FixedClock) -> None:
    held_by_principal(office)
    office.open("enterprise-a.applicant", application(issuer(1, "YHQ")))
    delegate(office)
    posts = count_by_post(office.session, person(office.session, "jr.handler2").id, clock=clock)
    shown = [(each.principal.code if each.principal else None, each.counts["mine"]) for each in posts]
    assert shown == [(None, 0), ("jr.handler", 1)]
    assert [each.counts["available"] for each in posts] == [1, 1]
