"""Signing in, in two steps: the slow check of the password while nothing is locked, then the login itself.

A refusal is an answer, not an error: an error would roll back the very failure that has to be counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.identity.attempts import WINDOW, fold_username, forget, locked_until, take_try
from webapp.identity.devices import counted_under
from webapp.identity.limits import limit_of
from webapp.identity.logins import LoginTerms, PersonRef, grounds_of, new_token, person_ref, token_hash
from webapp.identity.models import LoginLimit, LoginSession, SessionKind
from webapp.identity.passwords import hash_password, needs_rehash, verify_password
from webapp.identity.rules import AccountRules
from webapp.identity.second_factor import take_code
from workflows import audit
from workflows.agencies.models import Person
from workflows.agencies.posts import HeldPost, act_in, posts_of
from workflows.clock import Clock, office_date
from workflows.events import EventType
from workflows.permissions import Actor, PostKind

USERNAME_LENGTH = 64
USER_AGENT_LENGTH = 200
ADDRESS_LENGTH = 45
CODE_TIME = timedelta(minutes=10)
"""So long the second step waits for its code."""


class Refusal(StrEnum):
    """Why somebody could not sign in."""

    WRONG = "wrong-credentials"
    """Name or password; never which."""
    LOCKED = "locked"
    CODE = "wrong-code"
    """The second factor was not right, or has been used before."""
    CODE_NEEDED = "code-needed"
    """Name and password are right; a program has to send the second factor with them."""
    NO_POST = "no-post"
    """Name and password are right, but there is no post to act in."""


@dataclass(frozen=True)
class SignedIn:
    """A login that has begun.

    Args:
        token: the secret the client keeps; only its hash is stored.
        expires_at: when it ends at the latest.
        person: who signed in.
        actor: the person in the post first acted in.
        limit: what has to be done before the login is good for anything else.
    """

    token: str
    expires_at: datetime
    person: PersonRef
    actor: Actor
    limit: LoginLimit | None = None


@dataclass(frozen=True)
class Origin:
    """Where somebody signs in from.

    Args:
        user_agent: what the browser calls itself; cut to 200 characters.
        address: of the network.
    """

    user_agent: str = ""
    address: str = ""


@dataclass(frozen=True)
class SignInRefused:
    """No login.

    Args:
        reason: why.
        tries_left: guesses left in this window; the same for names nobody has.
        retry_after: how long the name stays locked; zero when it is not.
    """

    reason: Refusal
    tries_left: int
    retry_after: timedelta


@dataclass(frozen=True)
class PasswordCheck:
    """A password that has been compared, with nothing counted yet.

    Args:
        key: under which failures against the name are counted.
        person_id: who has that name and password, or None.
        password_hash: the hash that was compared.
        fresh_hash: the same password hashed with the parameters of today, where they have changed.
        locked_until: set when the name was locked, so that nothing was compared.
    """

    key: str
    person_id: int | None = None
    password_hash: str | None = None
    fresh_hash: str | None = None
    locked_until: datetime | None = None


def sign_in(
    session: Session,
    username: str,
    password: str,
    *,
    clock: Clock,
    kind: SessionKind,
    terms: LoginTerms | None = None,
    rules: AccountRules | None = None,
    origin: Origin | None = None,
) -> SignedIn | SignInRefused:
    """Check the password and begin a login, in one transaction; see `check_password` and `open_login`."""
    check = check_password(session, username, password, clock=clock)
    return open_login(session, check, clock=clock, kind=kind, terms=terms, rules=rules, origin=origin)


def check_password(
    session: Session, username: str, password: str, *, clock: Clock, device: str | None = None
) -> PasswordCheck:
    """Compare a password; takes the same time for a name nobody has. Only reads.

    Args:
        session: read only; nothing should be locked in it, since comparing takes some 20 ms on purpose.
        username, password: as typed.
        clock: tells whether the name is locked.
        device: what the browser's cookie holds, see `devices`.
    """
    row = _find_credentials(session, fold_username(username))
    person_id, stored = row if row is not None else (None, None)
    key = counted_under(session, username, person_id, device, clock.now())
    locked = locked_until(session, key, clock.now())
    if locked is not None:
        return PasswordCheck(key, locked_until=locked)
    if not verify_password(stored, password) or stored is None:
        return PasswordCheck(key)
    fresh = hash_password(password) if needs_rehash(stored) else None
    return PasswordCheck(key, person_id, stored, fresh)


def open_login(
    session: Session,
    check: PasswordCheck,
    *,
    clock: Clock,
    kind: SessionKind,
    terms: LoginTerms | None = None,
    rules: AccountRules | None = None,
    origin: Origin | None = None,
    code: str | None = None,
) -> SignedIn | SignInRefused:
    """Count the try and begin the login if the password was right.

    A login that waits for its second factor leaves the count as it is, until the code is right.

    Args:
        session: a writing transaction, which the caller commits whatever the answer.
        check: what `check_password` found, a moment ago.
        clock: tells the time.
        kind: browser or API; a connected system signs in by API only.
        terms: how long logins live.
        rules: what else is asked of accounts.
        origin: shown in the list of logins.
        code: the second factor, where it is sent along; a program has no second step.
    """
    now, rules = clock.now(), rules or AccountRules()
    if check.locked_until is not None:
        return SignInRefused(Refusal.LOCKED, 0, max(check.locked_until - now, timedelta(0)))
    tries_left = take_try(session, check.key, now)
    if tries_left is None:
        return SignInRefused(Refusal.LOCKED, 0, _time_locked(session, check.key, now))
    person = _still_the_same(session, check)
    if person is None:
        note_failure(session, check.key, tries_left, clock=clock, step="password")
        return SignInRefused(Refusal.WRONG, tries_left, timedelta(0) if tries_left else WINDOW)
    posts = posts_of(session, person.id, office_date(now))
    usable = usable_posts(posts, kind)
    limit = limit_of(session, person, usable, rules=rules, now=now) if usable else None
    if limit is LoginLimit.CODE and code is None and kind is SessionKind.API:
        return SignInRefused(Refusal.CODE_NEEDED, tries_left, timedelta(0))
    if limit is LoginLimit.CODE and code is not None:
        if not take_code(session, person.id, code, box=rules.box, now=now):
            note_failure(session, check.key, tries_left, clock=clock, step="code")
            return SignInRefused(Refusal.CODE, tries_left, timedelta(0) if tries_left else WINDOW)
        limit = limit_of(session, person, usable, rules=rules, now=now, code_shown=True)
    if limit is not LoginLimit.CODE:
        forget(session, check.key)
    if not usable:
        return SignInRefused(Refusal.NO_POST, tries_left, timedelta(0))
    if check.fresh_hash is not None:
        person.password_hash = check.fresh_hash
    return begin(
        session, person, posts, usable[0], clock=clock, kind=kind, terms=terms, limit=limit, origin=origin or Origin()
    )


def usable_posts(posts: Sequence[HeldPost], kind: SessionKind) -> tuple[HeldPost, ...]:
    """Return the posts somebody may act in who signs in that way: a connected system's opens no page."""
    return tuple(post for post in posts if kind is SessionKind.API or post.kind is not PostKind.INTEGRATION)


def begin(
    session: Session,
    person: Person,
    posts: Sequence[HeldPost],
    acting: HeldPost,
    *,
    clock: Clock,
    kind: SessionKind,
    terms: LoginTerms | None,
    limit: LoginLimit | None,
    origin: Origin,
    by_provider: bool = False,
) -> SignedIn:
    """Begin a login of somebody who has proved who they are; what still has to be proved is `limit`."""
    now, token = clock.now(), new_token()
    lifetime = CODE_TIME if limit is LoginLimit.CODE else (terms or LoginTerms()).lifetime(kind)
    login = LoginSession(
        kind=kind,
        token_hash=token_hash(token),
        grounds=grounds_of(person.password_hash, posts),
        person_id=person.id,
        acting_post_id=acting.post_id,
        created_at=now,
        last_seen_at=now,
        expires_at=now + lifetime,
        user_agent=_printable(origin.user_agent)[:USER_AGENT_LENGTH],
        address=origin.address[:ADDRESS_LENGTH],
        waits_for=limit,
        by_provider=by_provider,
    )
    session.add(login)
    session.flush()
    actor = act_in(person, acting)
    if limit is not LoginLimit.CODE:
        note_success(session, actor, login.id, kind, clock=clock)
    return SignedIn(token, login.expires_at, person_ref(person), actor, limit)


def note_success(session: Session, actor: Actor, login_id: int, kind: SessionKind, *, clock: Clock) -> None:
    """Record that a login has begun."""
    payload = {"kind": kind, "login": login_id}
    audit.append(session, actor=actor, event=EventType.LOGIN_SUCCEEDED, clock=clock, payload=payload)


def note_failure(session: Session, key: str, tries_left: int, *, clock: Clock, step: str) -> None:
    """Record a wrong password or code; never what was typed."""
    payload = {"key": key[:16], "tries_left": tries_left, "step": step}
    audit.append(session, actor=None, event=EventType.LOGIN_FAILED, clock=clock, payload=payload)


def _find_credentials(session: Session, username: str) -> tuple[int, str] | None:
    # What no account can be called is not sent to the database: PostgreSQL refuses some of it with an error.
    if len(username) > USERNAME_LENGTH or not username.isprintable():
        return None
    query = select(Person.id, Person.password_hash).where(Person.username == username, Person.is_active)
    row = session.execute(query).one_or_none()
    return None if row is None else (row.id, row.password_hash)


def _still_the_same(session: Session, check: PasswordCheck) -> Person | None:
    if check.person_id is None:
        return None
    query = select(Person).where(
        Person.id == check.person_id, Person.password_hash == check.password_hash, Person.is_active
    )
    return session.scalars(query.execution_options(populate_existing=True)).one_or_none()


def _time_locked(session: Session, key: str, now: datetime) -> timedelta:
    until = locked_until(session, key, now)
    return timedelta(0) if until is None else until - now


def _printable(text: str) -> str:
    return "".join(character for character in text if character.isprintable())
