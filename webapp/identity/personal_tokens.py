"""Named tokens that somebody makes for a program of theirs: with a purpose, with an end, told once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from webapp.identity.logins import Login, grounds_of, new_token, token_hash
from webapp.identity.models import LoginSession, SessionKind
from webapp.identity.scopes import Scope
from workflows import audit
from workflows.agencies.models import Person
from workflows.clock import Clock
from workflows.errors import FieldError, InvalidInputError, NotFoundError
from workflows.events import EventType
from workflows.permissions import Actor

NAME_LENGTH = 60
MOST_TOKENS = 20


@dataclass(frozen=True)
class TokenView:
    """A personal token, without its secret.

    Args:
        id: key.
        name: as its owner called it.
        scopes: what it is good for.
        made_at, expires_at: instants.
        used_at: when it was last used; None if it never was.
        address: of the network it was last used from; empty if unknown.
    """

    id: int
    name: str
    scopes: tuple[Scope, ...]
    made_at: datetime
    expires_at: datetime
    used_at: datetime | None
    address: str


@dataclass(frozen=True)
class MadeToken:
    """A new personal token.

    Args:
        secret: told this once; only its hash is stored.
        view: the rest.
    """

    secret: str
    view: TokenView


def make_token(
    session: Session,
    login: Login,
    *,
    name: str,
    scopes: Iterable[str],
    expires_at: datetime,
    lifetime: timedelta,
    clock: Clock,
) -> MadeToken:
    """Make a personal token that acts in the login's acting post unless told otherwise.

    Like every login it rests on the password and the posts of its owner, and is dead as soon as either changes.

    Args:
        session: a writing transaction.
        login: of its owner.
        name: 1 to 60 characters, none of their other live tokens'.
        scopes: what it is good for, of `Scope`.
        expires_at: when it ends.
        lifetime: how long it may live at most.
        clock: tells the time.

    Raises:
        InvalidInputError: in `name` (`required`, `too-long`, `characters`, `duplicate`, `too-many-tokens`), `scopes`
            (`required`, `not-in-list`) or `expires_at` (`token-days`).
    """
    now, wanted = clock.now(), tuple(dict.fromkeys(scopes))
    live = list_tokens(session, login.person.id, clock=clock)
    errors = [
        *_errors_in_name(name.strip(), live),
        *_errors_in_scopes(wanted),
        *([] if now < expires_at <= now + lifetime else [FieldError("expires_at", "token-days", _days(lifetime))]),
    ]
    if errors:
        raise InvalidInputError(errors)
    secret = new_token()
    person = session.get_one(Person, login.person.id)
    row = LoginSession(
        kind=SessionKind.API,
        token_hash=token_hash(secret),
        grounds=grounds_of(person.password_hash, login.posts),
        person_id=person.id,
        acting_post_id=login.actor.post_id,
        created_at=now,
        last_seen_at=now,
        expires_at=expires_at,
        name=name.strip(),
        scopes=" ".join(sorted(wanted)),
    )
    session.add(row)
    session.flush()
    payload = {"token": row.id, "name": row.name, "scopes": sorted(wanted), "expires_at": expires_at.isoformat()}
    audit.append(session, actor=login.actor, event=EventType.TOKEN_MADE, clock=clock, payload=payload)
    return MadeToken(secret, _view(row))


def list_tokens(session: Session, person_id: int, *, clock: Clock) -> tuple[TokenView, ...]:
    """Return the live personal tokens of a person, the newest first."""
    rows = session.scalars(
        select(LoginSession)
        .where(
            LoginSession.person_id == person_id,
            LoginSession.name.is_not(None),
            LoginSession.revoked_at.is_(None),
            LoginSession.expires_at > clock.now(),
        )
        .order_by(LoginSession.id.desc())
    )
    return tuple(_view(row) for row in rows)


def revoke_token(session: Session, token_id: int, *, actor: Actor, clock: Clock) -> None:
    """End one of the actor's own personal tokens.

    Raises:
        NotFoundError: none of theirs, or it has ended already.
    """
    now = clock.now()
    live = (
        LoginSession.id == token_id,
        LoginSession.person_id == actor.person_id,
        LoginSession.name.is_not(None),
        LoginSession.revoked_at.is_(None),
        LoginSession.expires_at > now,
    )
    ended = update(LoginSession).where(*live).values(revoked_at=now).returning(LoginSession.name)
    name = session.scalars(ended).one_or_none()
    if name is None:
        raise NotFoundError("token", token_id)
    payload = {"token": token_id, "name": name}
    audit.append(session, actor=actor, event=EventType.TOKEN_REVOKED, clock=clock, payload=payload)


def _errors_in_name(name: str, live: tuple[TokenView, ...]) -> list[FieldError]:
    if not name:
        return [FieldError("name", "required")]
    if len(name) > NAME_LENGTH:
        return [FieldError("name", "too-long", {"maximum": NAME_LENGTH})]
    if not name.isprintable():
        return [FieldError("name", "characters")]
    if name in {token.name for token in live}:
        return [FieldError("name", "duplicate")]
    return [FieldError("name", "too-many-tokens", {"maximum": MOST_TOKENS})] if len(live) >= MOST_TOKENS else []


def _errors_in_scopes(wanted: tuple[str, ...]) -> list[FieldError]:
    if not wanted:
        return [FieldError("scopes", "required")]
    known = {scope.value for scope in Scope}
    return [] if set(wanted) <= known else [FieldError("scopes", "not-in-list")]


def _days(lifetime: timedelta) -> dict[str, object]:
    return {"maximum": lifetime.days}


def _view(row: LoginSession) -> TokenView:
    return TokenView(
        id=row.id,
        name=row.name or "",
        scopes=tuple(Scope(scope) for scope in (row.scopes or "").split()),
        made_at=row.created_at,
        expires_at=row.expires_at,
        used_at=row.last_seen_at if row.last_seen_at > row.created_at else None,
        address=row.address,
    )
