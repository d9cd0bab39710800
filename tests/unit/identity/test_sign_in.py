"""Signing in: who gets a login, and what the others learn."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories.org import PASSWORD, appoint, make_agency, make_person, make_post, password_hash, person
from webapp.identity import sign_in as module
from webapp.identity.logins import authenticate, token_hash
from webapp.identity.models import LoginSession, SessionKind
from webapp.identity.sign_in import Origin, Refusal, SignedIn, SignInRefused, check_password, open_login, sign_in
from workflows.audit import AuditEntry
from workflows.clock import FixedClock
from workflows.errors import PermissionDeniedError
from workflows.permissions import PostKind

WINDOW = timedelta(minutes=15)
NONE = timedelta(0)

Try = Callable[..., SignedIn | SignInRefused]


@pytest.fixture
def attempt(session: Session, clock: FixedClock) -> Try:
    """Sign in as `jr.handler`, who exists, or with something changed."""
    holder = make_person(session, clock, "jr.handler")
    appoint(session, holder, make_post(session, make_agency(session, "JR")))

    def sign(username: str = "jr.handler", password: str = PASSWORD, kind: SessionKind = SessionKind.WEB) -> object:
        return sign_in(session, username, password, clock=clock, kind=kind, origin=Origin("Firefox\n" + "x" * 500))

    return sign  # type: ignore[return-value]  # the union of sign_in


def test_right_password_begins_a_login(session: Session, clock: FixedClock, attempt: Try) -> None:
    signed_in = attempt()
    assert isinstance(signed_in, SignedIn)
    assert signed_in.expires_at == clock.now() + timedelta(hours=12)
    assert (signed_in.person.username, signed_in.actor.agency_code) == ("jr.handler", "JR")
    assert authenticate(session, signed_in.token, clock=clock) == signed_in.actor


def test_token_itself_is_not_stored(session: Session, attempt: Try) -> None:
    signed_in = attempt()
    assert isinstance(signed_in, SignedIn)
    login = session.scalars(select(LoginSession)).one()
    assert login.token_hash == token_hash(signed_in.token)
    assert signed_in.token not in str(vars(login))
    assert len(signed_in.token) >= 43
    assert login.user_agent == "Firefox" + "x" * 193


def test_name_may_be_spelt_in_capitals(attempt: Try) -> None:
    assert isinstance(attempt(username=" JR.HANDLER "), SignedIn)


@pytest.mark.parametrize("username", ["jr.handler", "nobody", "", "\x00", "\ud800", "x" * 1_000_000, "' OR 1=1 --"])
def test_wrong_password_and_unknown_name_get_the_same_answers(attempt: Try, username: str) -> None:
    answers = [attempt(username=username, password="wrong") for _ in range(7)]
    wrong = [SignInRefused(Refusal.WRONG, left, WINDOW if left == 0 else NONE) for left in (4, 3, 2, 1, 0)]
    assert answers == [*wrong, SignInRefused(Refusal.LOCKED, 0, WINDOW), SignInRefused(Refusal.LOCKED, 0, WINDOW)]


def test_right_password_does_not_open_a_locked_account(clock: FixedClock, attempt: Try) -> None:
    for _ in range(5):
        attempt(password="wrong")
    clock.advance(timedelta(minutes=5))
    assert attempt() == SignInRefused(Refusal.LOCKED, 0, timedelta(minutes=10))
    clock.advance(timedelta(minutes=10))
    assert isinstance(attempt(), SignedIn)


def test_locked_account_is_not_compared(attempt: Try, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(5):
        attempt(password="wrong")
    monkeypatch.setattr(module, "verify_password", lambda *_: pytest.fail("compared"))
    assert isinstance(attempt(), SignInRefused)


def test_right_password_clears_the_failures(attempt: Try) -> None:
    for _ in range(4):
        attempt(password="wrong")
    assert isinstance(attempt(), SignedIn)
    assert attempt(password="wrong") == SignInRefused(Refusal.WRONG, 4, NONE)


def test_guesses_compared_before_the_lock_fell_are_not_answered(
    session: Session, clock: FixedClock, attempt: Try
) -> None:
    checks = [check_password(session, "jr.handler", "wrong", clock=clock) for _ in range(5)]
    right = check_password(session, "jr.handler", PASSWORD, clock=clock)
    for check in checks:
        open_login(session, check, clock=clock, kind=SessionKind.API)
    answer = open_login(session, right, clock=clock, kind=SessionKind.API)
    assert answer == SignInRefused(Refusal.LOCKED, 0, WINDOW)


def test_password_changed_between_check_and_login_is_not_taken(
    session: Session, clock: FixedClock, attempt: Try
) -> None:
    check = check_password(session, "jr.handler", PASSWORD, clock=clock)
    person(session, "jr.handler").password_hash = "changed"
    session.flush()
    answer = open_login(session, check, clock=clock, kind=SessionKind.WEB)
    assert isinstance(answer, SignInRefused)
    assert answer.reason is Refusal.WRONG


def test_inactive_person_is_as_unknown(session: Session, attempt: Try) -> None:
    person(session, "jr.handler").is_active = False
    session.flush()
    assert attempt() == SignInRefused(Refusal.WRONG, 4, NONE)


def test_person_without_a_post_learns_it_after_the_right_password_only(
    session: Session, clock: FixedClock, attempt: Try
) -> None:
    make_person(session, clock, "postless")
    answers = [attempt(username="postless", password=password) for password in ("wrong", PASSWORD)]
    assert [answer.reason for answer in answers if isinstance(answer, SignInRefused)] == [
        Refusal.WRONG,
        Refusal.NO_POST,
    ]


def test_post_that_begins_tomorrow_does_not_let_in_today(session: Session, clock: FixedClock, attempt: Try) -> None:
    newcomer = make_person(session, clock, "new")
    appoint(session, newcomer, make_post(session, make_agency(session, "CZ")), from_on=date(2019, 10, 15))
    assert isinstance(attempt(username="new"), SignInRefused)
    clock.advance(timedelta(hours=14))  # midnight in the offices, afternoon in Greenwich
    assert isinstance(attempt(username="new"), SignedIn)


def test_connected_system_signs_in_by_api_only(session: Session, clock: FixedClock, attempt: Try) -> None:
    system = make_person(session, clock, "pjr.system")
    appoint(session, system, make_post(session, make_agency(session, "PJR"), PostKind.INTEGRATION))
    refused = attempt(username="pjr.system")
    assert isinstance(refused, SignInRefused)
    assert refused.reason is Refusal.NO_POST
    signed_in = attempt(username="pjr.system", kind=SessionKind.API)
    assert isinstance(signed_in, SignedIn)
    assert signed_in.actor.post_kind is PostKind.INTEGRATION
    assert signed_in.expires_at == clock.now() + timedelta(hours=8)


def test_hash_of_old_parameters_is_renewed(session: Session, attempt: Try) -> None:
    from argon2 import PasswordHasher

    holder = person(session, "jr.handler")
    holder.password_hash = PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash(PASSWORD)
    session.flush()
    assert isinstance(attempt(), SignedIn)
    assert holder.password_hash.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert holder.password_hash != password_hash()
    assert isinstance(attempt(), SignedIn)


def test_logins_and_failures_are_in_the_trace_without_secrets(session: Session, attempt: Try) -> None:
    attempt(password="not-the-password")
    signed_in = attempt()
    assert isinstance(signed_in, SignedIn)
    session.commit()
    entries = session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
    assert {(entry.event, entry.person_id) for entry in entries} == {
        ("login.failed", None),
        ("login.succeeded", signed_in.person.id),
    }
    written = str([entry.payload for entry in entries])
    assert "not-the-password" not in written
    assert signed_in.token not in written


def test_post_of_somebody_else_cannot_be_asked_for(session: Session, clock: FixedClock, attempt: Try) -> None:
    signed_in = attempt()
    assert isinstance(signed_in, SignedIn)
    other = make_post(session, make_agency(session, "CZ"))
    with pytest.raises(PermissionDeniedError, match="not-your-post"):
        authenticate(session, signed_in.token, clock=clock, acting_post=other.id)
