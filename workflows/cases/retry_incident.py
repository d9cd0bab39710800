"""Trying again what failed, once its cause is gone."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from workflows.agencies.posts import load_actor
from workflows.cases.access import require
from workflows.cases.commands import CompleteTask
from workflows.cases.complete_task import complete_task
from workflows.cases.models import Incident
from workflows.cases.timers import retry_timer
from workflows.cases.views import Moved
from workflows.clock import Clock, office_date
from workflows.errors import LianbanError, NotFoundError, StateConflictError
from workflows.permissions import Actor, Permission


def retry_incident(session: Session, incident_id: int, *, actor: Actor, clock: Clock) -> Moved:
    """Try again what failed, as the officer who did it then.

    Raises:
        NotFoundError: no such incident.
        StateConflictError: it is resolved already, or the task has moved on.
    """
    require(actor, Permission.INCIDENT_RETRY)
    incident = session.get(Incident, incident_id, with_for_update=True)
    if incident is None:
        raise NotFoundError("incident", incident_id)
    if incident.resolved_at is not None:
        raise StateConflictError("incident", incident_id, "resolved", "retry")
    if "timer_id" in incident.attempt:
        return retry_timer(session, incident, actor=actor, clock=clock)
    attempt: dict[str, Any] = {**incident.attempt, "row_version": None}
    officer = load_actor(session, incident.actor_person_id or 0, incident.actor_post_id, office_date(clock.now()))
    try:
        return complete_task(session, CompleteTask(**attempt), actor=officer, clock=clock)
    except StateConflictError:
        raise
    except LianbanError as error:
        raise StateConflictError("incident", incident_id, str(error), "retry") from error
