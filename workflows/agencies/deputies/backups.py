"""B角: who may act in a post while its holder is away."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from workflows import audit
from workflows.agencies.deputies.rules import find_person, lock_people, require_eligible
from workflows.agencies.deputies.tables import PostBackup
from workflows.agencies.models import Person, Post
from workflows.clock import Clock, office_date
from workflows.errors import FieldError, InvalidInputError, NotFoundError, PermissionDeniedError, StateConflictError
from workflows.events import EventType
from workflows.permissions import Actor, Permission, PostKind


@dataclass(frozen=True)
class NewBackup:
    """A B角 to be named.

    Args:
        post_id: the post.
        username: the B角.
        from_on: first day, not before today.
        to_on: last day; None is open.
    """

    post_id: int
    username: str
    from_on: date
    to_on: date | None = None


@dataclass(frozen=True)
class BackupView:
    """The B角 of a post."""

    id: int
    post_id: int
    person_id: int
    post_kind: str
    seat: int
    username: str
    name_zh: str
    name_en: str
    from_on: date
    to_on: date | None


def add_backup(session: Session, wanted: NewBackup, *, actor: Actor, clock: Clock) -> BackupView:
    """Name the B角 of a post of the actor's agency.

    Raises:
        PermissionDeniedError: the actor is no head (`not-head`), only stands in for one (`on-behalf`), or the post is
            the leader's and the actor is not (`leader-only`).
        NotFoundError: no such post in the actor's agency.
        InvalidInputError: the B角 is not eligible or the actor (`to`), the days are past or out of order
            (`from_on`, `to_on`), or they are B角 of the post already (`to`).
    """
    post = _post(session, wanted.post_id, actor)
    today = office_date(clock.now())
    person = find_person(session, wanted.username, "to")
    if wanted.from_on < today:
        raise InvalidInputError([FieldError("from_on", "past-date")])
    if wanted.to_on is not None and wanted.to_on < wanted.from_on:
        raise InvalidInputError([FieldError("to_on", "before-start")])
    if person.id in actor.person_ids:
        raise InvalidInputError([FieldError("to", "oneself")])
    if post.kind is PostKind.LEADER and actor.post_kind is not PostKind.LEADER:
        raise PermissionDeniedError(Permission.TASK_ASSIGN, "leader-only")
    lock_people(session, person.id)
    require_eligible(session, person.id, post, (wanted.from_on, wanted.to_on), "to")
    already = select(PostBackup.id).where(
        PostBackup.post_id == post.id,
        PostBackup.person_id == person.id,
        or_(PostBackup.to_on.is_(None), PostBackup.to_on >= wanted.from_on),
    )
    if wanted.to_on is not None:
        already = already.where(PostBackup.from_on <= wanted.to_on)
    if session.scalar(already.limit(1)) is not None:
        raise InvalidInputError([FieldError("to", "duplicate")])
    backup = PostBackup(
        post_id=post.id,
        person_id=person.id,
        from_on=wanted.from_on,
        to_on=wanted.to_on,
        named_at=clock.now(),
        named_by_id=actor.person_id,
    )
    session.add(backup)
    session.flush()
    payload = {"backup": backup.id, "post": post.id, "person": person.username, "from_on": wanted.from_on.isoformat()}
    audit.append(session, actor=actor, event=EventType.BACKUP_NAMED, payload=payload, clock=clock)
    return _view(backup, post, person)


def end_backup(session: Session, backup_id: int, *, actor: Actor, clock: Clock) -> BackupView:
    """Somebody is B角 no longer, from today on.

    Raises:
        PermissionDeniedError: the actor is no head, or only stands in for one.
        NotFoundError: no such B角 in the actor's agency.
        StateConflictError: it is over already.
    """
    _require_head(actor)
    row = session.execute(_rows(actor).where(PostBackup.id == backup_id).with_for_update(of=PostBackup)).one_or_none()
    if row is None:
        raise NotFoundError("backup", backup_id)
    backup, today = row.PostBackup, office_date(clock.now())
    if backup.to_on is not None and backup.to_on < today:
        raise StateConflictError("backup", backup_id, "over", "end")
    if backup.from_on >= today:  # it never held
        session.delete(backup)
    else:
        backup.to_on = today - timedelta(days=1)
    session.flush()
    payload = {"backup": backup_id, "post": row.Post.id, "person": row.Person.username}
    audit.append(session, actor=actor, event=EventType.BACKUP_ENDED, payload=payload, clock=clock)
    return _view(backup, row.Post, row.Person)


def list_backups(session: Session, *, actor: Actor, clock: Clock) -> tuple[BackupView, ...]:
    """Return the B角 of the agency's posts, today's and coming ones, post by post."""
    if not actor.may(Permission.DELEGATION_MAKE):
        raise PermissionDeniedError(Permission.DELEGATION_MAKE)
    today = office_date(clock.now())
    rows = session.execute(
        _rows(actor)
        .where(or_(PostBackup.to_on.is_(None), PostBackup.to_on >= today))
        .order_by(Post.kind, Post.seat, PostBackup.id)
    )
    return tuple(_view(row.PostBackup, row.Post, row.Person) for row in rows)


def _require_head(actor: Actor) -> None:
    if not actor.may(Permission.TASK_ASSIGN):
        raise PermissionDeniedError(Permission.TASK_ASSIGN, "not-head")
    if actor.on_behalf_of is not None:  # who stands in for a head arranges nobody's standing in
        raise PermissionDeniedError(Permission.TASK_ASSIGN, "on-behalf")


def _post(session: Session, post_id: int, actor: Actor) -> Post:
    _require_head(actor)
    post = session.scalar(select(Post).where(Post.id == post_id, Post.agency_id == actor.agency_id))
    if post is None:
        raise NotFoundError("post", post_id)
    return post


def _rows(actor: Actor) -> Any:
    return (
        select(PostBackup, Post, Person)
        .join(Post, Post.id == PostBackup.post_id)
        .join(Person, Person.id == PostBackup.person_id)
        .where(Post.agency_id == actor.agency_id)
    )


def _view(backup: PostBackup, post: Post, person: Person) -> BackupView:
    return BackupView(
        id=backup.id,
        post_id=post.id,
        person_id=person.id,
        post_kind=post.kind,
        seat=post.seat,
        username=person.username,
        name_zh=person.name_zh,
        name_en=person.name_en,
        from_on=backup.from_on,
        to_on=backup.to_on,
    )
