"""What happens when a limit runs out: a mark that stays, and what the step's `onExpiry` says beside it.

The one who has the case's lock first wins: a completion that comes a moment earlier leaves nothing to expire, one that
comes a moment later finds the step done. Silence is never consent where it counts: only a supporting opinion may be
taken as none, only the applicant's own additions as withdrawn; everything else is marked and goes on waiting.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from workflows import audit, engine
from workflows.agencies.posts import candidates
from workflows.cases.aggregate import Family, current_form
from workflows.cases.assignment.offering import write
from workflows.cases.ending import money_moved, terminate
from workflows.cases.limits import CALENDARS
from workflows.cases.members import members
from workflows.cases.models import OPEN, Case, HumanTask, TaskStatus
from workflows.cases.names import NO_OPINION
from workflows.cases.notifications import NotificationKind, notify
from workflows.cases.opinions.closing import closing_on_due
from workflows.cases.projection import plan
from workflows.cases.recount import recount_case, recount_tasks
from workflows.cases.workdays import workdays
from workflows.clock import Clock, office_date
from workflows.events import EventType
from workflows.permissions import PostKind

WITHDRAWN = "deemed_withdrawn"
"""视为撤回: the outcome of a case whose applicant supplied nothing in time."""


def expire_task(session: Session, family: Family, token: str, *, clock: Clock) -> None:
    """Deal with a task whose limit has run out; one that is done, or whose limit has moved, is left alone.

    Args:
        session: the transaction, with `family` locked.
        family: the case; it runs.
        token: the task's.
        clock: tells when.

    Raises:
        EngineError: the case cannot go on from there.
        RoutingError: nobody is responsible for the next step.
    """
    _by_latest_calendar(session, family, token, clock)
    task = _open_task(session, family, token)
    if task is None or task.overdue_at is not None or task.due_at is None or task.due_at > clock.now():
        return
    _mark(session, task, clock)
    follow = _FOLLOWS.get(family.node(task.node_id).attributes.get("onExpiry", ""), _wait_on)
    follow(session, family, task, clock)


def expire_case(session: Session, family: Family, *, clock: Clock) -> None:
    """Mark a case whose whole limit has run out; it goes on."""
    recount_case(session, family.id, CALENDARS.current(session), "calendar", actor=None, clock=clock)
    case = session.get_one(Case, family.id, populate_existing=True)
    waits = case.waiting_since is not None
    if waits or case.overdue_at is not None or case.due_at is None or case.due_at > clock.now():
        return
    case.overdue_at = clock.now()
    payload = {"due": case.due_at.isoformat(), "limit_days": case.limit_days}
    audit.append(session, actor=None, event=EventType.CASE_OVERDUE, case_id=case.id, payload=payload, clock=clock)


def _by_latest_calendar(session: Session, family: Family, token: str, clock: Clock) -> None:
    """A notice may have come whose recounting is still under way: nothing expires by a calendar that is out of date."""
    task = _open_task(session, family, token)
    calendar = CALENDARS.current(session)
    if task is not None and task.calendar_version != calendar.number:
        recount_tasks(session, family.id, calendar, "calendar", actor=None, clock=clock)


def _open_task(session: Session, family: Family, token: str) -> HumanTask | None:
    return session.scalar(
        select(HumanTask)
        .where(HumanTask.root_id == family.id, HumanTask.token == token, HumanTask.status.in_(OPEN))
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def _mark(session: Session, task: HumanTask, clock: Clock) -> None:
    session.execute(
        update(HumanTask)
        .where(HumanTask.id == task.id)
        .values(overdue_at=clock.now())
        .execution_options(synchronize_session=False)
    )
    _record(session, task, EventType.TASK_OVERDUE, {"due": _due(task), "limit_days": task.limit_days}, clock)


def _wait_on(session: Session, _family: Family, task: HumanTask, clock: Clock) -> None:
    """The task stays with its agency; whoever holds it and the heads of its section are told."""
    _tell(session, task, NotificationKind.OVERDUE, clock)


def _no_opinion(session: Session, family: Family, task: HumanTask, clock: Clock) -> None:
    """Take silence as no opinion: of the one whose limit has run out, or of all still asked if the step ends."""
    for silent in (task, *closing_on_due(session, family, task)):
        _deem(session, family, silent, clock)


def _deem(session: Session, family: Family, task: HumanTask, clock: Clock) -> None:
    result = {task.node_id: NO_OPINION.code}
    step = engine.complete(
        family.process.spec,
        family.state,
        task.token,
        result,
        now=clock.now(),
        workdays=workdays(session),
        members=members(session, family.measure_no, clock),
    )
    planned = plan(session, family, step, clock=clock)
    session.execute(
        update(HumanTask)
        .where(HumanTask.id == task.id)
        .values(
            status=TaskStatus.COMPLETED,
            decision=NO_OPINION.code,
            completed_at=clock.now(),
            row_version=HumanTask.row_version + 1,
        )
        .execution_options(synchronize_session=False)
    )
    _record(session, task, EventType.TASK_DEEMED_NO_OPINION, {"due": _due(task), **planned.trace()}, clock)
    write(session, family, planned, actor=None, clock=clock, form=lambda: current_form(session, family.id))
    _tell(session, task, NotificationKind.DEEMED_NO_OPINION, clock)


def _withdrawn(session: Session, family: Family, task: HumanTask, clock: Clock) -> None:
    if money_moved(session, family):  # then nothing ends by silence: a person decides
        _wait_on(session, family, task, clock)
        return
    terminate(session, family, WITHDRAWN, notice=WITHDRAWN, facts={"due": _due(task)}, actor=None, clock=clock)
    _record(session, task, EventType.CASE_DEEMED_WITHDRAWN, {"due": _due(task)}, clock)


_FOLLOWS: Mapping[str, Callable[[Session, Family, HumanTask, Clock], None]] = {
    "deem_no_opinion": _no_opinion,
    "deem_withdrawn": _withdrawn,
}


def _tell(session: Session, task: HumanTask, kind: NotificationKind, clock: Clock) -> None:
    heads = candidates(session, task.agency_id, PostKind.REVIEWER, office_date(clock.now()))
    holder = {task.assignee_person_id} if task.assignee_person_id else set()
    told = {head.person_id for head in heads} | holder
    notify(session, person_ids=told, kind=kind, case_id=task.case_id, task_id=task.id, clock=clock)


def _due(task: HumanTask) -> str | None:
    return task.due_at.isoformat() if task.due_at else None


def _record(session: Session, task: HumanTask, event: EventType, facts: Mapping[str, Any], clock: Clock) -> None:
    payload = {"node": task.node_id, **facts}
    audit.append(session, actor=None, event=event, case_id=task.case_id, task_id=task.id, payload=payload, clock=clock)
