"""The browsers and programs somebody is signed in with, as they may see and end them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from webapp.identity.logins import LoginTerms
from webapp.identity.models import LoginSession, SessionKind
from workflows import audit
from workflows.clock import Clock
from workflows.errors import NotFoundError
from workflows.events import EventType
from workflows.permissions import Actor


@dataclass(frozen=True)
class LoginView:
    """One live login.

    Args:
        id: key.
        kind: browser or API.
        begun_at, last_seen_at, expires_at: instants.
        address: of the network it was last used from; empty if unknown.
        user_agent: what the browser or program calls itself.
        current: the one that asks.
    """

    id: int
    kind: SessionKind
    begun_at: datetime
    last_seen_at: datetime
    expires_at: datetime
    address: str
    user_agent: str
    current: bool


def list_logins(
    session: Session, person_id: int, *, clock: Clock, terms: LoginTerms, current: int | None = None
) -> tuple[LoginView, ...]:
    """Return the live logins of a person, the last used first; personal tokens are not among them.

    Args:
        session: only read.
        person_id: whose.
        clock: tells which are live.
        terms: how long a browser's login may lie idle.
        current: key of the login that asks.
    """
    now = clock.now()
    rows = session.scalars(
        select(LoginSession)
        .where(
            LoginSession.person_id == person_id,
            LoginSession.revoked_at.is_(None),
            LoginSession.expires_at > now,
            LoginSession.name.is_(None),
            LoginSession.waits_for.is_(None) | (LoginSession.id == (current or 0)),
        )
        .order_by(LoginSession.last_seen_at.desc(), LoginSession.id.desc())
    )
    return tuple(
        LoginView(
            id=row.id,
            kind=row.kind,
            begun_at=row.created_at,
            last_seen_at=row.last_seen_at,
            expires_at=row.expires_at,
            address=row.address,
            user_agent=row.user_agent,
            current=row.id == current,
        )
        for row in rows
        if row.kind is SessionKind.API or now - row.last_seen_at < terms.web_idle
    )


def end_login(session: Session, login_id: int, *, actor: Actor, clock: Clock) -> None:
    """End one of the actor's own logins.

    Raises:
        NotFoundError: none of theirs, or it has ended already.
    """
    mine = (LoginSession.id == login_id, LoginSession.person_id == actor.person_id, LoginSession.name.is_(None))
    if not _end(session, *mine, actor=actor, clock=clock):
        raise NotFoundError("login", login_id)


def end_other_logins(session: Session, keep: int, *, actor: Actor, clock: Clock) -> int:
    """End all of the actor's own logins but the one that asks; return how many. Personal tokens stay."""
    others = (LoginSession.person_id == actor.person_id, LoginSession.id != keep, LoginSession.name.is_(None))
    return _end(session, *others, actor=actor, clock=clock)


def _end(session: Session, *which: object, actor: Actor, clock: Clock) -> int:
    now = clock.now()
    live = (*which, LoginSession.revoked_at.is_(None), LoginSession.expires_at > now)
    ended = update(LoginSession).where(*live).values(revoked_at=now).returning(LoginSession.id)  # type: ignore[arg-type]
    keys = sorted(session.scalars(ended))
    for key in keys:
        audit.append(session, actor=actor, event=EventType.LOGGED_OUT, clock=clock, payload={"login": key})
    return len(keys)
