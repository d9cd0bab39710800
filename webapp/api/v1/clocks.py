"""Why limits end when they do, and who used the time."""

from __future__ import annotations

from webapp.api.endpoint import Call, Routes
from webapp.api.v1.blueprint import blueprint
from webapp.api.v1.content.clocks import CaseClocks, DeadlineOfClock, clocks_of, deadline_of
from workflows.cases.time_used import time_used
from workflows.cases.why_due import why_case_is_due, why_task_is_due
from workflows.permissions import Permission

routes = Routes(blueprint, "Clocks")


@routes.get("/tasks/<key:task_id>/deadline", Permission.TASK_READ, answer=DeadlineOfClock)
def get_task_deadline(call: Call, task_id: int) -> DeadlineOfClock:
    """Explain day by day when a task is due, with its pauses and the calendar it was counted by."""
    found = why_task_is_due(call.session, task_id, actor=call.actor, clock=call.clock)
    return deadline_of(found, call.language)


@routes.get("/cases/<case_no:no>/clocks", Permission.CASE_READ, answer=CaseClocks)
def get_case_clocks(call: Call, no: str) -> CaseClocks:
    """Explain when the whole case is due, and tell how long each agency held it."""
    limit = why_case_is_due(call.session, no, actor=call.actor, clock=call.clock)
    return clocks_of(limit, time_used(call.session, no, actor=call.actor, clock=call.clock), call.language)
