"""Who may act is read as of a day."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tests.factories.org import appoint, make_agency, make_person, make_post
from workflows.agencies.posts import candidates, load_actor, posts_of
from workflows.clock import FixedClock
from workflows.errors import NotFoundError, PermissionDeniedError
from workflows.permissions import PostKind

BEFORE, FIRST, LAST, AFTER = date(2019, 5, 31), date(2019, 6, 1), date(2019, 6, 30), date(2019, 7, 1)


def test_post_is_held_on_its_first_and_last_day_only(session: Session, clock: FixedClock) -> None:
    person = make_person(session, clock, "a")
    post = make_post(session, make_agency(session, "JR"))
    appoint(session, person, post, from_on=FIRST, to_on=LAST)
    held = [[p.post_id for p in posts_of(session, person.id, on)] for on in (BEFORE, FIRST, LAST, AFTER)]
    assert held == [[], [post.id], [post.id], []]


def test_person_with_two_posts_acts_in_the_one_asked_for(session: Session, clock: FixedClock) -> None:
    person = make_person(session, clock, "a")
    first = make_post(session, make_agency(session, "JR"))
    second = make_post(session, make_agency(session, "CZ"), PostKind.REVIEWER)
    appoint(session, person, second, from_on=FIRST)
    appoint(session, person, first, from_on=BEFORE)
    assert load_actor(session, person.id, None, AFTER).agency_code == "JR"
    chosen = load_actor(session, person.id, second.id, AFTER)
    assert (chosen.agency_code, chosen.post_kind, chosen.post_id) == ("CZ", PostKind.REVIEWER, second.id)


def test_post_that_is_not_held_cannot_be_acted_in(session: Session, clock: FixedClock) -> None:
    agency = make_agency(session, "JR")
    person = make_person(session, clock, "a")
    appoint(session, person, make_post(session, agency))
    other = make_post(session, agency, PostKind.LEADER)
    with pytest.raises(PermissionDeniedError, match="not-your-post"):
        load_actor(session, person.id, other.id, AFTER)


@pytest.mark.parametrize("person_id", [0, 999_999])
def test_unknown_person_cannot_act(session: Session, person_id: int) -> None:
    with pytest.raises(NotFoundError):
        load_actor(session, person_id, None, AFTER)


def test_inactive_person_holds_nothing_and_is_no_candidate(session: Session, clock: FixedClock) -> None:
    agency = make_agency(session, "JR")
    person = make_person(session, clock, "a")
    appoint(session, person, make_post(session, agency))
    person.is_active = False
    session.flush()
    assert posts_of(session, person.id, AFTER) == ()
    assert candidates(session, agency.id, PostKind.HANDLER, AFTER) == ()
    with pytest.raises(NotFoundError):
        load_actor(session, person.id, None, AFTER)


def test_post_in_an_ended_agency_is_not_held(session: Session, clock: FixedClock) -> None:
    person = make_person(session, clock, "a")
    appoint(session, person, make_post(session, make_agency(session, "JR", valid_to=LAST)))
    assert len(posts_of(session, person.id, LAST)) == 1
    assert posts_of(session, person.id, AFTER) == ()


def test_candidates_come_seat_by_seat_from_one_agency_and_kind(session: Session, clock: FixedClock) -> None:
    agency, other = make_agency(session, "JR"), make_agency(session, "CZ")
    second, first = make_post(session, agency, seat=2), make_post(session, agency)
    for name, post in (("b", second), ("a", first), ("x", make_post(session, other))):
        appoint(session, make_person(session, clock, name), post, from_on=FIRST)
    appoint(session, make_person(session, clock, "l"), make_post(session, agency, PostKind.LEADER), from_on=FIRST)
    found = candidates(session, agency.id, PostKind.HANDLER, FIRST)
    assert [(candidate.name_zh, candidate.seat) for candidate in found] == [("a", 1), ("b", 2)]
    assert candidates(session, agency.id, PostKind.HANDLER, BEFORE) == ()


def test_person_appointed_twice_over_is_one_candidate(session: Session, clock: FixedClock) -> None:
    agency = make_agency(session, "JR")
    person, post = make_person(session, clock, "a"), make_post(session, agency)
    appoint(session, person, post, from_on=BEFORE)
    appoint(session, person, post, from_on=FIRST)
    assert len(candidates(session, agency.id, PostKind.HANDLER, LAST)) == 1
    assert len(posts_of(session, person.id, LAST)) == 1


def test_appointment_that_ends_before_it_begins_is_refused(session: Session, clock: FixedClock) -> None:
    person, post = make_person(session, clock, "a"), make_post(session, make_agency(session, "JR"))
    with pytest.raises(IntegrityError):
        appoint(session, person, post, from_on=LAST, to_on=FIRST)
