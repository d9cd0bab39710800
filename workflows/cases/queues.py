"""单位收件箱 / 待认领 / 待办 / 已办 / 我发起 / 抄送: the lists an officer works from.

Each queue is one walk along one partial index, from a cursor, never a count over everything.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal, TypeVar

from sqlalchemy import ColumnElement, and_, func, literal, or_, select
from sqlalchemy.orm import Session, aliased

from workflows.agencies.models import Agency, Person, Post
from workflows.cases.access import in_scope, require
from workflows.cases.assignment.rules import passed_by_rule, rule_acted
from workflows.cases.collaboration.copy_queue import count_copied, list_copied
from workflows.cases.holding import reassignable, subordinate
from workflows.cases.limits import CALENDARS, NO_LIMIT
from workflows.cases.lit import lit
from workflows.cases.models import ENDED, OPEN, Case, CaseStatus, HumanTask, TaskRole, TaskStatus
from workflows.cases.names import PASSED_BY_RULE, decision_name, node_name
from workflows.cases.paging import check_limit, instant, read_cursor, whole, write_cursor
from workflows.cases.searching import contains
from workflows.cases.views import Named, Page, TaskRow
from workflows.clock import Clock
from workflows.deadlines import Light, WorkingCalendar, light, remaining
from workflows.engine.model import Node
from workflows.errors import FieldError, InvalidInputError, NotFoundError
from workflows.permissions import Actor, Permission, PostKind
from workflows.processes import get_published
from workflows.processes.models import ProcessVersion

QueueName = Literal["inbox", "available", "mine", "delegated", "team", "done", "started", "cc"]
QUEUES: tuple[QueueName, ...] = ("inbox", "available", "mine", "delegated", "team", "done", "started", "cc")
COUNT_CAP = 100
_Name = TypeVar("_Name", bound=str)

_From = aliased(Agency)
_Holder = aliased(Person)
_Owner = aliased(Person)
_RootCase = aliased(Case)


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
    statement = _rows().where(*conditions).order_by(*order).limit(query.limit + 1)
    after = read_cursor(query.cursor, query.queue, instant, whole)
    wanted = query.light if query.queue == "done" else None
    found: list[tuple[HumanTask, TaskRow]] = []
    while True:
        beyond = statement.where(_beyond(key, after, descending=descending)) if after else statement
        rows = session.execute(beyond).all()
        views = [(row.HumanTask, _view(session, row, actor, calendar, now)) for row in rows]
        found += [(task, view) for task, view in views if wanted in (None, view.light)]
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
    of_tasks: dict[str, ColumnElement[bool]] = {queue: _queue(queue, actor) for queue in queues if queue != "cc"}
    counts: dict[str, int] = dict(_counts(session, of_tasks)) if of_tasks else {}
    if "cc" in queues:
        counts["cc"] = count_copied(session, COUNT_CAP, actor=actor)
    return counts


def count_lights(session: Session, queue: QueueName, *, actor: Actor, clock: Clock) -> Mapping[Light, int]:
    """Count a queue by light, each up to `COUNT_CAP`."""
    require(actor, Permission.TASK_READ)
    if queue == "cc":  # what is only to be read has no clock
        return dict.fromkeys(Light, 0)
    calendar, now, waiting = CALENDARS.current(session), clock.now(), _queue(queue, actor)
    return _counts(session, {colour: and_(waiting, lit(waiting, _RootCase, colour, calendar, now)) for colour in Light})


def task_row(session: Session, task_id: int, *, actor: Actor, clock: Clock) -> TaskRow:
    """Return one task of the actor's agency as its queue shows it.

    Raises:
        NotFoundError: no such task in the actor's agency.
    """
    row = session.execute(
        _rows()
        .where(HumanTask.id == task_id, HumanTask.agency_id == actor.agency_id, in_scope(actor))
        .execution_options(populate_existing=True)
    ).one_or_none()
    if row is None:
        raise NotFoundError("task", task_id)
    return _view(session, row, actor, CALENDARS.current(session), clock.now())


def next_task(session: Session, row: TaskRow, queue: QueueName, *, actor: Actor, clock: Clock) -> int | None:
    """Return the task that follows `row` in a queue by due date, if there is one."""
    behind = write_cursor(queue, (row.due_at or NO_LIMIT).astimezone(UTC).isoformat(), row.id)
    found = list_tasks(session, TaskQuery(queue, cursor=behind, limit=1), actor=actor, clock=clock).items
    return found[0].id if found else None


def task_rows_where(
    session: Session, *conditions: ColumnElement[bool], actor: Actor, clock: Clock, limit: int | None = None
) -> tuple[TaskRow, ...]:
    """Return the tasks that meet some conditions on `HumanTask`, by key; the caller sees to who may see them."""
    rows = session.execute(_rows().where(*conditions).order_by(HumanTask.id).limit(limit)).all()
    calendar, now = CALENDARS.current(session), clock.now()
    return tuple(_view(session, row, actor, calendar, now) for row in rows)


def task_rows_among(
    session: Session, task_ids: Collection[int], *, actor: Actor, clock: Clock
) -> Mapping[int, TaskRow]:
    """Return those of some tasks that are the actor's agency's, by key."""
    own = HumanTask.agency_id == actor.agency_id
    rows = task_rows_where(session, HumanTask.id.in_(task_ids), own, actor=actor, clock=clock)
    return {row.id: row for row in rows}


def task_rows_of(session: Session, root_id: int, *, actor: Actor, clock: Clock) -> tuple[TaskRow, ...]:
    """Return all tasks of a case family, oldest first; the caller has checked that the actor may see the case."""
    return task_rows_where(session, HumanTask.root_id == root_id, actor=actor, clock=clock)


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


def _counts(session: Session, conditions: Mapping[_Name, ColumnElement[bool]]) -> Mapping[_Name, int]:
    """Count the tasks under each condition, all in one statement: a page needs eleven figures."""
    columns = []
    for condition in conditions.values():
        capped = select(literal(1).label("one")).select_from(HumanTask)
        capped = capped.join(_RootCase, _RootCase.id == HumanTask.root_id).where(condition).limit(COUNT_CAP)
        columns.append(select(func.count()).select_from(capped.subquery()).scalar_subquery())
    return dict(zip(conditions, session.execute(select(*columns)).one(), strict=True))


def _filters(
    query: TaskQuery, waiting: ColumnElement[bool], calendar: WorkingCalendar, now: datetime
) -> Sequence[ColumnElement[bool]]:
    conditions = []
    if query.light is not None and query.queue != "done":  # what is done keeps the light it was done by
        conditions.append(lit(waiting, _RootCase, query.light, calendar, now))
    if query.measure is not None:
        conditions.append(Case.measure_no == query.measure)
    if query.role is not None:
        conditions.append(HumanTask.role == query.role)
    if query.due_by is not None:
        conditions.append(HumanTask.queue_at <= query.due_by)
    if query.q and query.q.strip():
        conditions.append(contains(query.q.strip(), Case.no, Case.applicant_name, Case.title))
    return conditions


# ── rows ──────────────────────────────────────────────────────────────────────────────────────────


def _rows() -> Any:
    return (
        select(
            HumanTask,
            Case.no,
            Case.title,
            Case.applicant_name,
            Case.measure_no,
            _RootCase.status.label("root_status"),
            _RootCase.suspended_at,
            ProcessVersion.id.label("version_id"),
            ProcessVersion.sha256,
            Agency.code,
            Agency.short_zh,
            Agency.short_en,
            _From.code.label("from_code"),
            _From.short_zh.label("from_zh"),
            _From.short_en.label("from_en"),
            _Holder.name_zh.label("holder"),
            _Holder.name_en.label("holder_en"),
            _Owner.username.label("owner"),
            _Owner.name_zh.label("owner_zh"),
            _Owner.name_en.label("owner_en"),
        )
        .join(Case, Case.id == HumanTask.case_id)
        .join(_RootCase, _RootCase.id == HumanTask.root_id)
        .join(ProcessVersion, ProcessVersion.id == Case.process_version_id)
        .join(Agency, Agency.id == HumanTask.agency_id)
        .outerjoin(_From, _From.id == HumanTask.from_agency_id)
        .outerjoin(_Owner, _Owner.id == HumanTask.owner_person_id)
        .outerjoin(_Holder, _Holder.id == func.coalesce(HumanTask.completed_by_person_id, HumanTask.assignee_person_id))
    )


def _view(session: Session, row: Any, actor: Actor, calendar: WorkingCalendar, now: datetime) -> TaskRow:
    task: HumanTask = row.HumanTask
    node = get_published(session, row.version_id, row.sha256).model.nodes[task.node_id]
    stands_still = row.root_status == CaseStatus.SUSPENDED
    is_open = task.status in OPEN
    seen_at = (now if not stands_still else row.suspended_at or now) if is_open else task.completed_at or now
    return TaskRow(
        id=task.id,
        case_id=task.case_id,
        case_no=row.no,
        case_title=row.title,
        applicant_name=row.applicant_name,
        measure_no=row.measure_no,
        node_id=task.node_id,
        name=node_name(node),
        agency=Named(row.code, row.short_zh, row.short_en),
        from_agency=Named(row.from_code, row.from_zh, row.from_en) if row.from_code else None,
        role=task.role,
        status=task.status,
        assignee=row.holder,
        assignee_en=row.holder_en,
        assignee_person_id=task.assignee_person_id,
        claimed_at=task.claimed_at,
        created_at=task.created_at,
        completed_at=task.completed_at,
        voided=task.voided_at is not None,
        overdue_at=task.overdue_at,
        decision=_decision(node, task, actor),
        limit_days=task.limit_days,
        due_at=task.due_at,
        light=light(
            calendar,
            seen_at,
            task.due_at,
            limit_days=task.limit_days,
            paused=stands_still or (is_open and task.due_at is None),
        ),
        remaining=remaining(calendar, seen_at, task.due_at, limit_days=task.limit_days) if task.due_at else None,
        row_version=task.row_version,
        actions=tuple(decision.id for decision in node.decisions) if is_open else (),
        verbs=_verbs(task, actor, case_runs=not stands_still and row.root_status not in ENDED),
        owner=Named(row.owner, row.owner_zh, row.owner_en) if row.owner else None,
        rule=rule_acted(task.rule) if actor.post_kind is not PostKind.APPLICANT else None,
    )


def _decision(node: Node, task: HumanTask, actor: Actor) -> Named | None:
    """The label of a decision; officers are told that nobody took it, where it is a rule's."""
    if passed_by_rule(task.rule) and task.decision and actor.post_kind is not PostKind.APPLICANT:
        return Named(task.decision, *PASSED_BY_RULE)
    return decision_name(node, task.decision)


def _verbs(task: HumanTask, actor: Actor, *, case_runs: bool) -> tuple[str, ...]:
    if not case_runs or task.agency_id != actor.agency_id:
        return ()
    if task.status == TaskStatus.CREATED:
        return ("receive",) if actor.may(Permission.TASK_RECEIVE) else ()
    if task.status == TaskStatus.READY:
        claim = ("claim",) if actor.may(Permission.TASK_CLAIM) and task.post_kind == actor.post_kind else ()
        return claim + (("assign",) if actor.may(Permission.TASK_ASSIGN) else ())
    if reassignable(task, actor):
        return ("assign",)
    mine = (task.assignee_person_id, task.assignee_post_id) == (actor.holder_id, actor.post_id)
    if task.status == TaskStatus.RESERVED and task.owner_person_id is not None:
        owned = (task.owner_person_id, task.owner_post_id) == (actor.holder_id, actor.post_id)
        return ("hand_back",) if mine else ("take_back",) if owned else ()
    if task.status == TaskStatus.RESERVED and mine:
        delegate = ("delegate",) if actor.may(Permission.TASK_DELEGATE) else ()
        return ("complete", "return", "release", "transfer", *delegate)
    if task.status == TaskStatus.COMPLETED and task.completed_by_person_id == actor.person_id:
        # whether the next step has been taken up is asked when recalling; the row only offers the try
        return ("recall",) if task.voided_at is None else ()
    return ()
