"""Appointments that end, accounts that close, and who is kept from it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from tests.factories.org import actor, agency, appoint, make_person, make_post, person, seed_organisation
from webapp.database import begin_write
from workflows.agencies.accounts import NewAccount
from workflows.agencies.decide_grant import approve_grant
from workflows.agencies.end_appointment import close_account, end_appointment
from workflows.agencies.grants import Grant
from workflows.agencies.models import Appointment
from workflows.agencies.people import get_person
from workflows.agencies.posts import posts_of
from workflows.agencies.request_grant import (
    Term,
    request_account,
    request_appointment,
    request_password,
    request_restoration,
)
from workflows.clock import FixedClock
from workflows.errors import (
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


def test_an_ended_appointment_is_held_no_more_and_was_held_until_then(
    session: Session, clock: FixedClock, system: Actor
) -> None:
    somebody = person(session, "jr.handler")
    appointment = session.scalars(select(Appointment).where(Appointment.person_id == somebody.id)).one()
    end_appointment(session, appointment.id, actor=system, clock=clock)
    assert held(session, "jr.handler") == []
    assert held(session, "jr.handler", TODAY - timedelta(days=1)) == [("JR", PostKind.HANDLER)]
    with pytest.raises(StateConflictError):
        end_appointment(session, appointment.id, actor=system, clock=clock)
    with pytest.raises(NotFoundError):
        end_appointment(session, 999_999, actor=system, clock=clock)
    view = get_person(session, somebody.id, clock=clock).appointments[0]
    assert (view.in_force, view.over, view.to_on) == (False, True, TODAY)


def test_one_that_was_to_come_never_begins(session: Session, clock: FixedClock, system: Actor, security: Actor) -> None:
    term = Term(TOMORROW)
    grant = request_appointment(session, "jr.handler", "CZ", PostKind.HANDLER, term, actor=system, clock=clock)
    approve_grant(session, grant.id, 1, actor=security, clock=clock)
    newest = session.scalars(select(Appointment).order_by(Appointment.id.desc()).limit(1)).one()
    end_appointment(session, newest.id, actor=system, clock=clock)
    assert held(session, "jr.handler", TOMORROW) == [("JR", PostKind.HANDLER)]


def test_the_same_person_may_be_appointed_anew_on_the_day_it_ended(
    session: Session, clock: FixedClock, system: Actor, security: Actor
) -> None:
    for _ in range(2):
        grant = ask_post(session, system, clock, "cz.handler", PostKind.HANDLER)
        approve_grant(session, grant.id, 1, actor=security, clock=clock)
        newest = session.scalars(select(Appointment).order_by(Appointment.id.desc()).limit(1)).one()
        end_appointment(session, newest.id, actor=system, clock=clock)
    assert held(session, "cz.handler") == [("CZ", PostKind.HANDLER)]


def test_a_closed_account_takes_a_second_person_to_restore(
    session: Session, clock: FixedClock, system: Actor, security: Actor
) -> None:
    who = person(session, "jr.handler").id
    with pytest.raises(StateConflictError):
        request_restoration(session, who, actor=system, clock=clock)
    close_account(session, who, actor=system, clock=clock)
    assert held(session, "jr.handler") == []
    with pytest.raises(StateConflictError):
        close_account(session, who, actor=system, clock=clock)
    with pytest.raises(StateConflictError):
        request_password(session, who, "a-hash", actor=system, clock=clock)
    grant = request_restoration(session, who, actor=system, clock=clock)
    assert held(session, "jr.handler") == []
    approve_grant(session, grant.id, 1, actor=security, clock=clock)
    assert held(session, "jr.handler") == [("JR", PostKind.HANDLER)]


def test_a_lost_password_is_replaced_by_two_persons_and_changed_at_once(
    session: Session, clock: FixedClock, system: Actor, security: Actor
) -> None:
    before = person(session, "jr.handler").password_hash
    grant = request_password(session, person(session, "jr.handler").id, "a-hash", actor=system, clock=clock)
    assert person(session, "jr.handler").password_hash == before
    with pytest.raises(StateConflictError):
        request_password(session, person(session, "jr.handler").id, "other", actor=system, clock=clock)
    approve_grant(session, grant.id, 1, actor=security, clock=clock)
    after = person(session, "jr.handler")
    assert (after.password_hash, after.must_change_password) == ("a-hash", True)


def test_the_last_administrator_of_a_kind_stays(session: Session, clock: FixedClock, system: Actor) -> None:
    security_id = person(session, "admin.security").id
    appointment = session.scalars(select(Appointment).where(Appointment.person_id == security_id)).one()
    with pytest.raises(StateConflictError):
        end_appointment(session, appointment.id, actor=system, clock=clock)
    with pytest.raises(StateConflictError):
        close_account(session, security_id, actor=system, clock=clock)
    appoint(
        session,
        make_person(session, clock, "second"),
        make_post(session, agency(session, "DC"), PostKind.SECURITY_ADMIN, seat=90),
    )
    end_appointment(session, appointment.id, actor=system, clock=clock)


def test_an_administrator_does_not_manage_the_own_account(session: Session, clock: FixedClock, system: Actor) -> None:
    mine = session.scalars(select(Appointment).where(Appointment.person_id == system.person_id)).one()
    for act in (
        lambda: end_appointment(session, mine.id, actor=system, clock=clock),
        lambda: close_account(session, system.person_id, actor=system, clock=clock),
        lambda: request_password(session, system.person_id, "a-hash", actor=system, clock=clock),
    ):
        with pytest.raises(PermissionDeniedError, match="for-oneself"):
            act()


def test_of_two_approvals_at_once_one_counts(
    engine: Engine, session: Session, clock: FixedClock, system: Actor, security: Actor
) -> None:
    grant = ask(session, system, clock)
    session.commit()

    def approve(_: int) -> bool:
        with Session(engine) as own:
            begin_write(own)
            try:
                approve_grant(own, grant.id, 1, actor=security, clock=clock)
                own.commit()
            except StateConflictError:
                own.rollback()
                return False
            return True

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(approve, range(4))) == [False, False, False, True]
