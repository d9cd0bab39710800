"""Timers of the diagram: a due row fires the engine, once; nobody polls cases."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows import audit, engine
from workflows.cases.aggregate import current_form, lock_family
from workflows.cases.incidents import open_timer_incident
from workflows.cases.models import ENDED, Case, CaseStatus, Incident
from workflows.cases.projection import plan, write
from workflows.cases.views import Moved
from workflows.cases.workdays import workdays
from workflows.clock import Clock
from workflows.deadlines import DueTimer, due, mark_fired
from workflows.errors import EngineError, RoutingError
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
    for timer in due(session, clock.now(), limit, resting=_RESTING):
        try:
            with session.begin_nested():
                dealt_with += _fire_timer(session, timer, clock=clock)
        except (EngineError, RoutingError) as error:
            mark_fired(session, timer.id, now=clock.now())
            open_timer_incident(session, timer.case_id, timer.id, error, clock=clock)
            dealt_with += 1
    return dealt_with


def _fire_timer(session: Session, timer: DueTimer, *, clock: Clock) -> bool:
    """Return whether the timer was dealt with: one of a suspended case waits until the case goes on."""
    family = lock_family(session, timer.case_id)
    if family.status == CaseStatus.SUSPENDED:
        return False
    mark_fired(session, timer.id, now=clock.now())
    open_tokens = {token.token for token in engine.active(family.process.spec, family.state)} if family.state else set()
    if family.status in ENDED or timer.token not in open_tokens:
        return True
    step = engine.fire_timer(
        family.process.spec, family.state, timer.token or "", now=clock.now(), workdays=workdays(session)
    )
    planned = plan(session, family, step, clock=clock)
    write(session, family, planned, actor=None, clock=clock, form=lambda: current_form(session, family.id))
    return True


def retry_timer(session: Session, incident: Incident, *, actor: Actor, clock: Clock) -> Moved:
    """Fire again a timer whose firing had opened an incident.

    Raises:
        EngineError: it failed again.
        StateConflictError: the case has gone on without it.
    """
    timer = session.get_one(DueTimer, incident.attempt["timer_id"])
    family = lock_family(session, timer.case_id)
    family.require_running("retry")
    step = engine.fire_timer(
        family.process.spec, family.state, timer.token or "", now=clock.now(), workdays=workdays(session)
    )
    planned = plan(session, family, step, clock=clock)
    moved = write(session, family, planned, actor=actor, clock=clock, form=lambda: current_form(session, family.id))
    incident.resolved_at, incident.resolved_by_person_id = clock.now(), actor.person_id
    payload = {"incident": incident.id}
    audit.append(
        session, actor=actor, event=EventType.INCIDENT_RESOLVED, case_id=family.id, payload=payload, clock=clock
    )
    return moved
