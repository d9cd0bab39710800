"""Mergers of agencies and changes of lead: open tasks pass to whoever is responsible now."""

from __future__ import annotations

from webapp.api.endpoint import Call, Routes
from webapp.api.v1.blueprint import blueprint
from webapp.api.v1.content.responsibilities import ChangeOfLead, Passed, Succession, passed
from workflows.cases import succession
from workflows.permissions import Permission

routes = Routes(blueprint, "Responsibilities")


@routes.post("/agencies/<code:code>/succession", Permission.RESPONSIBILITY_CHANGE, body=Succession, answer=Passed)
def succeed_agency(call: Call, code: str, body: Succession) -> Passed:
    """Merge an agency into another: its open tasks pass on, two lead votes become one."""
    command = succession.Succession(code, body.successor, body.on, body.reason)
    return passed(succession.hand_to_successor(call.session, command, actor=call.actor, clock=call.clock))


@routes.post("/measures/<code:line>/lead", Permission.RESPONSIBILITY_CHANGE, body=ChangeOfLead, answer=Passed)
def change_lead(call: Call, line: str, body: ChangeOfLead) -> Passed:
    """Have another agency lead a responsibility line: its open tasks pass on."""
    command = succession.ChangeLead(line, body.old, body.new, body.on, body.reason)
    return passed(succession.change_lead(call.session, command, actor=call.actor, clock=call.clock))
