"""From a move of the engine to rows: tasks opened and closed, child cases, limits, timers, notices, the end.

Planning reads and may fail; writing follows only when the whole plan stands. So a step that has no agency to go to
leaves the case as it was.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import and_, bindparam, insert, literal, select, update
from sqlalchemy.orm import Session

from workflows import outbox
from workflows.cases.aggregate import Family, write_back
from workflows.cases.children import child_key, children_for, end_children, record_close
from workflows.cases.incidents import resolve_incidents_of
from workflows.cases.limits import CALENDARS, NOT_STARTED, Limit, start_limit
from workflows.cases.main_clock import turn_main_clock
from workflows.cases.models import OPEN, CaseStatus, HumanTask, TaskStatus
from workflows.cases.names import end_name, named_agency, node_name
from workflows.cases.notices import issue_notice
from workflows.cases.routing import Assignment, Router
from workflows.cases.views import Moved, NextStep
from workflows.clock import Clock, office_date
from workflows.deadlines import DueTimer, TimerKind, WorkingCalendar, cancel_for_token, schedule, schedule_all
from workflows.engine import Step, Token
from workflows.permissions import Actor
from workflows.persistence import table_of

_TASK, _TIMER = table_of(HumanTask), table_of(DueTimer)
_ADD_TASKS = insert(_TASK).inline()
"""Nobody asks for the keys."""


@cache
def _add_one(names: tuple[str, ...]) -> Any:
    """A task and the due row of its limit, in one round trip to PostgreSQL: most moves open one step."""
    opened = (
        insert(_TASK)
        .values({name: bindparam(name, type_=_TASK.c[name].type) for name in names})
        .returning(_TASK.c.root_id, _TASK.c.token, _TASK.c.due_at, _TASK.c.created_at)
        .cte("opened")
    )
    kind = literal(TimerKind.TASK_EXPIRY.value, _TIMER.c.kind.type)
    due = select(opened.c.root_id, kind, opened.c.token, opened.c.due_at, opened.c.created_at)
    columns = ["case_id", "kind", "token", "due_at", "created_at"]
    return insert(_TIMER).inline().from_select(columns, due.where(opened.c.due_at.is_not(None)))


@dataclass(frozen=True)
class Plan:
    """A move that can be written.

    Args:
        assignments: token → where its task goes.
    """

    step: Step
    assignments: Mapping[str, Assignment]

    def trace(self) -> dict[str, Any]:
        """What the move opens and cancels, for the audit entry of the act that makes it."""
        opened = [[t.node_id, self.assignments[t.token].agency.code] for t in self.step.opened if t.kind == "user"]
        cancelled = [token.node_id for token in self.step.closed]
        return {**({"opened": opened} if opened else {}), **({"cancelled": cancelled} if cancelled else {})}


def plan(session: Session, family: Family, step: Step, *, clock: Clock) -> Plan:
    """Route every step that a move opens.

    Raises:
        RoutingError: some step has no agency to go to.
        EngineError: a routing expression fails.
    """
    router = Router(session, family, office_date(clock.now()))
    return Plan(step, {token.token: router.route(token) for token in step.opened if token.kind == "user"})


def write_move(
    session: Session,
    family: Family,
    plan: Plan,
    *,
    actor: Actor | None,
    clock: Clock,
    form: Callable[[], Mapping[str, Any]],
    values: Mapping[str, Any] | None = None,
) -> Moved:
    """Write a planned move; `assignment.offering.write` also sees to steps that nobody may be offered.

    Args:
        session: the transaction, with `family` locked.
        family: the case.
        plan: what to write.
        actor: whose act it is, or None for the system.
        clock: tells when.
        form: gives the application as it stands, if it is needed: it names the child cases.
        values: further values for the root case's row.

    Raises:
        ConcurrencyError: the case was moved although it was locked.
    """
    step = plan.step
    changes: dict[str, Any] = {"state": step.state, **(values or {})}
    _close_tasks(session, family, [token.token for token in step.closed], actor, clock)
    children = children_for(session, family, step, form, actor, clock)
    end_children(session, family, step, children, actor=actor, clock=clock)
    opened = _open_tasks(session, family, plan, children, actor, clock)
    _set_timers(session, family, step, clock)
    changes.update(_status_change(family, step, clock))
    changes.update(turn_main_clock(session, family, step, changes, clock=clock))
    if step.finished and step.end_node_id is not None:
        changes.update(_close_case(session, family, step.end_node_id, actor=actor, clock=clock))
    write_back(session, family, changes)
    family.state = step.state
    family.status = CaseStatus(changes.get("status", family.status))
    return Moved(
        case_no=family.no,
        case_status=family.status,
        next_steps=opened or _ends(family, step),
        row_version=family.rev,
        outcome=changes.get("outcome"),
    )


def _close_tasks(session: Session, family: Family, tokens: Sequence[str], actor: Actor | None, clock: Clock) -> None:
    if not tokens:
        return
    theirs = and_(HumanTask.root_id == family.id, HumanTask.token.in_(tokens))
    resolve_incidents_of(session, theirs, actor=actor, clock=clock)
    session.execute(
        update(HumanTask)
        .where(HumanTask.root_id == family.id, HumanTask.token.in_(tokens), HumanTask.status.in_(OPEN))
        .values(status=TaskStatus.EXITED, completed_at=clock.now(), row_version=HumanTask.row_version + 1)
        .execution_options(synchronize_session=False)
    )


def _status_change(family: Family, step: Step, clock: Clock) -> dict[str, Any]:
    """A step may say what the case is called while it is open (`caseStatus`)."""
    changes: dict[str, Any] = {}
    for token in step.opened:
        status = family.node(token.node_id).attributes.get("caseStatus")
        if status:
            changes["status"] = status
            if status == CaseStatus.IN_PROGRESS and not family.was_accepted:
                changes["accepted_at"] = clock.now()
    return changes


# ── tasks ─────────────────────────────────────────────────────────────────────────────────────────


def _open_tasks(
    session: Session,
    family: Family,
    plan: Plan,
    children: Mapping[int, tuple[int, str]],
    actor: Actor | None,
    clock: Clock,
) -> tuple[NextStep, ...]:
    rows, steps = [], []
    calendar = _calendar(session, family) if plan.assignments else None
    for token in plan.step.opened:
        if token.kind != "user":
            continue
        assignment = plan.assignments[token.token]
        key = child_key(family, token.scope)
        case_id, case_no = children.get(key, (family.id, family.no)) if key is not None else (family.id, family.no)
        _expect_message(session, family, token, clock)
        limit = NOT_STARTED
        if calendar is not None and not assignment.agency.signs_for_work:
            limit = start_limit(calendar, assignment.limit_days, clock.now())
        rows.append(_task_row(family, token, assignment, case_id, limit, actor, clock))
        steps.append(
            NextStep(
                name=node_name(family.node(token.node_id)),
                agency=named_agency(assignment.agency),
                post_kind=assignment.post_kind,
                limit_days=assignment.limit_days,
                case_no=case_no if case_no != family.no else None,
            )
        )
    if rows:
        _add_tasks(session, rows)
    return tuple(steps)


def _add_tasks(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    connection = session.connection()
    if len(rows) == 1 and connection.dialect.name == "postgresql":
        connection.execute(_add_one(tuple(rows[0])), dict(rows[0]))
        return
    connection.execute(_ADD_TASKS, list(rows))
    schedule_all(session, [expiry_of(row) for row in rows if row["due_at"] is not None])


def expiry_of(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the due row of a task whose limit runs: its token finds the task, whatever becomes of it meanwhile."""
    return {
        "case_id": row["root_id"],
        "kind": TimerKind.TASK_EXPIRY,
        "token": row["token"],
        "due_at": row["due_at"],
        "created_at": row["created_at"],
    }


def _calendar(session: Session, family: Family) -> WorkingCalendar:
    return CALENDARS.current(session) if family.calendar is None else CALENDARS.at(session, family.calendar)


def _task_row(
    family: Family,
    token: Token,
    assignment: Assignment,
    case_id: int,
    limit: Limit,
    actor: Actor | None,
    clock: Clock,
) -> dict[str, Any]:
    now = clock.now()
    waits = assignment.agency.signs_for_work
    return {
        "case_id": case_id,
        "root_id": family.id,
        "token": token.token,
        "instance": token.scope[-1].index if token.scope else None,
        "node_id": token.node_id,
        "agency_id": assignment.agency.id,
        "post_kind": assignment.post_kind,
        "role": assignment.role,
        "status": TaskStatus.CREATED if waits else TaskStatus.READY,
        "row_version": 1,
        "from_agency_id": actor.agency_id if actor else None,
        "created_at": now,
        "received_at": None if waits else now,
        "limit_days": assignment.limit_days,
        "due_at": limit.due_at,
        "calendar_version": limit.calendar_version,
        "queue_at": limit.queue_at,
        "has_incident": False,
        "added_signer": any(isinstance(s.item, dict) and "agency" in s.item for s in token.scope),
    }


def _expect_message(session: Session, family: Family, token: Token, clock: Clock) -> None:
    """An answer may have come before the question: have the inbox looked through once this step is open."""
    name = family.node(token.node_id).attributes.get("message")
    if name:
        outbox.enqueue(
            session,
            topic="inbox.match",
            key=f"inbox.match:{family.id}:{token.token}",
            payload={"root_id": family.id, "name": name},
            clock=clock,
        )


def _set_timers(session: Session, family: Family, step: Step, clock: Clock) -> None:
    for token in step.closed:
        if token.kind == "timer":
            cancel_for_token(session, family.id, token.token, now=clock.now())
    for timer in step.timers:
        schedule(
            session,
            case_id=family.id,
            kind=TimerKind.ENGINE,
            due_at=timer.due_at,
            token=timer.token,
            now=clock.now(),
        )


# ── the end ───────────────────────────────────────────────────────────────────────────────────────


def _ends(family: Family, step: Step) -> tuple[NextStep, ...]:
    ended = step.end_node_id if step.finished else None
    reached = [ended] if ended else [end.end_node_id for end in step.scopes_ended if end.end_node_id]
    return tuple(
        NextStep(name=end_name(family.node(node_id)), agency=None, post_kind=None, limit_days=None, case_no=None)
        for node_id in reached
    )


def _close_case(
    session: Session, family: Family, end_node_id: str, *, actor: Actor | None, clock: Clock
) -> dict[str, Any]:
    outcome = family.node(end_node_id).attributes.get("outcome", end_node_id)
    record_close(session, family.id, family.no, outcome, actor, clock)
    kind = family.node(end_node_id).attributes.get("notice", "completion")
    issue_notice(session, family.id, kind=kind, facts={"outcome": outcome}, actor=actor, clock=clock)
    outbox.enqueue(
        session, topic="case.archive", key=f"case.archive:{family.id}", payload={"case_id": family.id}, clock=clock
    )
    return {"status": CaseStatus.CLOSED, "outcome": outcome, "closed_at": clock.now()}
