"""People and posts, as administrators see them: names, posts and days, nothing of any case."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from workflows.agencies.dating import held
from workflows.agencies.models import Agency, Appointment, Person, Post
from workflows.clock import Clock, office_date
from workflows.errors import FieldError, InvalidInputError, NotFoundError
from workflows.permissions import PostKind

LONGEST_SEARCH = 60


@dataclass(frozen=True)
class AppointmentView:
    """A person in a post.

    Args:
        id: key.
        person_id, username, person_zh, person_en: who.
        post_id, kind, seat: the post.
        agency_code, agency_zh, agency_en: its agency.
        from_on, to_on: first and last day; None is open.
        ended_at: ended before its time, at that instant.
        in_force: held today.
        over: held no more.
    """

    id: int
    person_id: int
    username: str
    person_zh: str
    person_en: str
    post_id: int
    kind: PostKind
    seat: int
    agency_code: str
    agency_zh: str
    agency_en: str
    from_on: date
    to_on: date | None
    ended_at: datetime | None
    in_force: bool
    over: bool


@dataclass(frozen=True)
class PersonView:
    """Somebody with an account.

    Args:
        id, username, name_zh, name_en: who.
        active: the account works.
        created_at: when it was made.
        appointments: the posts held today; for one person alone, those before and after as well.
    """

    id: int
    username: str
    name_zh: str
    name_en: str
    active: bool
    created_at: datetime
    appointments: tuple[AppointmentView, ...]


@dataclass(frozen=True)
class PostView:
    """A post and who holds it today.

    Args:
        id, kind, seat: the post.
        agency_code, agency_zh, agency_en: its agency.
        holders: nobody for a vacant one.
    """

    id: int
    kind: PostKind
    seat: int
    agency_code: str
    agency_zh: str
    agency_en: str
    holders: tuple[AppointmentView, ...]


@dataclass(frozen=True)
class PeoplePage:
    """A part of the people; `next` is the cursor of what follows, None at the end."""

    items: tuple[PersonView, ...]
    next: str | None


@dataclass(frozen=True)
class PostPage:
    """A part of the posts; `next` is the cursor of what follows, None at the end."""

    items: tuple[PostView, ...]
    next: str | None


def list_people(
    session: Session,
    *,
    clock: Clock,
    search: str = "",
    agency_code: str | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> PeoplePage:
    """Return people in the order of their user names.

    Args:
        session: only read.
        clock: tells which posts are held today.
        search: part of a user name or a name.
        agency_code: those who hold a post of that agency today.
        cursor: the last user name shown.
        limit: most in one part.

    Raises:
        InvalidInputError: the search is too long or not printable (`q`).
    """
    on = office_date(clock.now())
    query = select(Person).order_by(Person.username).limit(limit + 1)
    if search.strip():
        query = query.where(_matches(search.strip()))
    if agency_code is not None:
        holders = (
            select(Appointment.person_id)
            .join(Post, Post.id == Appointment.post_id)
            .join(Agency, Agency.id == Post.agency_id)
            .where(Agency.code == agency_code, held(on))
        )
        query = query.where(Person.id.in_(holders))
    if cursor is not None:
        query = query.where(Person.username > cursor)
    people = session.scalars(query).all()
    shown = people[:limit]
    posts = _appointments(session, Appointment.person_id.in_([person.id for person in shown]), held(on), on=on)
    items = tuple(_person(person, [one for one in posts if one.person_id == person.id]) for person in shown)
    return PeoplePage(items, shown[-1].username if len(people) > limit else None)


def get_person(session: Session, person_id: int, *, clock: Clock) -> PersonView:
    """Return one person with every appointment, past ones included.

    Raises:
        NotFoundError: no such person.
    """
    person = session.get(Person, person_id)
    if person is None:
        raise NotFoundError("person", person_id)
    mine = Appointment.person_id == person.id
    return _person(person, _appointments(session, mine, on=office_date(clock.now())))


def list_posts(
    session: Session,
    *,
    clock: Clock,
    agency_code: str | None = None,
    kind: PostKind | None = None,
    cursor: int | None = None,
    limit: int = 50,
) -> PostPage:
    """Return posts in the order they were made, with who holds each today.

    Args:
        session: only read.
        clock: tells who holds them.
        agency_code: of that agency only.
        kind: of that kind only.
        cursor: key of the last post shown.
        limit: most in one part.
    """
    on = office_date(clock.now())
    query = select(Post, Agency).join(Agency, Agency.id == Post.agency_id).order_by(Post.id).limit(limit + 1)
    if agency_code is not None:
        query = query.where(Agency.code == agency_code)
    if kind is not None:
        query = query.where(Post.kind == kind)
    if cursor is not None:
        query = query.where(Post.id > cursor)
    rows = session.execute(query).all()
    shown = rows[:limit]
    holders = _appointments(
        session, Appointment.post_id.in_([post.id for post, _ in shown]), held(on), Person.is_active.is_(True), on=on
    )
    items = tuple(
        PostView(
            id=post.id,
            kind=post.kind,
            seat=post.seat,
            agency_code=agency.code,
            agency_zh=agency.short_zh,
            agency_en=agency.short_en,
            holders=tuple(one for one in holders if one.post_id == post.id),
        )
        for post, agency in shown
    )
    return PostPage(items, str(shown[-1][0].id) if len(rows) > limit else None)


def get_appointment(session: Session, appointment_id: int, *, clock: Clock) -> AppointmentView:
    """Return one appointment.

    Raises:
        NotFoundError: no such appointment.
    """
    found = _appointments(session, Appointment.id == appointment_id, on=office_date(clock.now()))
    if not found:
        raise NotFoundError("appointment", appointment_id)
    return found[0]


def list_appointments(
    session: Session, *, clock: Clock, username: str | None = None, cursor: int | None = None, limit: int = 50
) -> tuple[AppointmentView, ...]:
    """Return up to `limit` appointments with keys beyond `cursor`, past ones included, of one person if asked."""
    conditions: list[ColumnElement[bool]] = [Appointment.id > (cursor or 0)]
    if username is not None:
        conditions.append(Person.username == username)
    return tuple(_appointments(session, *conditions, on=office_date(clock.now()), limit=limit))


def _appointments(
    session: Session, *conditions: ColumnElement[bool], on: date, limit: int | None = None
) -> Sequence[AppointmentView]:
    rows = session.execute(
        select(Appointment, Person, Post, Agency)
        .join(Person, Person.id == Appointment.person_id)
        .join(Post, Post.id == Appointment.post_id)
        .join(Agency, Agency.id == Post.agency_id)
        .where(*conditions)
        .order_by(Appointment.id)
        .limit(limit)
    )
    return [_appointment(*row, on=on) for row in rows]


def _appointment(row: Appointment, person: Person, post: Post, agency: Agency, *, on: date) -> AppointmentView:
    over = row.ended_at is not None or (row.to_on is not None and row.to_on < on)
    return AppointmentView(
        id=row.id,
        person_id=person.id,
        username=person.username,
        person_zh=person.name_zh,
        person_en=person.name_en,
        post_id=post.id,
        kind=post.kind,
        seat=post.seat,
        agency_code=agency.code,
        agency_zh=agency.short_zh,
        agency_en=agency.short_en,
        from_on=row.from_on,
        to_on=row.to_on,
        ended_at=row.ended_at,
        in_force=row.from_on <= on and not over,
        over=over,
    )


def _person(person: Person, appointments: Sequence[AppointmentView]) -> PersonView:
    return PersonView(
        id=person.id,
        username=person.username,
        name_zh=person.name_zh,
        name_en=person.name_en,
        active=person.is_active,
        created_at=person.created_at,
        appointments=tuple(appointments),
    )


def _matches(search: str) -> ColumnElement[bool]:
    if len(search) > LONGEST_SEARCH:
        raise InvalidInputError([FieldError("q", "too-long", {"maximum": LONGEST_SEARCH})])
    if not search.isprintable():
        raise InvalidInputError([FieldError("q", "characters")])
    columns = (Person.username, Person.name_zh, Person.name_en)
    return or_(*(column.icontains(search, autoescape=True) for column in columns))
