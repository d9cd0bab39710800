"""Accounts and posts take two persons to give and one to take away; 三员 are kept apart."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Barrier

import pytest
from sqlalchemy import Engine, func, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from tests.factories.org import actor, agency, appoint, make_person, make_post, person, seed_organisation
from webapp.database import begin_write
from workflows.agencies.accounts import NewAccount
from workflows.agencies.decide_grant import approve_grant, refuse_grant, withdraw_grant
from workflows.agencies.end_appointment import close_account, end_appointment
from workflows.agencies.grants import Grant, list_grants
from workflows.agencies.models import Appointment, GrantRequest, GrantStatus, Person, Post
from workflows.agencies.posts import posts_of
from workflows.agencies.request_grant import (
    Term,
    request_account,
    request_appointment,
    request_password,
)
from workflows.clock import FixedClock
from workflows.errors import (
    ConcurrencyError,
    InvalidInputError,
    NotFoundError,
    PermissionDeniedError,
    StateConflictError,
)
from workflows.permissions import Actor, PostKind

TODAY = date(2019, 10, 14)
TOMORROW = TODAY + timedelta(days=1)


@pytest.fixture
def system(session: Session, clock: FixedClock) -> Actor:
    seed_organisation(session, clock)
    return actor(session, "admin.system", clock)


@pytest.fixture
def security(session: Session, clock: FixedClock, system: Actor) -> Actor:
    return actor(session, "admin.security", clock)


def account(username: str = "new.handler", kind: PostKind = PostKind.HANDLER, code: str = "JR") -> NewAccount:
    return NewAccount(username, code, kind, "新人", "New Hand", "a-hash")


def ask(session: Session, who: Actor, clock: FixedClock, term: Term | None = None, **given: object) -> Grant:
    wish = account(**given)  # type: ignore[arg-type]
    return request_account(session, wish, term or Term(), actor=who, clock=clock)


def ask_post(session: Session, who: Actor, clock: FixedClock, username: str, kind: PostKind, code: str = "JR") -> Grant:
    return request_appointment(session, username, code, kind, Term(), actor=who, clock=clock)


def codes(caught: pytest.ExceptionInfo[InvalidInputError]) -> list[tuple[str, str]]:
    return [(error.field, error.code) for error in caught.value.errors]


def held(session: Session, username: str, on: date = TODAY) -> list[tuple[str, PostKind]]:
    return [(post.agency_code, post.kind) for post in posts_of(session, person(session, username).id, on)]


def test_a_new_account_is_not_there_before_another_person_approves(
    session: Session, clock: FixedClock, system: Actor, security: Actor
) -> None:
    grant = ask(session, system, clock)
    assert session.scalar(select(Person.id).where(Person.username == "new.handler")) is None
    decided = approve_grant(session, grant.id, 1, actor=security, clock=clock)
    assert (decided.status, decided.decider_zh) == (GrantStatus.APPROVED, security.person_name)
    made = person(session, "new.handler")
    assert (made.password_hash, made.must_change_password) == ("a-hash", True)
    assert held(session, "new.handler") == [("JR", PostKind.HANDLER)]
    assert session.get_one(GrantRequest, grant.id).password_hash is None


def test_nobody_approves_what_they_asked_for(session: Session, clock: FixedClock, system: Actor) -> None:
    """Whatever post they act in by now: it is the person that counts."""
    grant = ask(session, system, clock)
    both = Actor(
        person_id=system.person_id,
        person_name=system.person_name,
        post_id=system.post_id,
        post_kind=PostKind.SECURITY_ADMIN,
        agency_id=system.agency_id,
        agency_code=system.agency_code,
        agency_name=system.agency_name,
    )
    for decide in (
        lambda: approve_grant(session, grant.id, 1, actor=both, clock=clock),
        lambda: refuse_grant(session, grant.id, 1, "不同意", actor=both, clock=clock),
    ):
        with pytest.raises(PermissionDeniedError, match="same-person"):
            decide()


def test_nobody_approves_what_is_for_themselves(
    session: Session, clock: FixedClock, system: Actor, security: Actor
) -> None:
    grant = request_password(session, security.person_id, "a-hash", actor=system, clock=clock)
    with pytest.raises(PermissionDeniedError, match="for-oneself"):
        approve_grant(session, grant.id, 1, actor=security, clock=clock)


@pytest.mark.parametrize(
    "values",
    [
        {"decided_by": "requester", "status": "approved"},
        {"decided_by": "person", "status": "approved"},
        {"status": "approved"},
        {"password_hash": "kept", "status": "withdrawn"},
    ],
)
def test_the_database_itself_wants_two_persons(
    session: Session, clock: FixedClock, system: Actor, security: Actor, values: dict[str, str]
) -> None:
    grant = request_password(session, security.person_id, "a-hash", actor=system, clock=clock)
    keys = {"requester": system.person_id, "person": security.person_id}
    written = {"password_hash": None, **{name: keys.get(value, value) for name, value in values.items()}}
    with pytest.raises(DBAPIError):
        session.execute(update(GrantRequest).where(GrantRequest.id == grant.id).values(**written))


def test_only_those_posts_ask_and_decide(session: Session, clock: FixedClock, system: Actor, security: Actor) -> None:
    grant = ask(session, system, clock)
    for username in ("jr.leader", "admin.audit", "admin.security"):
        who = actor(session, username, clock)
        with pytest.raises(PermissionDeniedError):
            ask(session, who, clock, username="another")
        with pytest.raises(PermissionDeniedError):
            end_appointment(session, 1, actor=who, clock=clock)
        with pytest.raises(PermissionDeniedError):
            close_account(session, 1, actor=who, clock=clock)
    for username in ("jr.leader", "admin.audit", "admin.system"):
        with pytest.raises(PermissionDeniedError):
            approve_grant(session, grant.id, 1, actor=actor(session, username, clock), clock=clock)


def test_what_was_decided_is_not_decided_again(
    session: Session, clock: FixedClock, system: Actor, security: Actor
) -> None:
    grant = ask(session, system, clock)
    with pytest.raises(ConcurrencyError):
        approve_grant(session, grant.id, 2, actor=security, clock=clock)
    refused = refuse_grant(session, grant.id, 1, "编制已满", actor=security, clock=clock)
    assert (refused.status, refused.note) == (GrantStatus.REFUSED, "编制已满")
    with pytest.raises(StateConflictError):
        approve_grant(session, grant.id, 2, actor=security, clock=clock)
    with pytest.raises(StateConflictError):
        withdraw_grant(session, grant.id, 2, "不需要了", actor=system, clock=clock)
    with pytest.raises(NotFoundError):
        approve_grant(session, 999_999, 1, actor=security, clock=clock)


@pytest.mark.parametrize("note", ["", "  ", "x" * 501, "a\x00b"])
def test_a_refusal_says_why(session: Session, clock: FixedClock, system: Actor, security: Actor, note: str) -> None:
    grant = ask(session, system, clock)
    with pytest.raises(InvalidInputError) as caught:
        refuse_grant(session, grant.id, 1, note, actor=security, clock=clock)
    assert codes(caught)[0][0] == "reason"


def test_a_withdrawn_name_may_be_asked_for_again_and_a_waiting_one_not(
    session: Session, clock: FixedClock, system: Actor
) -> None:
    grant = ask(session, system, clock)
    with pytest.raises(InvalidInputError) as caught:
        ask(session, system, clock)
    assert codes(caught) == [("username", "already-requested")]
    withdraw_grant(session, grant.id, 1, "写错了", actor=system, clock=clock)
    ask(session, system, clock)
    assert len(list_grants(session, status=GrantStatus.REQUESTED).items) == 1


@pytest.mark.parametrize(
    ("term", "wrong"),
    [
        (Term(TODAY - timedelta(days=1)), [("from_on", "past-date")]),
        (Term(TOMORROW, TODAY), [("to_on", "date-order")]),
        (Term(None, TODAY - timedelta(days=1)), [("to_on", "date-order")]),
    ],
)
def test_days_in_the_past_or_the_wrong_way_round_are_named(
    session: Session, clock: FixedClock, system: Actor, term: Term, wrong: list[tuple[str, str]]
) -> None:
    with pytest.raises(InvalidInputError) as caught:
        ask(session, system, clock, term)
    assert codes(caught) == wrong


def test_a_second_post_begins_on_its_first_day(
    session: Session, clock: FixedClock, system: Actor, security: Actor
) -> None:
    term = Term(TOMORROW, TOMORROW + timedelta(days=9))
    grant = request_appointment(session, "jr.handler", "CZ", PostKind.HANDLER, term, actor=system, clock=clock)
    approve_grant(session, grant.id, 1, actor=security, clock=clock)
    assert held(session, "jr.handler") == [("JR", PostKind.HANDLER)]
    assert held(session, "jr.handler", TOMORROW) == [("JR", PostKind.HANDLER), ("CZ", PostKind.HANDLER)]
    assert held(session, "jr.handler", TOMORROW + timedelta(days=10)) == [("JR", PostKind.HANDLER)]


def test_a_vacant_post_is_filled_before_a_new_one_is_made(
    session: Session, clock: FixedClock, system: Actor, security: Actor
) -> None:
    vacated = session.scalars(select(Appointment).where(Appointment.person_id == person(session, "jr.leader").id)).one()
    end_appointment(session, vacated.id, actor=system, clock=clock)
    for username in ("jr.reviewer", "cz.reviewer"):
        grant = ask_post(session, system, clock, username, PostKind.LEADER)
        approve_grant(session, grant.id, 1, actor=security, clock=clock)
    leaders = select(Appointment.post_id).join(Post).where(Post.kind == PostKind.LEADER, Appointment.from_on == TODAY)
    assert sorted(session.scalars(leaders)) == sorted({vacated.post_id, *session.scalars(leaders)})
    assert (
        session.scalar(
            select(func.count())
            .select_from(Post)
            .where(Post.agency_id == agency(session, "JR").id, Post.kind == PostKind.LEADER)
        )
        == 2
    )


@pytest.mark.parametrize(
    ("username", "code", "kind", "wrong"),
    [
        ("nobody", "JR", PostKind.HANDLER, ("username", "no-such-person")),
        ("jr.handler", "NOWHERE", PostKind.HANDLER, ("agency", "not-in-list")),
        ("jr.handler", "BANK-A", PostKind.HANDLER, ("post", "not-allowed-there")),
        ("jr.handler", "CZ", PostKind.APPLICANT, ("post", "not-allowed-there")),
        ("jr.handler", "JR", PostKind.HANDLER, ("post", "held-already")),
        ("jr.handler", "DC", PostKind.AUDIT_ADMIN, ("post", "administrators-apart")),
        ("admin.audit", "DC", PostKind.SYSTEM_ADMIN, ("post", "administrators-apart")),
        ("admin.audit", "DC", PostKind.SECURITY_ADMIN, ("post", "administrators-apart")),
        ("admin.system", "DC", PostKind.SECURITY_ADMIN, ("post", "administrators-apart")),
        ("admin.system", "DC", PostKind.SUPERVISOR, ("post", "administrators-apart")),
    ],
)
def test_a_post_that_cannot_be_had_is_named_and_nothing_asked(
    session: Session,
    clock: FixedClock,
    system: Actor,
    username: str,
    code: str,
    kind: PostKind,
    wrong: tuple[str, str],
) -> None:
    with pytest.raises(InvalidInputError) as caught:
        ask_post(session, system, clock, username, kind, code)
    assert codes(caught) == [wrong]
    assert list_grants(session).items == ()


def test_what_stood_against_it_is_looked_at_again_at_the_approval(
    session: Session, clock: FixedClock, system: Actor, security: Actor
) -> None:
    first = ask_post(session, system, clock, "jr.handler", PostKind.HANDLER, "CZ")
    approve_grant(session, first.id, 1, actor=security, clock=clock)
    second = ask(session, system, clock)
    make_person(session, clock, "new.handler")
    with pytest.raises(InvalidInputError) as caught:
        approve_grant(session, second.id, 1, actor=security, clock=clock)
    assert codes(caught) == [("username", "duplicate")]


@pytest.mark.parametrize("held_kind", [PostKind.SYSTEM_ADMIN, PostKind.SECURITY_ADMIN, PostKind.HANDLER])
def test_the_database_itself_keeps_the_auditor_apart(
    session: Session, clock: FixedClock, system: Actor, held_kind: PostKind
) -> None:
    """Past every service, in either order, by insert and by update."""
    somebody = make_person(session, clock, "somebody")
    home = agency(session, "DC")
    mine, audit_post = (make_post(session, home, kind, seat=90) for kind in (held_kind, PostKind.AUDIT_ADMIN))
    session.commit()
    for first, second in ((mine, audit_post), (audit_post, mine)):
        begin_write(session)
        appoint(session, somebody, first)
        with pytest.raises(DBAPIError, match="administrator"):
            appoint(session, somebody, second)
        session.rollback()
    begin_write(session)
    appoint(session, somebody, mine, to_on=TODAY)
    appoint(session, somebody, audit_post, from_on=TOMORROW)
    session.commit()
    begin_write(session)
    with pytest.raises(DBAPIError, match="administrator"):
        session.execute(update(Appointment).where(Appointment.post_id == mine.id).values(to_on=None))
    session.rollback()


def test_the_database_itself_keeps_the_kind_of_a_post(session: Session, system: Actor) -> None:
    with pytest.raises(DBAPIError, match="kind of a post"):
        session.execute(update(Post).where(Post.id == system.post_id).values(kind=PostKind.AUDIT_ADMIN))


def test_of_two_appointments_at_once_that_exclude_each_other_one_stands(
    engine: Engine, session: Session, clock: FixedClock, system: Actor
) -> None:
    somebody = make_person(session, clock, "somebody").id
    home = agency(session, "DC")
    posts = [make_post(session, home, kind, seat=90).id for kind in (PostKind.SYSTEM_ADMIN, PostKind.AUDIT_ADMIN)]
    session.commit()
    together = Barrier(2)

    def give(post_id: int) -> bool:
        with Session(engine) as own:
            together.wait()
            begin_write(own)
            try:
                own.add(Appointment(post_id=post_id, person_id=somebody, from_on=TODAY))
                own.commit()
            except DBAPIError:
                own.rollback()
                return False
            return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(give, posts)) == [False, True]
