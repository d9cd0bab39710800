"""催办: remind whoever has a task. It opens nothing and moves no date; outside the city a letter does instead."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from workflows import audit
from workflows.agencies.models import Agency, AgencyKind
from workflows.agencies.posts import candidates
from workflows.cases.access import visible_among
from workflows.cases.aggregate import Family, lock_family
from workflows.cases.collaboration.delegate import required_reason
from workflows.cases.collaboration.tables import Urging
from workflows.cases.models import OPEN, Case, HumanTask, TaskStatus
from workflows.cases.notifications import NotificationKind, notify
from workflows.cases.telling import facts_of
from workflows.clock import Clock, office_date
from workflows.errors import (
    AlreadyUrgedError,
    LetterNeededError,
    NotFoundError,
    PermissionDeniedError,
    StateConflictError,
)
from workflows.events import EventType
from workflows.permissions import Actor, Permission, PostKind
from workflows.policies.responsibilities import leads

INSIDE = frozenset({AgencyKind.MUNICIPAL, AgencyKind.COUNTY, AgencyKind.COUNTY_FINANCE, AgencyKind.OFFICE})
"""The city's own administration: only there does one body remind another. To all others goes a letter (函)."""


@dataclass(frozen=True)
class Urged:
    """A reminder that was sent.

    Args:
        told: how many people were told.
    """

    task_id: int
    case_no: str
    urged_at: datetime
    told: int


def urge_task(session: Session, task_id: int, *, reason: str, actor: Actor, clock: Clock) -> Urged:
    """Remind the holder of an open task, or the agency's posts while nobody holds it.

    The supervision office may, so may a lead agency of the measure, and a head inside the agency.

    Raises:
        NotFoundError: no such task in a case the actor may see.
        PermissionDeniedError: the actor is none of these.
        LetterNeededError: the agency is outside the city's administration.
        AlreadyUrgedError: the actor has reminded of this task today.
        StateConflictError: the task is over, or the case stands still.
        InvalidInputError: no reason.
    """
    _require(actor)
    text = required_reason(reason)
    found = session.execute(
        select(HumanTask.root_id, Case.no)
        .join(Case, Case.id == HumanTask.case_id)
        .where(HumanTask.id == task_id, visible_among(actor))
    ).one_or_none()
    if found is None:
        raise NotFoundError("task", task_id)
    family = lock_family(session, found.root_id)
    task = session.get_one(HumanTask, task_id, populate_existing=True)
    agency = session.get_one(Agency, task.agency_id)
    _require_entitled(session, family, task, actor, clock)
    if not may_be_urged(agency.kind, vertical=agency.vertical, outside=agency.outside):
        raise LetterNeededError(agency.code, agency.short_zh)
    family.require_running("urge")
    if task.status not in OPEN:
        raise StateConflictError("task", task.id, task.status, "urge")
    _note(session, task, text, actor, clock)
    audit.append(
        session,
        actor=actor,
        event=EventType.TASK_URGED,
        case_id=task.case_id,
        task_id=task.id,
        payload={"node": task.node_id, "agency": agency.code, "reason": text},
        clock=clock,
    )
    told = _whom(session, task, clock) - {actor.person_id}
    notify(
        session,
        person_ids=told,
        kind=NotificationKind.URGED,
        case_id=task.case_id,
        task_id=task.id,
        facts=facts_of(actor, text),
        clock=clock,
    )
    return Urged(task.id, found.no, clock.now(), len(told))


def may_be_urged(kind: str, *, vertical: bool, outside: bool) -> bool:
    """Tell whether an agency is one that can be reminded."""
    return kind in INSIDE and not vertical and not outside


def urgeable(session: Session, root_id: int, measure_no: str, *, actor: Actor, clock: Clock) -> frozenset[int]:
    """Return the open tasks of a case family that the actor may remind somebody else of, whether or not they did today
    (`urged_today`).
    """
    if not actor.may(Permission.TASK_URGE):
        return frozenset()
    rows = session.execute(
        select(
            HumanTask.id,
            HumanTask.assignee_person_id,
            Agency.id.label("agency_id"),
            Agency.kind,
            Agency.vertical,
            Agency.outside,
        )
        .join(Agency, Agency.id == HumanTask.agency_id)
        .where(HumanTask.root_id == root_id, HumanTask.status.in_(OPEN))
    ).all()
    everywhere = actor.may(Permission.CASE_SUPERVISE) or _leads(session, measure_no, actor, clock)
    return frozenset(
        row.id
        for row in rows
        if row.assignee_person_id not in actor.person_ids
        and may_be_urged(row.kind, vertical=row.vertical, outside=row.outside)
        and (everywhere or (row.agency_id == actor.agency_id and actor.may(Permission.TASK_ASSIGN)))
    )


def urged_today(session: Session, task_ids: Collection[int], *, actor: Actor, clock: Clock) -> Mapping[int, datetime]:
    """Return when the actor reminded of tasks today, by task; those they did not are left out."""
    if not task_ids:
        return {}
    rows = session.execute(
        select(Urging.task_id, Urging.urged_at).where(
            Urging.task_id.in_(task_ids),
            Urging.person_id == actor.person_id,
            Urging.urged_on == office_date(clock.now()),
        )
    )
    return {row.task_id: row.urged_at for row in rows}


def _require(actor: Actor) -> None:
    if not actor.may(Permission.TASK_URGE):
        raise PermissionDeniedError(Permission.TASK_URGE)


def _require_entitled(session: Session, family: Family, task: HumanTask, actor: Actor, clock: Clock) -> None:
    if actor.may(Permission.CASE_SUPERVISE) or _leads(session, family.measure_no, actor, clock):
        return
    if task.agency_id == actor.agency_id and actor.may(Permission.TASK_ASSIGN):
        return
    raise PermissionDeniedError(Permission.TASK_URGE, "not-lead")


def _leads(session: Session, measure_no: str, actor: Actor, clock: Clock) -> bool:
    return actor.agency_code in {agency.code for agency in leads(session, measure_no, office_date(clock.now()))}


def _note(session: Session, task: HumanTask, reason: str, actor: Actor, clock: Clock) -> None:
    """Once a day for each person and task, held by the database: two clicks at one instant are one reminder."""
    urging = Urging(
        task_id=task.id,
        person_id=actor.person_id,
        urged_on=office_date(clock.now()),
        urged_at=clock.now(),
        reason=reason,
    )
    try:
        with session.begin_nested():
            session.add(urging)
    except IntegrityError:
        raise AlreadyUrgedError(task.id) from None


def _whom(session: Session, task: HumanTask, clock: Clock) -> set[int]:
    """The holder, and who delegated it; else those of the agency who could take it."""
    if task.status == TaskStatus.RESERVED:
        return {key for key in (task.assignee_person_id, task.owner_person_id) if key is not None}
    on = office_date(clock.now())
    kinds = [PostKind(task.post_kind), *([PostKind.CLERK] if task.status == TaskStatus.CREATED else [])]
    return {each.person_id for kind in kinds for each in candidates(session, task.agency_id, kind, on)}
