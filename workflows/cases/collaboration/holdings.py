"""What somebody still holds, to be told before their post ends and handed over: figures, never what it is about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select, true
from sqlalchemy.orm import Session

from workflows.agencies.deputies.tables import Delegation
from workflows.agencies.models import Appointment, Person, Post
from workflows.cases.access import require
from workflows.cases.materials.models import ApplicationDraft
from workflows.cases.models import ENDED, Case, HumanTask, TaskStatus
from workflows.clock import Clock, office_date
from workflows.errors import NotFoundError, PermissionDeniedError
from workflows.permissions import Actor, Permission


@dataclass(frozen=True)
class Holdings:
    """How much somebody holds that can be handed over.

    Args:
        tasks: open tasks in their hands or delegated by them, signatures of payments among them.
        delegations: given or received, not over yet.
        cases: started by them and under way.
        drafts: applications begun and not submitted.
    """

    tasks: int
    delegations: int
    cases: int
    drafts: int

    @property
    def total(self) -> int:
        """How many things would be handed over."""
        return self.tasks + self.delegations + self.cases + self.drafts


def count_holdings(session: Session, username: str, *, actor: Actor, clock: Clock) -> Holdings:
    """Count what `hand_over` would hand over.

    Raises:
        PermissionDeniedError: the actor hands nothing over, or only stands in for somebody who does (`on-behalf`).
        NotFoundError: nobody of that name who is the actor's to hand over for.
    """
    leaver = find_leaver(session, username, actor)
    return Holdings(
        tasks=_count(session, held_tasks(leaver.id, actor)),
        delegations=_count(session, held_delegations(leaver.id, actor, clock)),
        cases=_count(session, started_cases(leaver.id, actor)),
        drafts=_count(session, begun_drafts(leaver.id, actor)),
    )


def find_leaver(session: Session, username: str, actor: Actor) -> Person:
    """Return whose work it is: for an officer themselves, for a head somebody who has or had a post in the agency.

    Raises:
        PermissionDeniedError: the actor hands nothing over, or only stands in for somebody who does (`on-behalf`).
        NotFoundError: nobody of that name who is the actor's to hand over for.
    """
    require(actor, Permission.WORK_HAND_OVER)
    if actor.on_behalf_of is not None:
        raise PermissionDeniedError(Permission.WORK_HAND_OVER, "on-behalf")
    name = username.strip().lower()
    person = session.scalar(select(Person).where(Person.username == name)) if name.isprintable() else None
    if person is None:
        raise NotFoundError("person", username)
    if hands_over_anywhere(actor) or person.id == actor.person_id:
        return person
    ever = select(Appointment.id).join(Post, Post.id == Appointment.post_id)
    ever = ever.where(Appointment.person_id == person.id, Post.agency_id == actor.agency_id)
    if not actor.may(Permission.TASK_ASSIGN) or session.scalar(ever.limit(1)) is None:
        raise NotFoundError("person", username)
    return person


def hands_over_anywhere(actor: Actor) -> bool:
    """Tell whether the actor hands over all that an account holds, in whatever agency: the system administrator."""
    return actor.may(Permission.PEOPLE_MANAGE)


def held_tasks(person_id: int, actor: Actor) -> Select[HumanTask]:
    """Return the open tasks a person holds or has delegated."""
    theirs = or_(HumanTask.assignee_person_id == person_id, HumanTask.owner_person_id == person_id)
    return select(HumanTask).where(
        HumanTask.status == TaskStatus.RESERVED, theirs, _of_agency(HumanTask.agency_id, actor)
    )


def held_delegations(person_id: int, actor: Actor, clock: Clock) -> Select[Delegation]:
    """Return the delegations given by or to a person that are not over."""
    return (
        select(Delegation)
        .join(Post, Post.id == Delegation.post_id)
        .where(
            or_(Delegation.principal_id == person_id, Delegation.deputy_id == person_id),
            Delegation.ended_at.is_(None),
            Delegation.to_on >= office_date(clock.now()),
            _of_agency(Post.agency_id, actor),
        )
    )


def started_cases(person_id: int, actor: Actor) -> Select[Case]:
    """Return the cases a person started that are under way."""
    return select(Case).where(
        Case.opened_by_person_id == person_id,
        Case.parent_id.is_(None),
        Case.status.not_in(ENDED),
        _of_agency(Case.opened_by_agency_id, actor),
    )


def begun_drafts(person_id: int, actor: Actor) -> Select[ApplicationDraft]:
    """Return the applications a person has begun and not submitted."""
    return select(ApplicationDraft).where(
        ApplicationDraft.person_id == person_id,
        ApplicationDraft.case_id.is_(None),
        _of_agency(ApplicationDraft.agency_id, actor),
    )


def _of_agency(column: Any, actor: Actor) -> ColumnElement[bool]:
    return true() if hands_over_anywhere(actor) else column == actor.agency_id


def _count(session: Session, found: Select[Any]) -> int:
    return session.scalar(select(func.count()).select_from(found.subquery())) or 0
