"""A login ends on the server: by time, by logout, by a change of password or post."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories.org import PASSWORD, appoint, make_agency, make_person, make_post, person
from webapp.identity.errors import SessionExpiredError
from webapp.identity.logins import (
    LoginTerms,
    authenticate,
    forget_ended_logins,
    load_login,
    revoke,
    revoke_all_for,
    switch_post,
    token_hash,
    touch,
)
from webapp.identity.models import LoginSession, SessionKind
from webapp.identity.password_change import change_password, compare_change
from webapp.identity.passwords import PasswordRules
from webapp.identity.sign_in import Refusal, SignedIn, SignInRefused, sign_in
from workflows.agencies.models import Agency, Appointment
from workflows.audit import AuditEntry
from workflows.clock import FixedClock
from workflows.errors import InvalidInputError, NotFoundError, PermissionDeniedError

NEW_PASSWORD = "another long password"


@pytest.fixture
def token(session: Session, clock: FixedClock) -> Callable[..., str]:
    """Sign in as `a`, who holds one post in JR."""
    appoint(session, make_person(session, clock, "a"), make_post(session, make_agency(session, "JR")))

    def sign(kind: SessionKind = SessionKind.WEB, password: str = PASSWORD) -> str:
        signed_in = sign_in(session, "a", password, clock=clock, kind=kind)
        assert isinstance(signed_in, SignedIn)
        return signed_in.token

    return sign


def is_live(session: Session, token: str, clock: FixedClock) -> bool:
    try:
        authenticate(session, token, clock=clock)
    except SessionExpiredError:
        return False
    return True


def test_unknown_token_is_no_login(session: Session, clock: FixedClock) -> None:
    for token in ("", "x", "\x00", "\ud800", "x" * 1_000_000):
        assert not is_live(session, token, clock)


def test_login_ends_at_its_time_even_if_it_is_used(
    session: Session, clock: FixedClock, token: Callable[..., str]
) -> None:
    mine = token()
    for _ in range(12 * 4 - 1):
        clock.advance(timedelta(minutes=15))
        touch(session, load_login(session, mine, clock=clock).id, clock=clock)
    clock.advance(timedelta(minutes=15))
    assert not is_live(session, mine, clock)


def test_browser_left_alone_is_signed_out_and_a_token_is_not(
    session: Session, clock: FixedClock, token: Callable[..., str]
) -> None:
    web, api = token(), token(SessionKind.API)
    clock.advance(timedelta(minutes=30) - timedelta(seconds=1))
    assert is_live(session, web, clock)
    clock.advance(timedelta(seconds=1))
    assert (is_live(session, web, clock), is_live(session, api, clock)) == (False, True)


def test_terms_are_parameters(session: Session, clock: FixedClock, token: Callable[..., str]) -> None:
    mine = token()
    clock.advance(timedelta(minutes=5))
    with pytest.raises(SessionExpiredError):
        load_login(session, mine, clock=clock, terms=LoginTerms(web_idle=timedelta(minutes=5)))


def test_use_is_noted_once_a_minute(session: Session, clock: FixedClock, token: Callable[..., str]) -> None:
    mine = token()
    assert not load_login(session, mine, clock=clock).touch_due
    clock.advance(timedelta(minutes=1))
    login = load_login(session, mine, clock=clock)
    assert login.touch_due
    touch(session, login.id, clock=clock)
    assert not load_login(session, mine, clock=clock).touch_due


def test_token_of_a_cookie_is_no_bearer_token(session: Session, clock: FixedClock, token: Callable[..., str]) -> None:
    mine = token()
    assert load_login(session, mine, clock=clock, kind=SessionKind.WEB).kind is SessionKind.WEB
    with pytest.raises(SessionExpiredError):
        load_login(session, mine, clock=clock, kind=SessionKind.API)


def test_logout_ends_this_login_and_no_other(session: Session, clock: FixedClock, token: Callable[..., str]) -> None:
    mine, other = token(), token()
    revoke(session, mine, clock=clock)
    assert (is_live(session, mine, clock), is_live(session, other, clock)) == (False, True)
    revoke(session, mine, clock=clock)
    revoke(session, "never was", clock=clock)
    session.commit()
    ended = select(AuditEntry).where(AuditEntry.event == "login.ended")
    assert len(session.scalars(ended).all()) == 1


def test_logout_ends_a_login_that_lay_idle_too(session: Session, clock: FixedClock, token: Callable[..., str]) -> None:
    mine = token()
    clock.advance(timedelta(hours=1))
    revoke(session, mine, clock=clock)
    with pytest.raises(SessionExpiredError):
        authenticate(session, mine, clock=clock, terms=LoginTerms(web_idle=timedelta(hours=2)))


def test_logins_that_ended_long_ago_are_swept_away(
    session: Session, clock: FixedClock, token: Callable[..., str]
) -> None:
    token()
    clock.advance(timedelta(days=30))
    later = token()
    assert forget_ended_logins(session, clock=clock) == 0
    clock.advance(timedelta(hours=12))
    assert forget_ended_logins(session, clock=clock) == 1
    assert session.scalars(select(LoginSession.token_hash)).all() == [token_hash(later)]


def test_all_logins_of_a_person_end_at_once(session: Session, clock: FixedClock, token: Callable[..., str]) -> None:
    tokens = [token(), token(SessionKind.API)]
    revoke_all_for(session, person(session, "a").id, clock=clock)
    assert [is_live(session, each, clock) for each in tokens] == [False, False]


def deactivated(session: Session) -> None:
    person(session, "a").is_active = False


def rehashed(session: Session) -> None:
    person(session, "a").password_hash = "changed"


def appointed_elsewhere(session: Session) -> None:
    appoint(session, person(session, "a"), make_post(session, make_agency(session, "CZ")))


def dismissed(session: Session) -> None:
    session.scalars(select(Appointment)).one().to_on = date(2019, 10, 13)


def agency_ended(session: Session) -> None:
    session.scalars(select(Agency)).one().valid_to = date(2019, 10, 13)


@pytest.mark.parametrize("change", [deactivated, rehashed, appointed_elsewhere, dismissed, agency_ended])
def test_login_dies_with_what_it_rests_on_however_that_changed(
    session: Session, clock: FixedClock, token: Callable[..., str], change: Callable[[Session], None]
) -> None:
    mine = token()
    change(session)
    session.flush()
    assert not is_live(session, mine, clock)


def test_post_that_ends_at_midnight_ends_the_login(
    session: Session, clock: FixedClock, token: Callable[..., str]
) -> None:
    session.scalars(select(Appointment)).one().to_on = date(2019, 10, 14)
    session.flush()
    mine = token(SessionKind.API)
    clock.advance(timedelta(hours=7))
    assert is_live(session, mine, clock)
    clock.advance(timedelta(hours=7))
    later = sign_in(session, "a", PASSWORD, clock=clock, kind=SessionKind.API)
    assert not is_live(session, mine, clock)
    assert isinstance(later, SignInRefused)


def test_acting_post_is_switched_for_good_or_for_once(session: Session, clock: FixedClock) -> None:
    who = make_person(session, clock, "b")
    posts = [make_post(session, make_agency(session, code)) for code in ("JR", "CZ")]
    for post in posts:
        appoint(session, who, post)
    signed_in = sign_in(session, "b", PASSWORD, clock=clock, kind=SessionKind.WEB)
    assert isinstance(signed_in, SignedIn)
    assert authenticate(session, signed_in.token, clock=clock, acting_post=posts[1].id).agency_code == "CZ"
    assert authenticate(session, signed_in.token, clock=clock).agency_code == "JR"
    assert switch_post(session, signed_in.token, posts[1].id, clock=clock).agency_code == "CZ"
    assert authenticate(session, signed_in.token, clock=clock).agency_code == "CZ"
    assert [post.agency_code for post in load_login(session, signed_in.token, clock=clock).posts] == ["JR", "CZ"]
    with pytest.raises(PermissionDeniedError):
        switch_post(session, signed_in.token, 999_999, clock=clock)


def change(session: Session, person_id: int, old: str, new: str, *, clock: FixedClock) -> SignInRefused | None:
    """Both steps of a change at once."""
    compared = compare_change(session, person_id, old, new, clock=clock, rules=PasswordRules())
    return change_password(session, compared, clock=clock, rules=PasswordRules())


def test_new_password_replaces_the_old_one_and_ends_every_login(
    session: Session, clock: FixedClock, token: Callable[..., str]
) -> None:
    mine = token()
    assert change(session, person(session, "a").id, PASSWORD, NEW_PASSWORD, clock=clock) is None
    assert not is_live(session, mine, clock)
    assert isinstance(sign_in(session, "a", PASSWORD, clock=clock, kind=SessionKind.WEB), SignInRefused)
    assert is_live(session, token(password=NEW_PASSWORD), clock)


def test_guessing_the_old_password_counts_as_guessing_at_sign_in(
    session: Session, clock: FixedClock, token: Callable[..., str]
) -> None:
    token()
    person_id = person(session, "a").id
    answers = [change(session, person_id, "wrong", NEW_PASSWORD, clock=clock) for _ in range(5)]
    assert [answer.tries_left for answer in answers if answer is not None] == [4, 3, 2, 1, 0]
    locked = change(session, person_id, PASSWORD, NEW_PASSWORD, clock=clock)
    assert locked is not None
    assert locked.reason is Refusal.LOCKED
    assert isinstance(sign_in(session, "a", PASSWORD, clock=clock, kind=SessionKind.WEB), SignInRefused)


@pytest.mark.parametrize(("new", "code"), [("short", "password-too-short"), (PASSWORD, "password-unchanged")])
def test_new_password_that_will_not_do_is_refused_by_field(
    session: Session, clock: FixedClock, token: Callable[..., str], new: str, code: str
) -> None:
    mine = token()
    with pytest.raises(InvalidInputError) as caught:
        change(session, person(session, "a").id, PASSWORD, new, clock=clock)
    assert [(error.field, error.code) for error in caught.value.errors] == [("new_password", code)]
    assert is_live(session, mine, clock)


def test_password_of_nobody_cannot_be_changed(session: Session, clock: FixedClock) -> None:
    with pytest.raises(NotFoundError):
        change(session, 999_999, PASSWORD, NEW_PASSWORD, clock=clock)
