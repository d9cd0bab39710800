"""Why a limit ends on that day: from the start to the due date, day by day, with every pause and by which calendar."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.cases.access import get_visible_case, require, root_id_of
from workflows.cases.limits import CALENDARS
from workflows.cases.models import ENDED, OPEN, Case, CaseStatus, HumanTask
from workflows.cases.names import node_name
from workflows.cases.part_of_family import part_of
from workflows.cases.recount import stops_tasks
from workflows.cases.views import Named
from workflows.clock import Clock, office_date
from workflows.deadlines import DayReason, StoredPause, as_days, deadline, pauses_of
from workflows.errors import NotFoundError
from workflows.permissions import Actor, Permission
from workflows.processes import load_version

State = Literal["no_limit", "not_started", "running", "paused", "ended"]


@dataclass(frozen=True)
class DueReason:
    """A limit and how its end came about.

    Args:
        state: `paused` also says that `due_on` is what it would be if the clock went on today.
        started_at: when the clock began to run; the first day is not counted.
        due_on: the last day; None where no clock runs.
        due_at: close of business on the last day.
        calendar_version: the calendar it was counted by.
        provisional: some day on the way lies in a year whose holidays are not published yet.
        pauses: all that stopped the clock, oldest first.
        days: every date from the start to `due_on`.
    """

    state: State
    limit_days: int | None
    started_at: datetime | None = None
    due_on: date | None = None
    due_at: datetime | None = None
    calendar_version: int | None = None
    provisional: bool = False
    pauses: tuple[StoredPause, ...] = ()
    days: tuple[DayReason, ...] = ()


def why_task_is_due(session: Session, task_id: int, *, actor: Actor, clock: Clock) -> DueReason:
    """Explain the limit of a task of the actor's agency.

    Raises:
        NotFoundError: no such task in the actor's agency.
    """
    require(actor, Permission.TASK_READ)
    task = session.scalar(select(HumanTask).where(HumanTask.id == task_id, HumanTask.agency_id == actor.agency_id))
    if task is None:
        raise NotFoundError("task", task_id)
    status = session.scalars(select(Case.status).where(Case.id == task.root_id)).one()
    return explain_task(session, task, pauses_of(session, task.root_id), status, clock=clock)


def explain_task(
    session: Session, task: HumanTask, pauses: Sequence[StoredPause], case_status: str, *, clock: Clock
) -> DueReason:
    """Explain the limit of a task; the caller has checked that it may be seen.

    Args:
        session: for the calendar.
        task: the task.
        pauses: all pauses of its root case.
        case_status: of its root case.
        clock: tells how long a pause has lasted.
    """
    if task.limit_days is None:
        return DueReason("no_limit", None)
    if task.due_at is None or task.received_at is None:
        return DueReason("not_started" if task.status in OPEN else "ended", task.limit_days)
    ended_at = None if task.status in OPEN else task.completed_at
    own = [pause for pause in pauses if stops_tasks(pause)]
    paused = ended_at is None and case_status == CaseStatus.SUSPENDED
    return _explain(
        session,
        "ended" if ended_at else "paused" if paused else "running",
        task.limit_days,
        task.received_at,
        (task.due_at, task.calendar_version),
        _between(own, task.received_at, ended_at),
        until=ended_at or clock.now(),
    )


@dataclass(frozen=True)
class StepReason:
    """The limit of one open step, explained."""

    task_id: int
    name: Named
    reason: DueReason


def why_open_steps_are_due(session: Session, case_no: str, *, actor: Actor, clock: Clock) -> tuple[StepReason, ...]:
    """Explain the limits of the open steps of a case that the actor may see.

    Raises:
        NotFoundError: no such case for the actor.
    """
    require(actor, Permission.CASE_READ)
    case = get_visible_case(session, case_no, actor=actor)
    part = part_of(session, case, actor=actor)
    tasks = session.scalars(
        select(HumanTask)
        .where(
            HumanTask.root_id == part.root_id,
            HumanTask.case_id.in_(part.case_ids),
            HumanTask.status.in_(OPEN),
            HumanTask.due_at.is_not(None),
        )
        .order_by(HumanTask.id)
    ).all()
    if not tasks:
        return ()
    version = load_version(session, case.process_version_id)
    nodes = version.process.model.nodes
    pauses = pauses_of(session, part.root_id)
    status = session.scalars(select(Case.status).where(Case.id == part.root_id)).one()
    return tuple(
        StepReason(
            task.id,
            node_name(nodes[task.node_id]),
            explain_task(session, task, pauses, status, clock=clock),
        )
        for task in tasks
    )


def why_case_is_due(session: Session, case_no: str, *, actor: Actor, clock: Clock) -> DueReason:
    """Explain the limit of the whole case that a case belongs to.

    Raises:
        NotFoundError: no such case for the actor.
    """
    require(actor, Permission.CASE_READ)
    case = get_visible_case(session, case_no, actor=actor)
    root = session.get_one(Case, root_id_of(case))
    pauses = pauses_of(session, root.id)
    if root.limit_days is None or root.due_at is None or root.accepted_at is None:
        return DueReason("no_limit", None, pauses=pauses)
    paused = root.waiting_since is not None or root.status == CaseStatus.SUSPENDED
    return _explain(
        session,
        "ended" if root.status in ENDED else "paused" if paused else "running",
        root.limit_days,
        root.accepted_at,
        (root.due_at, root.calendar_version),
        pauses,
        until=root.closed_at or clock.now(),
    )


def _between(pauses: Sequence[StoredPause], started_at: datetime, ended_at: datetime | None) -> tuple[StoredPause, ...]:
    """Leave out what stopped the clock before it ran, or after it had done its work."""
    return tuple(
        pause
        for pause in pauses
        if (pause.ended_at is None or pause.ended_at >= started_at) and (ended_at is None or pause.began_at <= ended_at)
    )


def _explain(
    session: Session,
    state: State,
    limit_days: int,
    started_at: datetime,
    stored: tuple[datetime, int | None],
    pauses: tuple[StoredPause, ...],
    *,
    until: datetime,
) -> DueReason:
    due, version = stored
    calendar = CALENDARS.get(session, version or 0)
    counted = deadline(calendar, office_date(started_at), limit_days, pauses=as_days(pauses, until=until))
    told = state == "paused" or counted.due_on == office_date(due)
    return DueReason(
        state=state,
        limit_days=limit_days,
        started_at=started_at,
        due_on=counted.due_on if told else office_date(due),
        due_at=due,
        calendar_version=version,
        provisional=counted.provisional,
        pauses=pauses,
        days=counted.explanation if told else (),  # never explain another day than the one that counts
    )
