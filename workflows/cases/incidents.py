"""故障: a case that the engine could not move stands where it was, says why, and can be tried again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from workflows import audit
from workflows.cases.access import require
from workflows.cases.aggregate import Family
from workflows.cases.assignment.rules import rule_acted
from workflows.cases.models import Case, HumanTask, Incident
from workflows.cases.names import node_name
from workflows.cases.paging import check_limit, read_cursor, whole, write_cursor
from workflows.cases.views import IncidentRow, Moved, Page
from workflows.clock import Clock
from workflows.errors import EngineError, RoutingError
from workflows.events import EventType
from workflows.permissions import Actor, Permission
from workflows.processes import get_published
from workflows.processes.models import ProcessVersion


def or_incident(
    session: Session,
    family: Family,
    task: HumanTask,
    attempt: Mapping[str, Any],
    act: Callable[[], Moved],
    *,
    actor: Actor,
    clock: Clock,
) -> Moved:
    """Make a move whole, or leave the case as it was and open an incident.

    Args:
        session: the transaction, with `family` locked.
        family: the case.
        task: the task the act is about.
        attempt: what a retry needs, `act` telling which act it was.
        act: makes the move; all it has written is undone if the engine, an effect or the routing fails.
        actor: whose act it is.
        clock: tells when.
    """
    try:
        with session.begin_nested():
            moved = act()
    except (EngineError, RoutingError) as error:
        return open_incident(session, family, task, attempt, error, actor=actor, clock=clock)
    if task.has_incident:
        resolve_incidents_of(session, HumanTask.id == task.id, actor=actor, clock=clock)
    return moved


def open_incident(
    session: Session,
    family: Family,
    task: HumanTask,
    attempt: Mapping[str, Any],
    error: EngineError | RoutingError,
    *,
    actor: Actor,
    clock: Clock,
) -> Moved:
    """Record that an act on a task failed; nothing else of it is kept but the attempt.

    A task has one open incident at most: what fails again takes the place of what failed before.
    """
    incident = session.scalar(select(Incident).where(Incident.task_id == task.id, Incident.resolved_at.is_(None)))
    if incident is None:
        incident = Incident(case_id=task.case_id, task_id=task.id, opened_at=clock.now())
        session.add(incident)
    incident.node_id, incident.cause = error.node_id, str(error)[:4000]
    incident.attempt = dict(attempt)
    incident.actor_person_id, incident.actor_post_id = actor.person_id, actor.post_id
    session.flush()
    session.execute(
        update(HumanTask)
        .where(HumanTask.id == task.id)
        .values(has_incident=True)
        .execution_options(synchronize_session=False)
    )
    audit.append(
        session,
        actor=actor,
        event=EventType.INCIDENT_OPENED,
        case_id=task.case_id,
        task_id=task.id,
        payload={"incident": incident.id, "node": error.node_id, "cause": incident.cause},
        clock=clock,
    )
    return Moved(
        case_no=family.no,
        case_status=family.status,
        task_id=task.id,
        row_version=task.row_version,
        incident_id=incident.id,
    )


def open_timer_incident(
    session: Session, case_id: int, timer_id: int, error: EngineError | RoutingError, *, clock: Clock
) -> None:
    """Record that a timer of the diagram could not be fired."""
    incident = Incident(
        case_id=case_id,
        node_id=error.node_id,
        cause=str(error)[:4000],
        attempt={"timer_id": timer_id},
        opened_at=clock.now(),
    )
    session.add(incident)
    session.flush()
    payload = {"incident": incident.id, "node": error.node_id, "cause": incident.cause}
    audit.append(session, actor=None, event=EventType.INCIDENT_OPENED, case_id=case_id, payload=payload, clock=clock)


def open_rule_incident(session: Session, task: HumanTask, acted: Mapping[str, Any], *, clock: Clock) -> None:
    """Record that nobody may do a step, for whoever can mend it; the rest of the case goes on.

    Args:
        session: the transaction.
        task: the step, open.
        acted: the rule that refused it, as `RuleActed.facts`.
        clock: tells when.
    """
    incident = session.scalar(select(Incident).where(Incident.task_id == task.id, Incident.resolved_at.is_(None)))
    if incident is None:
        incident = Incident(case_id=task.case_id, task_id=task.id, opened_at=clock.now())
        session.add(incident)
    elif "rule" not in incident.attempt:  # what an officer tried and failed to do is not forgotten for it
        return
    incident.node_id, incident.cause = task.node_id, f"nobody may do this step: {acted['cause']}"
    incident.attempt = {"act": "rule", "rule": dict(acted)}
    session.flush()
    session.execute(
        update(HumanTask)
        .where(HumanTask.id == task.id)
        .values(has_incident=True)
        .execution_options(synchronize_session=False)
    )
    payload = {"incident": incident.id, "node": task.node_id, "cause": incident.cause, "rule": dict(acted)}
    audit.append(
        session,
        actor=None,
        event=EventType.INCIDENT_OPENED,
        case_id=task.case_id,
        task_id=task.id,
        payload=payload,
        clock=clock,
    )


def resolve_incidents_of(session: Session, whose: ColumnElement[bool], *, actor: Actor | None, clock: Clock) -> None:
    """Close the incidents of tasks that are done now, or that nobody can do any more.

    Args:
        session: the transaction.
        whose: condition on `HumanTask`.
        actor: whose act ended them, or None for the system.
        clock: tells when.
    """
    resolved = session.execute(
        update(Incident)
        .where(Incident.task_id.in_(select(HumanTask.id).where(whose)), Incident.resolved_at.is_(None))
        .values(resolved_at=clock.now(), resolved_by_person_id=actor.person_id if actor else None)
        .returning(Incident.id, Incident.case_id, Incident.task_id)
        .execution_options(synchronize_session=False)
    ).all()
    for row in resolved:
        audit.append(
            session,
            actor=actor,
            event=EventType.INCIDENT_RESOLVED,
            case_id=row.case_id,
            task_id=row.task_id,
            payload={"incident": row.id},
            clock=clock,
        )


def list_incidents(session: Session, *, actor: Actor, cursor: str | None = None, limit: int = 50) -> Page[IncidentRow]:
    """List open incidents, newest first: case number, step and cause, no content of the case."""
    require(actor, Permission.INCIDENT_READ)
    check_limit(limit)
    query = (
        select(Incident, Case.no, ProcessVersion.id, ProcessVersion.sha256)
        .join(Case, Case.id == Incident.case_id)
        .join(ProcessVersion, ProcessVersion.id == Case.process_version_id)
        .where(Incident.resolved_at.is_(None))
        .order_by(Incident.id.desc())
        .limit(limit + 1)
    )
    before = read_cursor(cursor, "incident", whole)
    if before:
        query = query.where(Incident.id < before[0])
    rows = session.execute(query).all()
    items = tuple(incident_row(session, row.Incident, row.no, row.id, row.sha256) for row in rows[:limit])
    return Page(items, write_cursor("incident", items[-1].id) if len(rows) > limit else None)


def incident_row(session: Session, incident: Incident, case_no: str, version_id: int, sha256: str) -> IncidentRow:
    """View of one incident."""
    nodes = get_published(session, version_id, sha256).model.nodes
    node = nodes.get(incident.node_id or "")
    return IncidentRow(
        id=incident.id,
        case_no=case_no,
        node_id=incident.node_id,
        node_name=node_name(node) if node else None,
        cause=incident.cause,
        opened_at=incident.opened_at,
        rule=rule_acted(incident.attempt.get("rule")),
    )
