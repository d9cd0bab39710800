"""Due rows that are due: timers of the diagram fire the engine, limits expire, each once; nobody polls cases."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows import audit, engine
from workflows.cases.aggregate import Family, current_form, lock_family, lock_free_family
from workflows.cases.assignment.offering import write
from workflows.cases.expiry import expire_case, expire_task
from workflows.cases.incidents import open_timer_incident
from workflows.cases.members import members
from workflows.cases.models import ENDED, Case, CaseStatus, Incident
from workflows.cases.projection import plan
from workflows.cases.views import Moved
from workflows.cases.workdays import workdays
from workflows.clock import Clock
from workflows.deadlines import DueTimer, TimerKind, due, mark_fired
from workflows.errors import EngineError, RoutingError, StateConflictError
from workflows.events import EventType
from workflows.permissions import Actor

_RESTING = select(Case.id).where(Case.status == CaseStatus.SUSPENDED)


def fire_due_timers(session: Session, *, clock: Clock, limit: int = 20) -> int:
    """Fire up to `limit` due timers, each in a savepoint; the caller commits.

    A timer whose firing fails opens an incident and is not tried again by itself.

    Returns:
        How many timers were dealt with; 0 means none is due.
    """
    dealt_with = 0
    for timer_id in [timer.id for timer in due(session, clock.now(), limit, resting=_RESTING)]:
        try:
            with session.begin_nested():
                dealt_with += _fire_timer(session, timer_id, clock=clock)
        except (EngineError, RoutingError) as error:
            mark_fired(session, timer_id, now=clock.now())
            case_id = session.scalars(select(DueTimer.case_id).where(DueTimer.id == timer_id)).one()
            open_timer_incident(session, case_id, timer_id, error, clock=clock)
            dealt_with += 1
    return dealt_with


def _fire_timer(session: Session, timer_id: int, *, clock: Clock) -> bool:
    """Return whether the timer was dealt with: one of a suspended case waits until the case goes on, one of a case
    that somebody is at for the next look. To wait here, with timers locked, for whoever has the case locked and may
    want to move them, would be to wait for ever.
    """
    timer = session.get_one(DueTimer, timer_id, populate_existing=True)
    family = lock_free_family(session, timer.case_id)
    if family is None or family.status == CaseStatus.SUSPENDED:
        return False
    try:
        mark_fired(session, timer.id, now=clock.now())
    except StateConflictError:  # another of this batch has ended the case, and this timer with it
        return True
    if family.status not in ENDED and _is_wanted(family, timer):
        _do(session, family, timer, actor=None, clock=clock)
    return True


def _is_wanted(family: Family, timer: DueTimer) -> bool:
    """A timer of the diagram may have lost its token meanwhile; what expires looks for itself whether it still runs."""
    if timer.kind != TimerKind.ENGINE:
        return True
    return timer.token in {token.token for token in engine.active(family.process.spec, family.state)}


def _do(session: Session, family: Family, timer: DueTimer, *, actor: Actor | None, clock: Clock) -> Moved:
    if timer.kind == TimerKind.CASE_EXPIRY:
        expire_case(session, family, clock=clock)
    elif timer.kind == TimerKind.TASK_EXPIRY:
        expire_task(session, family, timer.token or "", clock=clock)
    else:
        step = engine.fire_timer(
            family.process.spec,
            family.state,
            timer.token or "",
            now=clock.now(),
            workdays=workdays(session),
            members=members(session, family.measure_no, clock),
        )
        planned = plan(session, family, step, clock=clock)
        return write(session, family, planned, actor=actor, clock=clock, form=lambda: current_form(session, family.id))
    return Moved(family.no, family.status, row_version=family.rev)


def retry_timer(session: Session, incident: Incident, *, actor: Actor, clock: Clock) -> Moved:
    """Fire again a timer whose firing had opened an incident.

    Raises:
        EngineError: it failed again.
        StateConflictError: the case has gone on without it.
    """
    timer = session.get_one(DueTimer, incident.attempt["timer_id"])
    family = lock_family(session, timer.case_id)
    family.require_running("retry")
    moved = _do(session, family, timer, actor=actor, clock=clock)
    incident.resolved_at, incident.resolved_by_person_id = clock.now(), actor.person_id
    payload = {"incident": incident.id}
    audit.append(
        session, actor=actor, event=EventType.INCIDENT_RESOLVED, case_id=family.id, payload=payload, clock=clock
    )
    return moved
