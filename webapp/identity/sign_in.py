"""Signing in, in two steps: the slow check of the password while nothing is locked, then the login itself.

A refusal is an answer, not an error: an error would roll back the very failure that has to be counted.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.identity.attempts import WINDOW, fold_username, forget, locked_until, take_try, username_key
from webapp.identity.logins import LoginTerms, PersonRef, grounds_of, person_ref, token_hash
from webapp.identity.models import LoginSession, SessionKind
from webapp.identity.passwords import hash_password, needs_rehash, verify_password
from workflows import audit
from workflows.agencies.models import Person
from workflows.agencies.posts import HeldPost, act_in, posts_of
from workflows.clock import Clock, office_date
from workflows.events import EventType
from workflows.permissions import Actor, PostKind

USERNAME_LENGTH = 64
USER_AGENT_LENGTH = 200
TOKEN_BYTES = 32


class Refusal(StrEnum):
    """Why somebody could not sign in."""

    WRONG = "wrong-credentials"
    """Name or password; never which."""
    LOCKED = "locked"
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
    """

    token: str
    expires_at: datetime
    person: PersonRef
    actor: Actor


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
    user_agent: str = "",
) -> SignedIn | SignInRefused:
    """Check the password and begin a login, in one transaction; see `check_password` and `open_login`."""
    check = check_password(session, username, password, clock=clock)
    return open_login(session, check, clock=clock, kind=kind, terms=terms, user_agent=user_agent)


def check_password(session: Session, username: str, password: str, *, clock: Clock) -> PasswordCheck:
    """Compare a password; takes the same time for a name nobody has. Only reads.

    Args:
        session: read only; nothing should be locked in it, since comparing takes some 20 ms on purpose.
        username, password: as typed.
        clock: tells whether the name is locked.
    """
    key = username_key(username)
    locked = locked_until(session, key, clock.now())
    if locked is not None:
        return PasswordCheck(key, locked_until=locked)
    row = _find_credentials(session, fold_username(username))
    person_id, stored = row if row is not None else (None, None)
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
    user_agent: str = "",
) -> SignedIn | SignInRefused:
    """Count the try and begin the login if the password was right.

    Args:
        session: a writing transaction, which the caller commits whatever the answer.
        check: what `check_password` found, a moment ago.
        clock: tells the time.
        kind: browser or API; a connected system signs in by API only.
        terms: how long logins live.
        user_agent: shown in the list of logins; cut to 200 characters.
    """
    now = clock.now()
    if check.locked_until is not None:
        return SignInRefused(Refusal.LOCKED, 0, max(check.locked_until - now, timedelta(0)))
    tries_left = take_try(session, check.key, now)
    if tries_left is None:
        return SignInRefused(Refusal.LOCKED, 0, _time_locked(session, check.key, now))
    person = _still_the_same(session, check)
    if person is None:
        payload = {"key": check.key[:16], "tries_left": tries_left}
        audit.append(session, actor=None, event=EventType.LOGIN_FAILED, clock=clock, payload=payload)
        return SignInRefused(Refusal.WRONG, tries_left, timedelta(0) if tries_left else WINDOW)
    forget(session, check.key)
    posts = posts_of(session, person.id, office_date(now))
    usable = [post for post in posts if kind is SessionKind.API or post.kind is not PostKind.INTEGRATION]
    if not usable:
        return SignInRefused(Refusal.NO_POST, tries_left, timedelta(0))
    if check.fresh_hash is not None:
        person.password_hash = check.fresh_hash
    return _begin(session, person, posts, usable[0], clock, kind, terms or LoginTerms(), user_agent)


def _begin(
    session: Session,
    person: Person,
    posts: tuple[HeldPost, ...],
    acting: HeldPost,
    clock: Clock,
    kind: SessionKind,
    terms: LoginTerms,
    user_agent: str,
) -> SignedIn:
    now = clock.now()
    token = secrets.token_urlsafe(TOKEN_BYTES)
    login = LoginSession(
        kind=kind,
        token_hash=token_hash(token),
        grounds=grounds_of(person.password_hash, posts),
        person_id=person.id,
        acting_post_id=acting.post_id,
        created_at=now,
        last_seen_at=now,
        expires_at=now + terms.lifetime(kind),
        user_agent=_printable(user_agent)[:USER_AGENT_LENGTH],
    )
    session.add(login)
    session.flush()
    actor = act_in(person, acting)
    audit.append(
        session, actor=actor, event=EventType.LOGIN_SUCCEEDED, clock=clock, payload={"kind": kind, "login": login.id}
    )
    return SignedIn(token, login.expires_at, person_ref(person), actor)


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
