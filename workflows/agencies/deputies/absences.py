"""Days on which a person is away: entered by themselves or by a head of their agency."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, exists, or_, select
from sqlalchemy.orm import Session

from workflows import audit
from workflows.agencies.dating import held
from workflows.agencies.deputies.rules import find_person, lock_people, require_days, short_reason
from workflows.agencies.deputies.tables import Absence
from workflows.agencies.models import Appointment, Person, Post
from workflows.clock import Clock, office_date
from workflows.errors import FieldError, InvalidInputError, NotFoundError, PermissionDeniedError, StateConflictError
from workflows.events import EventType
from workflows.permissions import Actor, Permission


@dataclass(frozen=True)
class NewAbsence:
    """Somebody will be away.

    Args:
        username: who.
        from_on, to_on: first and last day.
        reason: up to 200 characters, such as 年休假.
    """

    username: str
    from_on: date
    to_on: date
    reason: str


@dataclass(frozen=True)
class AbsenceView:
    """Days on which somebody is away."""

    id: int
    person_id: int
    username: str
    name_zh: str
    name_en: str
    from_on: date
    to_on: date
    reason: str
    ended: bool


def add_absence(session: Session, wanted: NewAbsence, *, actor: Actor, clock: Clock) -> AbsenceView:
    """Record that somebody is away.

    Raises:
        PermissionDeniedError: the acting post cannot record it, or it is a colleague's and the actor no head
            (`not-head`) or only stands in for one (`on-behalf`).
        InvalidInputError: nobody of the agency by that name (`username`); the days are past, out of order, or overlap
            with days recorded before (`from_on`, `to_on`); no reason, or too long a one (`reason`).
    """
    _require(actor)
    today = office_date(clock.now())
    person = find_person(session, wanted.username, "username")
    if not session.scalar(select(Person.id).where(Person.id == person.id, _of_agency(actor, today))):
        raise InvalidInputError([FieldError("username", "not-in-list")])
    _require_own_or_head(person, actor)
    require_days(wanted.from_on, wanted.to_on, today)
    reason = short_reason(wanted.reason)
    lock_people(session, person.id)
    overlapping = select(Absence.id).where(
        Absence.person_id == person.id,
        Absence.ended_at.is_(None),
        Absence.from_on <= wanted.to_on,
        Absence.to_on >= wanted.from_on,
    )
    if session.scalar(overlapping.limit(1)) is not None:
        raise InvalidInputError([FieldError("from_on", "overlapping")])
    away = Absence(
        person_id=person.id,
        from_on=wanted.from_on,
        to_on=wanted.to_on,
        reason=reason,
        recorded_at=clock.now(),
        recorded_by_id=actor.person_id,
    )
    session.add(away)
    session.flush()
    days = {"from_on": wanted.from_on.isoformat(), "to_on": wanted.to_on.isoformat()}
    payload = {"absence": away.id, "person": person.username, "reason": reason, **days}
    audit.append(session, actor=actor, event=EventType.ABSENCE_RECORDED, payload=payload, clock=clock)
    return _view(away, person)


def end_absence(session: Session, absence_id: int, *, actor: Actor, clock: Clock) -> AbsenceView:
    """The person is back, or does not leave after all.

    Raises:
        NotFoundError: no such absence in the actor's agency.
        PermissionDeniedError: it is a colleague's and the actor no head, or only stands in for one.
        StateConflictError: it is over.
    """
    _require(actor)
    today = office_date(clock.now())
    row = session.execute(_rows(actor, today).where(Absence.id == absence_id).with_for_update(of=Absence)).one_or_none()
    if row is None:
        raise NotFoundError("absence", absence_id)
    _require_own_or_head(row.Person, actor)
    if row.Absence.ended_at is not None or row.Absence.to_on < today:
        raise StateConflictError("absence", absence_id, "over", "end")
    row.Absence.ended_at = clock.now()
    payload = {"absence": absence_id, "person": row.Person.username}
    audit.append(session, actor=actor, event=EventType.ABSENCE_ENDED, payload=payload, clock=clock)
    return _view(row.Absence, row.Person)


def list_absences(session: Session, *, actor: Actor, clock: Clock) -> tuple[AbsenceView, ...]:
    """Return who of the agency is away today or will be, the next first."""
    _require(actor)
    today = office_date(clock.now())
    rows = session.execute(
        _rows(actor, today)
        .where(Absence.to_on >= today, Absence.ended_at.is_(None))
        .order_by(Absence.from_on, Absence.id)
    )
    return tuple(_view(row.Absence, row.Person) for row in rows)


def _require(actor: Actor) -> None:
    if not actor.may(Permission.DELEGATION_MAKE):
        raise PermissionDeniedError(Permission.DELEGATION_MAKE)


def _require_own_or_head(person: Person, actor: Actor) -> None:
    """One's own days, or a colleague's as their head; who only stands in for a head arranges nobody's absence."""
    if person.id == actor.person_id:
        return
    if not actor.may(Permission.TASK_ASSIGN):
        raise PermissionDeniedError(Permission.DELEGATION_MAKE, "not-head")
    if actor.on_behalf_of is not None:
        raise PermissionDeniedError(Permission.DELEGATION_MAKE, "on-behalf")


def _of_agency(actor: Actor, on: date) -> ColumnElement[bool]:
    own = Person.id == actor.person_id
    return or_(
        own,
        exists().where(
            Appointment.person_id == Person.id,
            Appointment.post_id == Post.id,
            Post.agency_id == actor.agency_id,
            held(on),
        ),
    )


def _rows(actor: Actor, on: date) -> Any:
    return select(Absence, Person).join(Person, Person.id == Absence.person_id).where(_of_agency(actor, on))


def _view(away: Absence, person: Person) -> AbsenceView:
    return AbsenceView(
        id=away.id,
        person_id=person.id,
        username=person.username,
        name_zh=person.name_zh,
        name_en=person.name_en,
        from_on=away.from_on,
        to_on=away.to_on,
        reason=away.reason,
        ended=away.ended_at is not None,
    )
