"""Live logins: finding out who a token stands for, changing the acting post, and ending them."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlalchemy import String, bindparam, delete, update
from sqlalchemy.orm import Session

from webapp.identity.errors import SessionExpiredError
from webapp.identity.models import LoginLimit, LoginSession, SessionKind
from webapp.identity.scopes import Scope, permissions_of
from workflows import audit
from workflows.agencies.deputies import StandIn, act_for, find_stand_in
from workflows.agencies.models import Person
from workflows.agencies.posts import HeldPost, act_in, choose_post, held_posts, posts_of, select_holdings
from workflows.clock import Clock, office_date
from workflows.events import EventType
from workflows.permissions import Actor

KEPT_AFTER_END = timedelta(days=30)
"""So long a login that has ended can still be looked up."""
TOUCH_EVERY = timedelta(minutes=1)
"""`last_seen_at` is kept to this precision: writing it with every click would cost more than the click."""
TOKEN_BYTES = 32


@dataclass(frozen=True)
class LoginTerms:
    """How long logins live.

    Args:
        web_idle: a browser's login not used for so long has ended.
        web_lifetime: a browser's login ends after so long in any case.
        api_lifetime: a token lives so long.
    """

    web_idle: timedelta = timedelta(minutes=30)
    web_lifetime: timedelta = timedelta(hours=12)
    api_lifetime: timedelta = timedelta(hours=8)

    def lifetime(self, kind: SessionKind) -> timedelta:
        """Return how long a login of that kind lives at most."""
        return self.web_lifetime if kind is SessionKind.WEB else self.api_lifetime


@dataclass(frozen=True)
class PersonRef:
    """A person, as shown to themselves.

    Args:
        id: key of the person.
        username: in lower case.
        name_zh, name_en: names.
        locale: `zh` or `en`.
    """

    id: int
    username: str
    name_zh: str
    name_en: str
    locale: str


@dataclass(frozen=True)
class Login:
    """A live login.

    Args:
        id: key of the login.
        kind: browser or API.
        person: who.
        posts: every post the person holds today.
        actor: the person in the acting post.
        stand_in: by what right, where the acting post is somebody else's.
        touch_due: `touch` should be called, in a writing transaction.
        limit: what has to be done before anything else; only where an unfinished login was asked for.
        personal: a token made for a purpose, which does not open its owner's account.
        by_provider: began by single sign-on.
    """

    id: int
    kind: SessionKind
    person: PersonRef
    posts: tuple[HeldPost, ...]
    actor: Actor
    stand_in: StandIn | None
    touch_due: bool
    limit: LoginLimit | None = None
    personal: bool = False
    by_provider: bool = False


def new_token() -> str:
    """Return a new secret for a login."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def token_hash(token: str) -> str:
    """Return what is stored of a token. It is random and long, so that a fast hash will do."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def grounds_of(password_hash: str, posts: Sequence[HeldPost]) -> str:
    """Return what a login rests on, hashed: the password and the posts held."""
    held = ",".join(str(post_id) for post_id in sorted(post.post_id for post in posts))
    return hashlib.sha256(f"{password_hash} {held}".encode()).hexdigest()


def person_ref(person: Person) -> PersonRef:
    """Return what `person` may be shown of themselves."""
    return PersonRef(person.id, person.username, person.name_zh, person.name_en, person.locale)


def authenticate(
    session: Session,
    token: str,
    *,
    clock: Clock,
    acting_post: int | None = None,
    kind: SessionKind | None = None,
    terms: LoginTerms | None = None,
) -> Actor:
    """Return who acts with the token; see `load_login`."""
    return load_login(session, token, clock=clock, acting_post=acting_post, kind=kind, terms=terms).actor


def load_login(
    session: Session,
    token: str,
    *,
    clock: Clock,
    acting_post: int | None = None,
    kind: SessionKind | None = None,
    terms: LoginTerms | None = None,
    unfinished: bool = False,
) -> Login:
    """Return the live login of a token. Only reads.

    Args:
        session: read only.
        token: what the client sent.
        clock: tells whether it has ended.
        acting_post: key of the post to act in this once; without it, the login's own.
        kind: accept logins of this kind only: a cookie's token is no bearer token, nor the other way round.
        terms: how long a browser's login may lie idle.
        unfinished: take also one that waits for something, such as the second factor; it opens that and nothing else.

    Raises:
        SessionExpiredError: no such login, or it was revoked, has expired, lay idle too long, or the person's password,
            posts or standing have changed since.
        PermissionDeniedError: the person neither holds `acting_post` nor stands in for its holder (reason
            `not-your-post`).
    """
    now = clock.now()
    rows = session.execute(_BY_TOKEN, {"token_hash": token_hash(token), "on": office_date(now)}).all()
    if not rows:
        raise SessionExpiredError
    *_, login, person = rows[0]
    posts = held_posts(rows)
    fits = (kind is None or login.kind is kind) and (unfinished or login.waits_for is None)
    if (
        not fits
        or _has_ended(login, now, terms or LoginTerms())
        or grounds_of(person.password_hash, posts) != login.grounds
    ):
        raise SessionExpiredError
    wanted = acting_post if acting_post is not None else login.acting_post_id
    stand_in = _stand_in(session, person, posts, wanted, office_date(now))
    if stand_in is not None:
        actor = act_for(person.id, person.name_zh, stand_in)
    elif acting_post is None and all(held.post_id != wanted for held in posts):
        actor = act_in(person, posts[0])  # acted for somebody until that ended
    else:
        actor = act_in(person, choose_post(posts, wanted))
    return Login(
        id=login.id,
        kind=login.kind,
        person=person_ref(person),
        posts=posts,
        actor=_within_scopes(actor, login.scopes),
        stand_in=stand_in,
        touch_due=now - login.last_seen_at >= TOUCH_EVERY,
        limit=login.waits_for,
        personal=login.name is not None,
        by_provider=login.by_provider,
    )


def _stand_in(session: Session, person: Person, posts: Sequence[HeldPost], post_id: int, on: date) -> StandIn | None:
    """A post of one's own needs no further look; only who acts for somebody pays for one more query."""
    if any(held.post_id == post_id for held in posts):
        return None
    return find_stand_in(session, person.id, post_id, on)


def touch(session: Session, login_id: int, *, clock: Clock, address: str = "") -> None:
    """Note that the login is in use, and from where."""
    seen = {"last_seen_at": clock.now(), **({"address": address} if address else {})}
    session.execute(update(LoginSession).where(LoginSession.id == login_id).values(**seen))


def renew(session: Session, login_id: int, *, clock: Clock, terms: LoginTerms, limit: LoginLimit | None) -> str:
    """Give a login a new secret once its holder has proved more than before; return it.

    What it rests on is taken anew, so that it outlives the change of password that was made in it.

    Args:
        session: a writing transaction.
        login_id: of a live login.
        clock: tells the time.
        terms: how long it lives from now on.
        limit: what still has to be done.
    """
    login = rest_anew(session, login_id, clock=clock, limit=limit)
    now, token = clock.now(), new_token()
    login.token_hash = token_hash(token)
    login.last_seen_at, login.expires_at = now, now + terms.lifetime(login.kind)
    session.flush()
    return token


def rest_anew(session: Session, login_id: int, *, clock: Clock, limit: LoginLimit | None) -> LoginSession:
    """Let a login outlive the change of password that was made in it, with the secret its client has."""
    login = session.get_one(LoginSession, login_id)
    person = session.get_one(Person, login.person_id)
    login.grounds = grounds_of(person.password_hash, posts_of(session, person.id, office_date(clock.now())))
    login.waits_for = limit
    session.flush()
    return login


def switch_post(session: Session, token: str, post_id: int, *, clock: Clock, terms: LoginTerms | None = None) -> Actor:
    """Let the login act in another post from now on.

    Raises:
        SessionExpiredError: as `load_login`.
        PermissionDeniedError: the person does not hold that post (reason `not-your-post`).
    """
    login = load_login(session, token, clock=clock, acting_post=post_id, terms=terms)
    session.execute(update(LoginSession).where(LoginSession.id == login.id).values(acting_post_id=post_id))
    return login.actor


def revoke(session: Session, token: str, *, clock: Clock) -> None:
    """End the login of a token (logout); nothing happens if it has ended already."""
    actor = _last_actor(session, token, clock=clock)
    live = (LoginSession.token_hash == token_hash(token), LoginSession.revoked_at.is_(None))
    ended = update(LoginSession).where(*live).values(revoked_at=clock.now()).returning(LoginSession.id)
    login_id = session.execute(ended).scalar_one_or_none()
    if login_id is not None:
        audit.append(session, actor=actor, event=EventType.LOGGED_OUT, clock=clock, payload={"login": login_id})


def revoke_all_for(session: Session, person_id: int, *, clock: Clock, keep: int | None = None) -> None:
    """End every login and token of a person, save the login of key `keep`."""
    live = (LoginSession.person_id == person_id, LoginSession.revoked_at.is_(None), LoginSession.id != (keep or 0))
    session.execute(update(LoginSession).where(*live).values(revoked_at=clock.now()))


def forget_ended_logins(session: Session, *, clock: Clock) -> int:
    """Delete logins that ended long ago; return how many. For a sweep: the trace keeps what has to be kept."""
    ended = delete(LoginSession).where(LoginSession.expires_at <= clock.now() - KEPT_AFTER_END)
    return len(session.execute(ended.returning(LoginSession.id)).all())


def _last_actor(session: Session, token: str, *, clock: Clock) -> Actor | None:
    """Return who acts with a token, however long it lay idle; None when it is dead for another reason."""
    try:
        terms = LoginTerms(web_idle=timedelta.max)
        return load_login(session, token, clock=clock, terms=terms, unfinished=True).actor
    except SessionExpiredError:
        return None


def _within_scopes(actor: Actor, scopes: str | None) -> Actor:
    if scopes is None:
        return actor
    return replace(actor, limited_to=permissions_of(Scope(scope) for scope in scopes.split()))


def _has_ended(login: LoginSession, now: datetime, terms: LoginTerms) -> bool:
    idle = login.kind is SessionKind.WEB and now - login.last_seen_at >= terms.web_idle
    return idle or login.revoked_at is not None or login.expires_at <= now


_BY_TOKEN = (
    select_holdings()
    .add_columns(LoginSession, Person)
    .join(LoginSession, LoginSession.person_id == Person.id)
    .where(LoginSession.token_hash == bindparam("token_hash", type_=String))
    # An earlier read of the same transaction must not keep a login alive.
    .execution_options(populate_existing=True)
)
"""One round trip tells everything about a login; somebody who holds no post has none."""
