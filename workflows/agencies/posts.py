"""Who holds which post on a day, and who may therefore act."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Date, Integer, Select, bindparam, select
from sqlalchemy.orm import Session

from workflows.agencies.dating import held, in_force
from workflows.agencies.models import Agency, Appointment, Person, Post
from workflows.errors import NotFoundError, PermissionDeniedError
from workflows.permissions import Actor, PostKind


@dataclass(frozen=True)
class HeldPost:
    """A post a person holds.

    Args:
        post_id, kind, seat: the post.
        name_zh, name_en: of the post.
        agency_id, agency_code: its agency.
        agency_zh, agency_en: short name of the agency.
        from_on, to_on: first and last day; None is open.
    """

    post_id: int
    kind: PostKind
    seat: int
    name_zh: str
    name_en: str
    agency_id: int
    agency_code: str
    agency_zh: str
    agency_en: str
    from_on: date
    to_on: date | None


@dataclass(frozen=True)
class Candidate:
    """Somebody who could take a task: a person in a post.

    Args:
        post_id, seat: the post.
        person_id: who holds it.
        name_zh, name_en: of the person.
        username: of the person.
    """

    post_id: int
    seat: int
    person_id: int
    name_zh: str
    name_en: str
    username: str


def candidates(session: Session, agency_id: int, kind: PostKind, on: date) -> tuple[Candidate, ...]:
    """Return who holds posts of `kind` in the agency on `on`, seat by seat; inactive people are left out."""
    rows = session.execute(_CANDIDATES, {"agency": agency_id, "kind": kind, "on": on})
    return tuple(Candidate(*row) for row in rows)


def holders_of(session: Session, post_id: int, on: date) -> frozenset[int]:
    """Return the keys of the people who hold the post on `on`."""
    return frozenset(session.scalars(select(Appointment.person_id).where(Appointment.post_id == post_id, held(on))))


def people_of(session: Session, agency_id: int, on: date) -> tuple[Candidate, ...]:
    """Return who holds a post of any kind in the agency on `on`, each once, post by post."""
    rows = session.execute(
        select(Post.id, Post.seat, Person.id, Person.name_zh, Person.name_en, Person.username)
        .join(Appointment, Appointment.post_id == Post.id)
        .join(Person, Person.id == Appointment.person_id)
        .where(Post.agency_id == agency_id, Person.is_active, held(on))
        .order_by(Post.kind, Post.seat, Person.id)
    )
    found: dict[int, Candidate] = {}
    for row in rows:
        found.setdefault(row[2], Candidate(*row))
    return tuple(found.values())


def posts_of(session: Session, person_id: int, on: date) -> tuple[HeldPost, ...]:
    """Return the posts the person holds on `on`, the longest held first; none for an inactive person.

    A post in an agency that has ended is not held any more.
    """
    return held_posts(session.execute(_HELD_BY, {"person_id": person_id, "on": on}))


def select_holdings() -> Select[Appointment, Post, Agency]:
    """Return the query for posts held by active people on the parameter `on`, the longest held first.

    For those who look a person up in some way of their own, in the same round trip: add conditions and columns.
    """
    on = bindparam("on", type_=Date)
    return (
        select(Appointment, Post, Agency)
        .join(Post, Post.id == Appointment.post_id)
        .join(Agency, Agency.id == Post.agency_id)
        .join(Person, Person.id == Appointment.person_id)
        .where(
            Person.is_active,
            held(on),
            in_force(Agency.valid_from, Agency.valid_to, on),
        )
        .order_by(Appointment.from_on, Appointment.id)
    )


def held_posts(rows: Iterable[Sequence[Any]]) -> tuple[HeldPost, ...]:
    """Read the rows of `select_holdings`; what follows the first three columns is left aside."""
    found: dict[int, HeldPost] = {}
    for appointment, post, agency, *_ in rows:
        found.setdefault(post.id, held_post(appointment, post, agency))
    return tuple(found.values())


def load_actor(session: Session, person_id: int, post_id: int | None, on: date) -> Actor:
    """Return the person acting in the post; without a post, in the one held longest.

    Raises:
        NotFoundError: no such person, an inactive one, or one who holds no post on `on`.
        PermissionDeniedError: the person does not hold that post on `on` (reason `not-your-post`).
    """
    person = session.get(Person, person_id)
    posts = posts_of(session, person_id, on)
    if person is None or not posts:
        raise NotFoundError("person with a post", person_id)
    return act_in(person, choose_post(posts, post_id))


def choose_post(posts: Sequence[HeldPost], post_id: int | None) -> HeldPost:
    """Return the post of that key among those held; without a key, the first.

    Raises:
        PermissionDeniedError: it is not among them (reason `not-your-post`).
    """
    for post in posts:
        if post_id in (None, post.post_id):
            return post
    raise PermissionDeniedError("post:act", "not-your-post")


def act_in(person: Person, post: HeldPost) -> Actor:
    """Return the person acting in a post they hold."""
    return Actor(
        person_id=person.id,
        person_name=person.name_zh,
        post_id=post.post_id,
        post_kind=post.kind,
        agency_id=post.agency_id,
        agency_code=post.agency_code,
        agency_name=post.agency_zh,
    )


_CANDIDATES = (
    select(Post.id, Post.seat, Person.id, Person.name_zh, Person.name_en, Person.username)
    .join(Appointment, Appointment.post_id == Post.id)
    .join(Person, Person.id == Appointment.person_id)
    .where(
        Post.agency_id == bindparam("agency", type_=Integer),
        Post.kind == bindparam("kind", type_=Post.kind.type),
        Person.is_active,
        held(bindparam("on", type_=Date)),
    )
    .order_by(Post.seat, Person.id)
    .distinct()
)
_HELD_BY = select_holdings().where(Appointment.person_id == bindparam("person_id", type_=Integer))
"""Built once: asked all the time."""


def held_post(appointment: Appointment, post: Post, agency: Agency) -> HeldPost:
    """Return a post as held by an appointment."""
    return HeldPost(
        post_id=post.id,
        kind=post.kind,
        seat=post.seat,
        name_zh=post.name_zh,
        name_en=post.name_en,
        agency_id=agency.id,
        agency_code=agency.code,
        agency_zh=agency.short_zh,
        agency_en=agency.short_en,
        from_on=appointment.from_on,
        to_on=appointment.to_on,
    )
