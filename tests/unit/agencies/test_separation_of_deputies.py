"""三员 stay apart from all other work through 委托 and B角 too, whichever comes first, in the service and below it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from tests.factories.org import actor, agency, appoint, make_person, make_post, person, seed_organisation
from workflows.agencies import deputies
from workflows.agencies.decide_grant import approve_grant
from workflows.agencies.deputies import NewAbsence, NewBackup, NewDelegation, load_acting, stand_ins
from workflows.agencies.deputies.tables import Delegation, PostBackup
from workflows.agencies.end_appointment import close_account, end_appointment
from workflows.agencies.models import Agency, Appointment
from workflows.agencies.request_grant import Term, request_appointment
from workflows.clock import FixedClock
from workflows.errors import InvalidInputError, PermissionDeniedError
from workflows.permissions import Actor, PostKind

MONDAY = date(2019, 10, 14)
FRIDAY = MONDAY + timedelta(days=4)
THREE = (PostKind.SYSTEM_ADMIN, PostKind.SECURITY_ADMIN, PostKind.AUDIT_ADMIN)


@pytest.fixture(autouse=True)
def _organisation(session: Session, clock: FixedClock) -> None:
    seed_organisation(session, clock)


def system(session: Session, clock: FixedClock) -> Actor:
    return actor(session, "admin.system", clock)


def delegate(session: Session, clock: FixedClock, by: str = "jr.handler", to: str = "jr.handler2") -> None:
    who = actor(session, by, clock)
    deputies.make_delegation(session, NewDelegation(to, MONDAY, FRIDAY), actor=who, clock=clock)


def name_backup(session: Session, clock: FixedClock) -> None:
    post_id = actor(session, "jr.handler", clock).post_id
    wanted = NewBackup(post_id, "jr.handler2", MONDAY)
    deputies.add_backup(session, wanted, actor=actor(session, "jr.leader", clock), clock=clock)


def away(session: Session, clock: FixedClock) -> None:
    wanted = NewAbsence("jr.handler", MONDAY, FRIDAY, "年休假")
    deputies.add_absence(session, wanted, actor=actor(session, "jr.leader", clock), clock=clock)


def end_posts(session: Session, clock: FixedClock, username: str) -> None:
    held = select(Appointment.id).where(Appointment.person_id == person(session, username).id)
    for key in session.scalars(held).all():
        end_appointment(session, key, actor=system(session, clock), clock=clock)


ARRANGED: dict[str, Callable[[Session, FixedClock], None]] = {"delegation": delegate, "backup": name_backup}


@pytest.mark.parametrize("kind", THREE)
@pytest.mark.parametrize("arranged", sorted(ARRANGED))
def test_who_stands_in_for_an_officer_is_made_none_of_the_three(
    session: Session, clock: FixedClock, arranged: str, kind: PostKind
) -> None:
    """Their own post has ended, so only the post they stand in for is in the way."""
    ARRANGED[arranged](session, clock)
    end_posts(session, clock, "jr.handler2")
    with pytest.raises(InvalidInputError) as refused:
        request_appointment(session, "jr.handler2", "JR", kind, Term(), actor=system(session, clock), clock=clock)
    assert [(each.field, each.code) for each in refused.value.errors] == [("post", "administrators-apart")]


@pytest.mark.parametrize("arranged", sorted(ARRANGED))
def test_what_was_asked_for_before_the_delegation_is_not_granted_after_it(
    session: Session, clock: FixedClock, arranged: str
) -> None:
    who = system(session, clock)
    first = FRIDAY - timedelta(days=1)
    end_posts_on = update(Appointment).where(Appointment.person_id == person(session, "jr.handler2").id)
    session.execute(end_posts_on.values(to_on=first - timedelta(days=1)))
    session.expire_all()
    grant = request_appointment(
        session, "jr.handler2", "JR", PostKind.SYSTEM_ADMIN, Term(first), actor=who, clock=clock
    )
    post_id = actor(session, "jr.handler", clock).post_id
    days = {"post_id": post_id, "from_on": MONDAY, "to_on": FRIDAY}
    deputy, principal = person(session, "jr.handler2").id, person(session, "jr.handler").id
    if arranged == "delegation":
        session.execute(
            insert(Delegation).values(
                **days, principal_id=principal, deputy_id=deputy, scope="all", made_at=clock.now()
            )
        )
    else:
        values = {**days, "person_id": deputy, "named_at": clock.now(), "named_by_id": principal}
        session.execute(insert(PostBackup).values(values))
    with pytest.raises(InvalidInputError) as refused:
        approve_grant(session, grant.id, 1, actor=actor(session, "admin.security", clock), clock=clock)
    assert [each.code for each in refused.value.errors] == ["administrators-apart"]


@pytest.mark.parametrize("arranged", sorted(ARRANGED))
def test_an_administrator_to_be_is_named_for_no_day_of_that_post(
    session: Session, clock: FixedClock, arranged: str
) -> None:
    """Handler at both ends of the days asked for, administrator in between: the ends alone would look right."""
    who, middle = person(session, "jr.handler2"), MONDAY + timedelta(days=2)
    session.execute(update(Appointment).where(Appointment.person_id == who.id).values(to_on=middle - timedelta(days=1)))
    session.expire_all()
    admin = make_post(session, agency(session, "JR"), PostKind.AUDIT_ADMIN, seat=9)
    appoint(session, who, admin, from_on=middle, to_on=middle)
    again = make_post(session, agency(session, "JR"), seat=9)
    appoint(session, who, again, from_on=middle + timedelta(days=1))
    with pytest.raises(InvalidInputError) as refused:
        ARRANGED[arranged](session, clock)
    assert [(each.field, each.code) for each in refused.value.errors] == [("to", "administrators-apart")]


def test_the_three_delegate_nothing_and_nobody_is_backup_of_their_post(session: Session, clock: FixedClock) -> None:
    for seat, username in enumerate(("admin.system", "admin.security", "admin.audit"), start=7):
        who = actor(session, username, clock)
        with pytest.raises(PermissionDeniedError):
            deputies.make_delegation(session, NewDelegation("jr.handler", MONDAY, FRIDAY), actor=who, clock=clock)
        head = make_post(session, session.get_one(Agency, who.agency_id), PostKind.LEADER, seat=seat)
        other = make_person(session, clock, f"head.of.{username}")
        appoint(session, other, head)
        with pytest.raises(InvalidInputError):
            deputies.add_backup(
                session,
                NewBackup(who.post_id, other.username, MONDAY),
                actor=actor(session, other.username, clock),
                clock=clock,
            )


@pytest.mark.parametrize("kind", THREE)
@pytest.mark.parametrize("arranged", ["delegation", "backup"])
@pytest.mark.parametrize("first", ["arrangement", "appointment"])
def test_the_database_itself_keeps_the_three_out_of_it(
    session: Session, clock: FixedClock, kind: PostKind, arranged: str, first: str
) -> None:
    who, principal = make_person(session, clock, "somebody"), person(session, "jr.handler")
    admin = make_post(session, agency(session, "JR"), kind, seat=9)
    days = {"post_id": actor(session, "jr.handler", clock).post_id, "from_on": MONDAY, "to_on": FRIDAY}

    def arrange() -> None:
        if arranged == "delegation":
            values = {**days, "principal_id": principal.id, "deputy_id": who.id, "scope": "all", "made_at": clock.now()}
            session.execute(insert(Delegation).values(**values))
        else:
            values = {**days, "person_id": who.id, "named_at": clock.now(), "named_by_id": principal.id}
            session.execute(insert(PostBackup).values(**values))

    acts = [arrange, lambda: appoint(session, who, admin, from_on=MONDAY)]
    if first == "appointment":
        acts.reverse()
    acts[0]()
    with pytest.raises(DBAPIError, match="an administrator stands in for nobody"):
        acts[1]()


def test_the_database_lets_nobody_stand_in_for_one_of_the_three(session: Session, clock: FixedClock) -> None:
    who = actor(session, "admin.security", clock)
    values = {"post_id": who.post_id, "from_on": MONDAY, "to_on": FRIDAY}
    other = person(session, "jr.handler").id
    with pytest.raises(DBAPIError, match="an administrator stands in for nobody"), session.begin_nested():
        session.execute(
            insert(Delegation).values(
                **values, principal_id=who.person_id, deputy_id=other, scope="all", made_at=clock.now()
            )
        )
    with pytest.raises(DBAPIError, match="an administrator stands in for nobody"), session.begin_nested():
        session.execute(insert(PostBackup).values(**values, person_id=other, named_at=clock.now(), named_by_id=other))


def test_a_right_that_has_ended_keeps_nobody_from_a_post(session: Session, clock: FixedClock) -> None:
    delegate(session, clock)
    made = session.scalars(select(Delegation)).one()
    deputies.end_delegation(session, made.id, actor=actor(session, "jr.handler", clock), clock=clock)
    end_posts(session, clock, "jr.handler2")
    grant = request_appointment(
        session, "jr.handler2", "JR", PostKind.AUDIT_ADMIN, Term(), actor=system(session, clock), clock=clock
    )
    approve_grant(session, grant.id, 1, actor=actor(session, "admin.security", clock), clock=clock)
    assert stand_ins(session, person(session, "jr.handler2").id, MONDAY) == ()
    with pytest.raises(DBAPIError, match="an administrator stands in for nobody"), session.begin_nested():
        session.execute(update(Delegation).values(ended_at=None))


# ── what was right when it was arranged, and is no longer ─────────────────────────────────────────


@pytest.mark.parametrize("arranged", sorted(ARRANGED))
def test_who_is_moved_to_another_kind_of_post_stands_in_no_more(
    session: Session, clock: FixedClock, arranged: str
) -> None:
    ARRANGED[arranged](session, clock)
    away(session, clock)
    who, post_id = person(session, "jr.handler2"), actor(session, "jr.handler", clock).post_id
    assert load_acting(session, who.id, post_id, MONDAY).on_behalf_of == person(session, "jr.handler").id
    end_posts(session, clock, "jr.handler2")
    appoint(session, who, make_post(session, agency(session, "JR"), PostKind.CLERK, seat=9))
    with pytest.raises(PermissionDeniedError):
        load_acting(session, who.id, post_id, MONDAY)
    assert stand_ins(session, who.id, MONDAY) == ()


@pytest.mark.parametrize("arranged", sorted(ARRANGED))
def test_nobody_acts_for_somebody_whose_account_is_closed(session: Session, clock: FixedClock, arranged: str) -> None:
    ARRANGED[arranged](session, clock)
    away(session, clock)
    who = person(session, "jr.handler2")
    assert len(stand_ins(session, who.id, MONDAY)) == 1
    close_account(session, person(session, "jr.handler").id, actor=system(session, clock), clock=clock)
    assert stand_ins(session, who.id, MONDAY) == ()


def test_a_right_is_not_handed_on(session: Session, clock: FixedClock) -> None:
    """A delegates to B; C is B角 of B's own post, and B is away: C has B's post, never A's."""
    third = make_person(session, clock, "jr.third")
    appoint(session, third, make_post(session, agency(session, "JR"), seat=9))
    session.flush()
    a, b = actor(session, "jr.handler", clock), actor(session, "jr.handler2", clock)
    delegate(session, clock)
    head = actor(session, "jr.leader", clock)
    deputies.add_backup(session, NewBackup(b.post_id, third.username, MONDAY), actor=head, clock=clock)
    deputies.add_absence(session, NewAbsence("jr.handler2", MONDAY, FRIDAY, "病假"), actor=head, clock=clock)
    assert [each.held.post_id for each in stand_ins(session, third.id, MONDAY)] == [b.post_id]
    with pytest.raises(PermissionDeniedError):
        load_acting(session, third.id, a.post_id, MONDAY)
    in_b = load_acting(session, third.id, b.post_id, MONDAY)
    with pytest.raises(PermissionDeniedError):
        deputies.make_delegation(session, NewDelegation("jr.handler", MONDAY, FRIDAY), actor=in_b, clock=clock)
