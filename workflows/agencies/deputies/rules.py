"""What every arrangement of deputies is checked against: who is eligible, which days make sense."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from workflows.agencies.dating import held
from workflows.agencies.deputies.tables import Delegation, PostBackup
from workflows.agencies.models import Appointment, Person, Post
from workflows.agencies.separation import administers
from workflows.errors import FieldError, InvalidInputError
from workflows.permissions import PostKind

ELIGIBLE: Mapping[PostKind, frozenset[PostKind]] = {
    PostKind.CLERK: frozenset({PostKind.CLERK, PostKind.HANDLER}),
    PostKind.HANDLER: frozenset({PostKind.HANDLER}),
    PostKind.REVIEWER: frozenset({PostKind.REVIEWER, PostKind.LEADER}),
    PostKind.LEADER: frozenset({PostKind.LEADER, PostKind.REVIEWER}),
    PostKind.SUPERVISOR: frozenset({PostKind.SUPERVISOR}),
}
"""Kind of post → who may act in it for its holder, by a post of their own in the same agency. Applicants, outside
systems and 三员 have no deputies."""

LONGEST_DAYS = 366
MAX_TEXT = 200


def find_person(session: Session, username: str, field: str) -> Person:
    """Return the active person of that name, for that very row to be locked until the transaction ends.

    Raises:
        InvalidInputError: there is none (`field`).
    """
    name = username.strip().lower()
    person = None
    if name.isprintable() and len(name) <= 64:  # PostgreSQL would not even look for a text with a zero in it
        person = session.scalar(select(Person).where(Person.username == name, Person.is_active))
    if person is None:
        raise InvalidInputError([FieldError(field, "not-in-list")])
    return person


def require_eligible(session: Session, person_id: int, post: Post, days: tuple[date, date | None], field: str) -> None:
    """Refuse somebody who may not act in the post on the first and on the last day, or is one of 三员 on any of them.

    Raises:
        InvalidInputError: no post of theirs in the agency makes them eligible (`not-in-list`), they hold the very
            post (`same-post`), or they are an administrator meanwhile (`administrators-apart`).
    """
    from_on, to_on = days
    if administers(session, person_id, from_on=from_on, to_on=to_on):
        raise InvalidInputError([FieldError(field, "administrators-apart")])
    for day in (from_on, to_on or from_on):
        posts = session.execute(
            select(Post.id, Post.kind)
            .join(Appointment, Appointment.post_id == Post.id)
            .where(
                Appointment.person_id == person_id,
                Post.agency_id == post.agency_id,
                held(day),
            )
        ).all()
        if post.id in {row.id for row in posts}:
            raise InvalidInputError([FieldError(field, "same-post")])
        if not {row.kind for row in posts} & ELIGIBLE.get(post.kind, frozenset()):
            raise InvalidInputError([FieldError(field, "not-in-list")])


def stands_in(session: Session, person_id: int, *, from_on: date, to_on: date | None) -> bool:
    """Tell whether the person is somebody's deputy or B角 on any of those days, whether or not they could act now."""
    given = select(Delegation.id).where(
        Delegation.deputy_id == person_id, Delegation.ended_at.is_(None), Delegation.to_on >= from_on
    )
    named = select(PostBackup.id).where(
        PostBackup.person_id == person_id, or_(PostBackup.to_on.is_(None), PostBackup.to_on >= from_on)
    )
    if to_on is not None:
        given, named = given.where(Delegation.from_on <= to_on), named.where(PostBackup.from_on <= to_on)
    return any(session.scalar(query.limit(1)) is not None for query in (given, named))


def require_days(from_on: date, to_on: date, today: date) -> None:
    """Refuse days that are past, out of order or too many.

    Raises:
        InvalidInputError: `from_on` or `to_on`.
    """
    if from_on < today:
        raise InvalidInputError([FieldError("from_on", "past-date")])
    if to_on < from_on:
        raise InvalidInputError([FieldError("to_on", "before-start")])
    if (to_on - from_on).days >= LONGEST_DAYS:
        raise InvalidInputError([FieldError("to_on", "range")])


def short_reason(text: str) -> str:
    """Return a short text without outer blanks.

    Raises:
        InvalidInputError: empty, too long, or nothing a database could hold (`reason`).
    """
    said = text.strip()
    if not said:
        raise InvalidInputError([FieldError("reason", "reason-required")])
    if len(said) > MAX_TEXT:
        raise InvalidInputError([FieldError("reason", "too-long", {"maximum": MAX_TEXT})])
    if any(ord(c) < 32 or 0xD800 <= ord(c) < 0xE000 for c in said):
        raise InvalidInputError([FieldError("reason", "characters")])
    return said


def lock_people(session: Session, *person_ids: int) -> None:
    """Hold the rows of these people until the transaction ends, so that two arrangements about one are made in turn."""
    session.execute(select(Person.id).where(Person.id.in_(set(person_ids))).order_by(Person.id).with_for_update()).all()
