"""From a move of the engine to rows: tasks opened and closed, child cases, limits, timers, notices, the end.

Planning reads and may fail; writing follows only when the whole plan stands. So a step that has no agency to go to
leaves the case as it was.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from workflows import audit, outbox
from workflows.agencies.models import Agency
from workflows.cases.aggregate import Family, write_back
from workflows.cases.models import ENDED, OPEN, Case, CaseStatus, HumanTask, TaskStatus
from workflows.cases.names import decision_name, end_name, named_agency, node_name
from workflows.cases.notices import issue_notice
from workflows.cases.numbering import child_case_no
from workflows.cases.routing import Assignment, route
from workflows.cases.variables import lookup
from workflows.cases.views import Moved, NextStep
from workflows.clock import Clock, office_date
from workflows.deadlines import CalendarStore, TimerKind, cancel_for_token, deadline, due_at, schedule
from workflows.engine import Scope, Step, Token
from workflows.events import EventType
from workflows.permissions import Actor
from workflows.persistence import table_of

NO_LIMIT = datetime(9999, 12, 31, tzinfo=UTC)
"""`queue_at` of a task without a limit: behind all others."""

CALENDARS = CalendarStore()

_ADD_TASKS = insert(table_of(HumanTask))


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
    on = office_date(clock.now())
    return Plan(
        step, {token.token: route(session, family, token, on=on) for token in step.opened if token.kind == "user"}
    )


def write(
    session: Session,
    family: Family,
    plan: Plan,
    *,
    actor: Actor | None,
    clock: Clock,
    form: Callable[[], Mapping[str, Any]],
    values: Mapping[str, Any] | None = None,
) -> Moved:
    """Write a planned move.

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
    _close_tasks(session, family, [token.token for token in step.closed], clock)
    children = _children_for(session, family, step, form, actor, clock)
    _end_scopes(session, family, step, children, actor=actor, clock=clock)
    opened = _open_tasks(session, family, plan, children, actor, clock)
    _set_timers(session, family, step, clock)
    changes.update(_status_change(family, step, clock))
    if step.finished and step.end_node_id is not None:
        changes.update(_close_case(session, family, step.end_node_id, actor=actor, clock=clock))
    write_back(session, family, changes)
    family.status = CaseStatus(changes.get("status", family.status))
    return Moved(
        case_no=family.no,
        case_status=family.status,
        next_steps=opened or _ends(family, step),
        row_version=family.rev,
        outcome=changes.get("outcome"),
    )


def _close_tasks(session: Session, family: Family, tokens: Sequence[str], clock: Clock) -> None:
    if not tokens:
        return
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


# ── children ──────────────────────────────────────────────────────────────────────────────────────


def child_key(family: Family, scope: Scope) -> int | None:
    """Return which child case a scope belongs to, or None where it belongs to the case itself."""
    for item in scope:
        if "childCase" in family.node(item.node_id).attributes and isinstance(item.item, dict):
            index = item.item.get("index")
            return index if isinstance(index, int) else None
    return None


def _children_for(
    session: Session,
    family: Family,
    step: Step,
    form: Callable[[], Mapping[str, Any]],
    actor: Actor | None,
    clock: Clock,
) -> dict[int, tuple[int, str]]:
    """Return child index → (id, number) for every child a move touches, creating those that do not exist yet."""
    scopes = [token.scope for token in step.opened] + [ended.scope for ended in step.scopes_ended]
    wanted = {key: scope for scope in scopes if scope and (key := child_key(family, scope)) is not None}
    if not wanted:
        return {}
    rows = session.execute(
        select(Case.child_index, Case.id, Case.no, Case.status).where(Case.parent_id == family.id)
    ).all()
    children = {row.child_index: (row.id, row.no) for row in rows}
    reopened = {key for token in step.opened if (key := child_key(family, token.scope)) is not None}
    closed = [row.id for row in rows if row.child_index in reopened and row.status in ENDED]
    _reopen(session, closed)
    for index, scope in sorted(wanted.items()):
        if index in children:
            continue
        items = _items(family, scope, form())
        if len(items) > 1:
            children[index] = _create_child(session, family, index, items[index], actor, clock)
    return children


def _reopen(session: Session, case_ids: Sequence[int]) -> None:
    """A child that had ended has a step again: the case went back behind its end."""
    if case_ids:
        session.execute(
            update(Case)
            .where(Case.id.in_(case_ids))
            .values(status=CaseStatus.IN_PROGRESS, outcome=None, closed_at=None, rev=Case.rev + 1)
            .execution_options(synchronize_session=False)
        )


def _items(family: Family, scope: Scope, form: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    node = next(family.node(item.node_id) for item in scope if "childCase" in family.node(item.node_id).attributes)
    collection = node.multi_instance.input_name if node.multi_instance else None
    items = form.get(collection or "")
    return items if isinstance(items, list) else ()


def _create_child(
    session: Session, family: Family, index: int, item: Mapping[str, Any], actor: Actor | None, clock: Clock
) -> tuple[int, str]:
    uscc = item.get("uscc")
    agency_id = session.scalar(select(Agency.id).where(Agency.uscc == uscc).limit(1)) if uscc else None
    child = Case(
        no=child_case_no(family.no, index),
        parent_id=family.id,
        root_id=family.id,
        child_index=index,
        process_version_id=family.process_version_id,
        measure_no=family.measure_no,
        title=family.title,
        applicant_name=str(item.get("name", family.applicant_name)),
        applicant_uscc=uscc,
        applicant_agency_id=agency_id,
        opened_by_person_id=family.opened_by_person_id,
        opened_by_agency_id=family.opened_by_agency_id,
        status=CaseStatus.IN_PROGRESS,
        rev=1,
        opened_at=clock.now(),
        accepted_at=clock.now(),
    )
    session.add(child)
    session.flush()
    payload = {"no": child.no, "parent": family.no, "applicant": child.applicant_name}
    audit.append(session, actor=actor, event=EventType.CASE_OPENED, case_id=child.id, payload=payload, clock=clock)
    return child.id, child.no


def _end_scopes(
    session: Session,
    family: Family,
    step: Step,
    children: Mapping[int, tuple[int, str]],
    *,
    actor: Actor | None,
    clock: Clock,
) -> None:
    for ended in step.scopes_ended:
        key = child_key(family, ended.scope)
        outcome = ended.end_node_id and family.node(ended.end_node_id).attributes.get("outcome")
        if key is None or key not in children or not outcome:
            continue
        child_id, child_no = children[key]
        session.execute(
            update(Case)
            .where(Case.id == child_id)
            .values(status=CaseStatus.CLOSED, outcome=outcome, closed_at=clock.now(), rev=Case.rev + 1)
            .execution_options(synchronize_session=False)
        )
        _record_close(session, child_id, child_no, outcome, actor, clock)
        issue_notice(session, child_id, kind="completion", facts={"outcome": outcome}, clock=clock)


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
    for token in plan.step.opened:
        if token.kind != "user":
            continue
        assignment = plan.assignments[token.token]
        key = child_key(family, token.scope)
        case_id, case_no = children.get(key, (family.id, family.no)) if key is not None else (family.id, family.no)
        rows.append(_task_row(session, family, token, assignment, case_id, actor, clock))
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
        session.execute(_ADD_TASKS, rows)
    return tuple(steps)


def _task_row(
    session: Session,
    family: Family,
    token: Token,
    assignment: Assignment,
    case_id: int,
    actor: Actor | None,
    clock: Clock,
) -> dict[str, Any]:
    now = clock.now()
    waits = assignment.agency.signs_for_work
    limit = start_limit(session, assignment.limit_days, now) if not waits else _NOT_STARTED
    _expect_message(session, family, token, clock)
    return {
        "case_id": case_id,
        "root_id": family.id,
        "token": token.token,
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
        "queue_at": limit.due_at or NO_LIMIT,
        "has_incident": False,
        "added_signer": any(isinstance(s.item, dict) and "agency" in s.item for s in token.scope),
    }


@dataclass(frozen=True)
class Limit:
    """When a limit ends, and by which calendar."""

    due_at: datetime | None
    calendar_version: int | None


_NOT_STARTED = Limit(None, None)


def start_limit(session: Session, limit_days: int | None, now: datetime) -> Limit:
    """Start a limit of so many working days now; None where there is no limit."""
    if limit_days is None:
        return _NOT_STARTED
    calendar = CALENDARS.current(session)
    due = deadline(calendar, office_date(now), limit_days)
    return Limit(due_at(due.due_on), due.calendar_version)


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
    _record_close(session, family.id, family.no, outcome, actor, clock)
    kind = family.node(end_node_id).attributes.get("notice", "completion")
    issue_notice(session, family.id, kind=kind, facts={"outcome": outcome}, clock=clock)
    outbox.enqueue(
        session, topic="case.archive", key=f"case.archive:{family.id}", payload={"case_id": family.id}, clock=clock
    )
    return {"status": CaseStatus.CLOSED, "outcome": outcome, "closed_at": clock.now()}


def _record_close(session: Session, case_id: int, no: str, outcome: str, actor: Actor | None, clock: Clock) -> None:
    audit.append(
        session,
        actor=actor,
        event=EventType.CASE_CLOSED,
        case_id=case_id,
        payload={"no": no, "outcome": outcome},
        clock=clock,
    )


__all__ = ["NO_LIMIT", "Plan", "child_key", "decision_name", "lookup", "plan", "start_limit", "write"]
