"""The clock of a whole case, beside those of its steps: it starts with acceptance and stands still while nothing but
outside decisions and the applicant's additions is waited for.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from workflows.cases.aggregate import Family
from workflows.cases.limits import CALENDARS, start_limit
from workflows.cases.recount import main_pauses, set_case_timer
from workflows.clock import Clock
from workflows.deadlines import PauseKind, start_clock, stop_clock
from workflows.engine import ProcessModel, Step
from workflows.engine.model import Node

WAITING = frozenset({PauseKind.SUPPLEMENT, PauseKind.OUTSIDE})


def total_limit(model: ProcessModel) -> int | None:
    """Return the limit of a whole case in working days, or None where its process declares none."""
    days = model.attributes.get("workingDays")
    return int(days) if days else None


def turn_main_clock(
    session: Session, family: Family, step: Step, changes: Mapping[str, Any], *, clock: Clock
) -> dict[str, Any]:
    """Start, stop or restart the clock of a whole case as a move demands.

    Args:
        session: the transaction, with `family` locked.
        family: the case.
        step: the move.
        changes: what else the move changes of the root case's row.
        clock: tells when.

    Returns:
        Further values for the root case's row.
    """
    waits_for = None if step.finished else _waits_for(family, step)
    found: dict[str, Any] = {}
    if waits_for is not None and family.waiting_since is None:
        _stop(session, family, waits_for, clock)
        found["waiting_since"] = clock.now()
    elif waits_for is None and family.waiting_since is not None:
        start_clock(session, family.id, WAITING, at=clock.now())
        found["waiting_since"] = None
        if family.due_at is not None and not step.finished:
            found.update(_limit(session, family, family.limit_days, family.accepted_at or clock.now(), clock))
    if "accepted_at" in changes and not step.finished:
        days = total_limit(family.process.model)
        found["limit_days"] = days
        found.update(_limit(session, family, days, clock.now(), clock))
    return found


def _stop(session: Session, family: Family, waits_for: Node, clock: Clock) -> None:
    kind = PauseKind.SUPPLEMENT if waits_for.attributes.get("role") == "applicant" else PauseKind.OUTSIDE
    stop_clock(session, family.id, kind, at=clock.now(), node_id=waits_for.id)
    if family.due_at is not None:
        set_case_timer(session, family.id, None, clock=clock)


def _limit(session: Session, family: Family, days: int | None, started_at: datetime, clock: Clock) -> Mapping[str, Any]:
    if days is None:
        return {}
    calendar = CALENDARS.current(session) if family.calendar is None else CALENDARS.at(session, family.calendar)
    limit = start_limit(calendar, days, started_at, main_pauses(session, family.id))
    set_case_timer(session, family.id, limit.due_at, clock=clock)
    return {"due_at": limit.due_at, "calendar_version": limit.calendar_version}


def _waits_for(family: Family, step: Step) -> Node | None:
    """Return the step waited for, if all that is open is somebody's whose time is not the offices'."""
    nodes = [family.node(node_id) for node_id in step.waiting]
    if nodes and all(node.attributes.get("clock") == "pause" for node in nodes):
        return nodes[0]
    return None
