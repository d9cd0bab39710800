"""Taking rights away: one administrator is enough, and it works at once."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from workflows import audit
from workflows.agencies.dating import held
from workflows.agencies.emptied import queue_review
from workflows.agencies.models import Agency, Appointment, Person, Post
from workflows.agencies.separation import ADMINISTRATORS
from workflows.clock import Clock, office_date
from workflows.errors import NotFoundError, PermissionDeniedError, StateConflictError
from workflows.events import EventType
from workflows.permissions import Actor, Permission


def end_appointment(session: Session, appointment_id: int, *, actor: Actor, clock: Clock) -> None:
    """End an appointment now, before its time; logins and tokens that rest on it are dead at once.

    Args:
        session: a writing transaction.
        appointment_id: key.
        actor: a system administrator.
        clock: tells when.

    Raises:
        NotFoundError: no such appointment.
        StateConflictError: it is over, or its holder is the last of the three administrators of that kind.
        PermissionDeniedError: the actor may not, or it is the actor's own post.
    """
    _require(actor)
    appointment = session.get(Appointment, appointment_id, with_for_update=True)
    if appointment is None:
        raise NotFoundError("appointment", appointment_id)
    today = office_date(clock.now())
    if appointment.ended_at is not None or (appointment.to_on is not None and appointment.to_on < today):
        raise StateConflictError("appointment", appointment_id, "over", "end")
    if appointment.person_id == actor.person_id:
        raise PermissionDeniedError(Permission.PEOPLE_MANAGE, "for-oneself")
    post = session.get_one(Post, appointment.post_id)
    _keep_administrators(session, post, appointment.person_id, clock)
    # It was held up to this day; a first day still to come makes it one that was never held.
    appointment.to_on = max(today, appointment.from_on)
    appointment.ended_at = clock.now()
    session.flush()
    queue_review(session, post, why=f"ended:{appointment_id}", clock=clock)
    person, agency = session.get_one(Person, appointment.person_id), session.get_one(Agency, post.agency_id)
    payload = {
        "appointment": appointment_id,
        "username": person.username,
        "agency": agency.code,
        "post": post.kind.value,
    }
    audit.append(session, actor=actor, event=EventType.APPOINTMENT_ENDED, clock=clock, payload=payload)


def close_account(session: Session, person_id: int, *, actor: Actor, clock: Clock) -> None:
    """Close an account: every login and token of it is dead at once; its appointments rest until it is restored.

    Raises:
        NotFoundError: no such person.
        StateConflictError: it is closed, or its holder is the last of the three administrators of a kind.
        PermissionDeniedError: the actor may not, or it is the actor's own.
    """
    _require(actor)
    person = session.get(Person, person_id, with_for_update=True)
    if person is None:
        raise NotFoundError("person", person_id)
    if not person.is_active:
        raise StateConflictError("account", person.username, "closed", "close")
    if person.id == actor.person_id:
        raise PermissionDeniedError(Permission.PEOPLE_MANAGE, "for-oneself")
    posts = session.scalars(
        select(Post)
        .join(Appointment, Appointment.post_id == Post.id)
        .where(Appointment.person_id == person.id, held(office_date(clock.now())))
    ).all()
    for post in posts:
        _keep_administrators(session, post, person.id, clock)
        queue_review(session, post, why=f"closed:{person.id}:{post.id}:{clock.now().isoformat()}", clock=clock)
    person.is_active = False
    session.flush()
    payload = {"username": person.username}
    audit.append(session, actor=actor, event=EventType.ACCOUNT_CLOSED, clock=clock, payload=payload)


def _keep_administrators(session: Session, post: Post, person_id: int, clock: Clock) -> None:
    """Refuse to take away the last administrator of a kind: nobody could give the post to anybody any more."""
    if post.kind not in ADMINISTRATORS:
        return
    others = (
        select(func.count())
        .select_from(Appointment)
        .join(Post, Post.id == Appointment.post_id)
        .join(Person, Person.id == Appointment.person_id)
        .where(
            Post.kind == post.kind,
            Person.is_active,
            Person.id != person_id,
            held(office_date(clock.now())),
        )
    )
    if not session.scalar(others):
        raise StateConflictError("post", post.kind.value, "held by nobody else", "end")


def _require(actor: Actor) -> None:
    if not actor.may(Permission.PEOPLE_MANAGE):
        raise PermissionDeniedError(Permission.PEOPLE_MANAGE)
