"""Personal tokens: with a purpose and an end, never wider than the post, dead with what they rest on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories.org import PASSWORD, appoint, make_agency, make_person, make_post, person
from webapp.identity.errors import SessionExpiredError
from webapp.identity.logins import Login, load_login, token_hash
from webapp.identity.models import LoginSession, SessionKind
from webapp.identity.password_change import change_password, compare_change
from webapp.identity.passwords import PasswordRules
from webapp.identity.personal_tokens import MadeToken, list_tokens, make_token, revoke_token
from webapp.identity.scopes import Scope, permissions_of
from webapp.identity.sign_in import SignedIn, sign_in
from workflows.agencies.models import Appointment
from workflows.audit import AuditEntry
from workflows.clock import FixedClock
from workflows.errors import InvalidInputError, NotFoundError
from workflows.permissions import GRANTS, Permission, PostKind

LIFETIME = timedelta(days=90)

Make = Callable[..., MadeToken]


@pytest.fixture
def login(session: Session, clock: FixedClock) -> Login:
    owner = make_person(session, clock, "owner")
    appoint(session, owner, make_post(session, make_agency(session, "JR")))
    signed_in = sign_in(session, "owner", PASSWORD, clock=clock, kind=SessionKind.WEB)
    assert isinstance(signed_in, SignedIn)
    return load_login(session, signed_in.token, clock=clock)


@pytest.fixture
def make(session: Session, clock: FixedClock, login: Login) -> Make:
    def carry_out(
        name: str = "export", scopes: tuple[str, ...] = ("read",), expires_at: datetime | None = None
    ) -> MadeToken:
        ends = expires_at or clock.now() + timedelta(days=30)
        return make_token(session, login, name=name, scopes=scopes, expires_at=ends, lifetime=LIFETIME, clock=clock)

    return carry_out


def of(session: Session, clock: FixedClock, secret: str) -> Login:
    return load_login(session, secret, clock=clock, kind=SessionKind.API)


def dead(session: Session, clock: FixedClock, secret: str) -> bool:
    try:
        of(session, clock, secret)
    except SessionExpiredError:
        return True
    return False


@pytest.mark.parametrize("kind", PostKind)
@pytest.mark.parametrize("scope", Scope)
def test_a_scope_never_grants_what_the_post_has_not(kind: PostKind, scope: Scope) -> None:
    granted = permissions_of([scope]) & GRANTS[kind]
    assert granted <= GRANTS[kind]
    if scope is Scope.ALL:
        assert granted == GRANTS[kind]
    if scope is Scope.READ:
        assert all(permission.endswith(":read") for permission in granted)


def test_a_token_does_what_its_scopes_say_within_the_post(session: Session, clock: FixedClock, make: Make) -> None:
    reader = of(session, clock, make("reader").secret).actor
    worker = of(session, clock, make("worker", ("tasks",)).secret).actor
    whole = of(session, clock, make("whole", ("all",)).secret).actor
    assert reader.may(Permission.CASE_READ)
    assert not reader.may(Permission.TASK_CLAIM)
    assert worker.may(Permission.TASK_CLAIM)
    assert not worker.may(Permission.CASE_OPEN)
    assert not worker.may(Permission.TASK_ASSIGN), "no handler's"
    assert {permission for permission in Permission if whole.may(permission)} == GRANTS[PostKind.HANDLER]


def test_the_secret_is_told_once_and_stored_hashed(session: Session, make: Make) -> None:
    made = make()
    row = session.scalars(select(LoginSession).where(LoginSession.name == "export")).one()
    assert row.token_hash == token_hash(made.secret)
    assert made.secret not in str(vars(row))
    session.commit()
    entry = session.scalars(select(AuditEntry).where(AuditEntry.event == "token.made")).one()
    assert made.secret not in str(entry.payload)
    assert entry.payload["scopes"] == ["read"]


def test_a_token_ends_at_its_end_and_not_before(session: Session, clock: FixedClock, make: Make) -> None:
    made = make(expires_at=clock.now() + timedelta(days=2))
    clock.advance(timedelta(days=2) - timedelta(seconds=1))
    assert not dead(session, clock, made.secret)
    clock.advance(timedelta(seconds=1))
    assert dead(session, clock, made.secret)


def test_a_token_dies_with_the_password(session: Session, clock: FixedClock, login: Login, make: Make) -> None:
    made = make()
    rules = PasswordRules()
    compared = compare_change(session, login.person.id, PASSWORD, "a wholly new one", clock=clock, rules=rules)
    assert change_password(session, compared, clock=clock, rules=rules) is None
    assert dead(session, clock, made.secret)


def test_a_token_dies_with_the_post(session: Session, clock: FixedClock, make: Make) -> None:
    made = make()
    session.scalars(select(Appointment)).one().to_on = date(2019, 10, 13)
    session.flush()
    assert dead(session, clock, made.secret)


def test_a_token_dies_with_the_account(session: Session, clock: FixedClock, make: Make) -> None:
    made = make()
    person(session, "owner").is_active = False
    session.flush()
    assert dead(session, clock, made.secret)


def test_a_revoked_token_is_dead_and_not_listed(session: Session, clock: FixedClock, login: Login, make: Make) -> None:
    made = make()
    revoke_token(session, made.view.id, actor=login.actor, clock=clock)
    assert dead(session, clock, made.secret)
    assert list_tokens(session, login.person.id, clock=clock) == ()
    with pytest.raises(NotFoundError):
        revoke_token(session, made.view.id, actor=login.actor, clock=clock)


def test_token_of_somebody_else_is_not_found(session: Session, clock: FixedClock, make: Make) -> None:
    other = make_person(session, clock, "other")
    appoint(session, other, make_post(session, make_agency(session, "CZ")))
    signed_in = sign_in(session, "other", PASSWORD, clock=clock, kind=SessionKind.WEB)
    assert isinstance(signed_in, SignedIn)
    made = make()
    with pytest.raises(NotFoundError):
        revoke_token(session, made.view.id, actor=signed_in.actor, clock=clock)
    assert not dead(session, clock, made.secret)


def test_use_is_shown_once_there_is_any(session: Session, clock: FixedClock, login: Login, make: Make) -> None:
    from webapp.identity.logins import touch

    made = make()
    assert list_tokens(session, login.person.id, clock=clock)[0].used_at is None
    clock.advance(timedelta(hours=1))
    touch(session, made.view.id, clock=clock, address="10.1.2.3")
    view = list_tokens(session, login.person.id, clock=clock)[0]
    assert (view.used_at, view.address) == (clock.now(), "10.1.2.3")


@pytest.mark.parametrize(
    ("given", "field", "code"),
    [
        ({"name": " "}, "name", "required"),
        ({"name": "x" * 61}, "name", "too-long"),
        ({"name": "a\x00b"}, "name", "characters"),
        ({"name": "taken"}, "name", "duplicate"),
        ({"scopes": ()}, "scopes", "required"),
        ({"scopes": ("everything",)}, "scopes", "not-in-list"),
        ({"days": 0}, "expires_at", "token-days"),
        ({"days": 91}, "expires_at", "token-days"),
    ],
)
def test_what_is_wrong_is_named(clock: FixedClock, make: Make, given: dict[str, object], field: str, code: str) -> None:
    make("taken")
    wrong = dict(given)  # shared by the databases it is tried on
    days = wrong.pop("days", 1)
    assert isinstance(days, int)
    with pytest.raises(InvalidInputError) as caught:
        make(**wrong, expires_at=clock.now() + timedelta(days=days))
    assert [(error.field, error.code) for error in caught.value.errors] == [(field, code)]


def test_there_are_twenty_at_most(make: Make) -> None:
    for number in range(20):
        make(f"no. {number}")
    with pytest.raises(InvalidInputError) as caught:
        make("one more")
    assert [error.code for error in caught.value.errors] == ["too-many-tokens"]
