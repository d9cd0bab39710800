"""单位收件箱 / 待认领 / 待办 / 已办 / 我发起 / 抄送: the lists an officer works from.

Each queue is one walk along one partial index, from a cursor, never a count over everything.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, and_, func, literal, or_, select
from sqlalchemy.orm import Session

from workflows.agencies.models import Post
from workflows.cases.access import in_scope, own_task, require
from workflows.cases.collaboration.copy_queue import copied_count, list_copied
from workflows.cases.holding import subordinate
from workflows.cases.limits import CALENDARS, NO_LIMIT
from workflows.cases.lit import lit
from workflows.cases.models import OPEN, Case, HumanTask, TaskRole, TaskStatus
from workflows.cases.paging import check_limit, instant, read_cursor, whole, write_cursor
from workflows.cases.searching import contains
from workflows.cases.task_rows import RootCase, task_rows, view_rows
from workflows.cases.views import Page, TaskRow
from workflows.clock import Clock
from workflows.deadlines import Light, WorkingCalendar
from workflows.errors import FieldError, InvalidInputError, NotFoundError
from workflows.permissions import Actor, Permission
from workflows.persistence import once

QueueName = Literal["inbox", "available", "mine", "delegated", "team", "done", "started", "cc"]
QUEUES: tuple[QueueName, ...] = ("inbox", "available", "mine", "delegated", "team", "done", "started", "cc")
COUNT_CAP = 100


@dataclass(frozen=True)
class TaskQuery:
    """Which tasks to list.

    Args:
        queue: one of `QUEUES`.
        light: only tasks with this light.
        measure: only cases of this responsibility line.
        role: only tasks in this role.
        q: part of a case number or of an applicant's name.
        due_by: only tasks due by then.
        cursor: `next` of the page before.
        limit: 1 to 200.
    """

    queue: QueueName
    light: Light | None = None
    measure: str | None = None
    role: TaskRole | None = None
    q: str | None = None
    due_by: datetime | None = None
    cursor: str | None = None
    limit: int = 50


def list_tasks(session: Session, query: TaskQuery, *, actor: Actor, clock: Clock) -> Page[TaskRow]:
    """List one queue of the acting post, the most urgent first (done: the latest first; started: the newest first).

    Raises:
        InvalidInputError: unknown queue, cursor of another list, limit out of range.
    """
    require(actor, Permission.TASK_READ)
    if query.queue not in QUEUES:
        raise InvalidInputError([FieldError("queue", "not-in-list")])
    check_limit(query.limit)
    if query.queue == "cc":
        return list_copied(
            session, measure=query.measure, q=query.q, cursor=query.cursor, limit=query.limit, actor=actor
        )
    calendar, now = CALENDARS.current(session), clock.now()
    key, descending = _ORDER[query.queue]
    order = (key.desc(), HumanTask.id.desc()) if descending else (key.asc(), HumanTask.id.asc())
    waiting = _queue(query.queue, actor)
    conditions = (waiting, *_filters(query, waiting, calendar, now))
    statement = task_rows().where(*conditions).order_by(*order).limit(query.limit + 1)
    after = read_cursor(query.cursor, query.queue, instant, whole)
    wanted = query.light if query.queue == "done" else None
    found: list[tuple[HumanTask, TaskRow]] = []
    while True:
        beyond = statement.where(_beyond(key, after, descending=descending)) if after else statement
        rows = session.execute(beyond).all()
        views = view_rows(session, rows, actor=actor, calendar=calendar, now=now)
        found += [(row.HumanTask, view) for row, view in zip(rows, views, strict=True) if wanted in (None, view.light)]
        if len(found) > query.limit:
            last = found[query.limit - 1][0]
            items = tuple(view for _, view in found[: query.limit])
            return Page(items, write_cursor(query.queue, _key_of(query.queue, last), last.id))
        if len(rows) <= query.limit:
            return Page(tuple(view for _, view in found), None)
        after = (getattr(rows[-1].HumanTask, key.key), rows[-1].HumanTask.id)


def count_tasks(session: Session, *, actor: Actor, queues: Sequence[QueueName] = QUEUES) -> Mapping[str, int]:
    """Count queues of the acting post, up to `COUNT_CAP` each: beyond that the figure is "that many or more"."""
    require(actor, Permission.TASK_READ)
    return dict(zip(queues, _figures(session, _of_queues(queues, actor)), strict=True))


def count_desk(
    session: Session, queue: QueueName, *, actor: Actor, clock: Clock
) -> tuple[Mapping[str, int], Mapping[Light, int]]:
    """Count every queue, and one of them by light, each up to `COUNT_CAP`: all figures of a page in one statement."""
    require(actor, Permission.TASK_READ)
    calendar, now, waiting = CALENDARS.current(session), clock.now(), _queue(queue, actor)
    by_light = [_capped(waiting, lit(waiting, RootCase, colour, calendar, now)) for colour in Light]
    figures = _figures(session, [*_of_queues(QUEUES, actor), *by_light])
    return dict(zip(QUEUES, figures, strict=False)), dict(zip(Light, figures[len(QUEUES) :], strict=True))


def task_row(session: Session, task_id: int, *, actor: Actor, clock: Clock) -> TaskRow:
    """Return one task of the actor's agency as its queue shows it.

    Raises:
        NotFoundError: no such task in the actor's agency.
    """
    row = once(session, ("task row", task_id, actor), lambda: _own_row(session, task_id, actor))
    if row is None:
        raise NotFoundError("task", task_id)
    (view,) = view_rows(session, [row], actor=actor, calendar=CALENDARS.current(session), now=clock.now())
    return view


def _own_row(session: Session, task_id: int, actor: Actor) -> Any:
    return session.execute(task_rows().where(HumanTask.id == task_id, own_task(actor))).one_or_none()


def next_task(session: Session, row: TaskRow, queue: QueueName, *, actor: Actor, clock: Clock) -> int | None:
    """Return the task that follows `row` in a queue by due date, if there is one."""
    behind = write_cursor(queue, (row.due_at or NO_LIMIT).astimezone(UTC).isoformat(), row.id)
    found = list_tasks(session, TaskQuery(queue, cursor=behind, limit=1), actor=actor, clock=clock).items
    return found[0].id if found else None


def task_rows_where(
    session: Session, *conditions: ColumnElement[bool], actor: Actor, clock: Clock, limit: int | None = None
) -> tuple[TaskRow, ...]:
    """Return the tasks that meet some conditions on `HumanTask`, by key; the caller sees to who may see them."""
    rows = session.execute(task_rows().where(*conditions).order_by(HumanTask.id).limit(limit)).all()
    return view_rows(session, rows, actor=actor, calendar=CALENDARS.current(session), now=clock.now())


def task_rows_among(
    session: Session, task_ids: Collection[int], *, actor: Actor, clock: Clock
) -> Mapping[int, TaskRow]:
    """Return those of some tasks that are the actor's agency's, by key."""
    own = HumanTask.agency_id == actor.agency_id
    rows = task_rows_where(session, HumanTask.id.in_(task_ids), own, actor=actor, clock=clock)
    return {row.id: row for row in rows}


def task_rows_of(session: Session, root_id: int, *, actor: Actor, clock: Clock) -> tuple[TaskRow, ...]:
    """Return all tasks of a case family, oldest first; the caller has checked that the actor may see the case."""
    of_family = HumanTask.root_id == root_id
    tasks = ("tasks of family", root_id, actor)
    return once(session, tasks, lambda: task_rows_where(session, of_family, actor=actor, clock=clock))


# ── the queues ────────────────────────────────────────────────────────────────────────────────────


def _queue(queue: QueueName, actor: Actor) -> ColumnElement[bool]:
    of_agency = HumanTask.agency_id == actor.agency_id
    conditions: dict[str, Callable[[], ColumnElement[bool]]] = {
        "inbox": lambda: and_(of_agency, HumanTask.status == literal("created", literal_execute=True)),
        "available": lambda: and_(
            of_agency,
            HumanTask.post_kind == actor.post_kind,
            HumanTask.status == literal("ready", literal_execute=True),
        ),
        "mine": lambda: and_(
            HumanTask.assignee_post_id == actor.post_id,
            HumanTask.assignee_person_id == actor.holder_id,
            HumanTask.status == literal("reserved", literal_execute=True),
        ),
        "delegated": lambda: and_(
            HumanTask.owner_post_id == actor.post_id,
            HumanTask.owner_person_id == actor.holder_id,
            HumanTask.status == TaskStatus.RESERVED,
        ),
        "team": lambda: and_(
            HumanTask.assignee_post_id.in_(
                select(Post.id).where(Post.agency_id == actor.agency_id, Post.kind.in_(subordinate(actor)))
            ),
            HumanTask.owner_person_id.is_(None),
            HumanTask.status == literal("reserved", literal_execute=True),
        ),
        "done": lambda: and_(
            HumanTask.completed_by_person_id == actor.person_id,
            HumanTask.completed_by_post_id == actor.post_id,
            HumanTask.status == literal("completed", literal_execute=True),
        ),
        "started": lambda: and_(
            HumanTask.root_id.in_(
                select(Case.id).where(
                    Case.opened_by_person_id == actor.holder_id, Case.opened_by_agency_id == actor.agency_id
                )
            ),
            HumanTask.status.in_(OPEN),
        ),
    }
    return and_(conditions[queue](), in_scope(actor))


_ORDER: Mapping[QueueName, tuple[Any, bool]] = {
    "inbox": (HumanTask.queue_at, False),
    "available": (HumanTask.queue_at, False),
    "mine": (HumanTask.queue_at, False),
    "delegated": (HumanTask.queue_at, False),
    "team": (HumanTask.queue_at, False),
    "done": (HumanTask.completed_at, True),
    "started": (HumanTask.created_at, True),
}


def _key_of(queue: QueueName, task: HumanTask) -> str:
    value = getattr(task, _ORDER[queue][0].key)
    return str(value.astimezone(UTC).isoformat())


def _beyond(key: Any, after: tuple[Any, ...], *, descending: bool) -> ColumnElement[bool]:
    at, task_id = after
    if descending:
        return or_(key < at, and_(key == at, HumanTask.id < task_id))
    return and_(key >= at, or_(key > at, HumanTask.id > task_id))


def _figures(session: Session, counts: Sequence[ColumnElement[int]]) -> Sequence[int]:
    return session.execute(select(*counts)).one()


def _of_queues(queues: Sequence[QueueName], actor: Actor) -> list[ColumnElement[int]]:
    return [
        copied_count(COUNT_CAP, actor=actor) if queue == "cc" else _capped(_queue(queue, actor)) for queue in queues
    ]


def _capped(waiting: ColumnElement[bool], of_light: ColumnElement[bool] | None = None) -> ColumnElement[int]:
    """The number of tasks that meet the conditions, counted no further than the cap."""
    met = select(literal(1).label("one")).select_from(HumanTask).where(waiting).limit(COUNT_CAP)
    if of_light is not None:
        met = met.join(RootCase, RootCase.id == HumanTask.root_id).where(of_light)
    return select(func.count()).select_from(met.subquery()).scalar_subquery()


def _filters(
    query: TaskQuery, waiting: ColumnElement[bool], calendar: WorkingCalendar, now: datetime
) -> Sequence[ColumnElement[bool]]:
    conditions = []
    if query.light is not None and query.queue != "done":  # what is done keeps the light it was done by
        conditions.append(lit(waiting, RootCase, query.light, calendar, now))
    if query.measure is not None:
        conditions.append(Case.measure_no == query.measure)
    if query.role is not None:
        conditions.append(HumanTask.role == query.role)
    if query.due_by is not None:
        conditions.append(HumanTask.queue_at <= query.due_by)
    if query.q and query.q.strip():
        conditions.append(contains(query.q.strip(), Case.no, Case.applicant_name, Case.title))
    return conditions
