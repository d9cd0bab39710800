"""The deployment's own rules for steps that nobody may be offered."""

from __future__ import annotations

from webapp.api.endpoint import Call, Routes
from webapp.api.v1.blueprint import blueprint
from webapp.api.v1.content.rules import AssignmentRules, NewAssignmentRules, assignment_rules
from workflows.cases.assignment.defaults import read_defaults, set_defaults
from workflows.permissions import Permission

routes = Routes(blueprint, "Processes")


@routes.get("/assignment-rules", Permission.PROCESS_READ, answer=AssignmentRules)
def get_assignment_rules(call: Call) -> AssignmentRules:
    """Get what follows where a diagram does not say what to do when nobody may be offered a step."""
    return assignment_rules(read_defaults(call.session, actor=call.actor), call.language)


@routes.post("/assignment-rules", Permission.PROCESS_APPROVE, body=NewAssignmentRules, answer=AssignmentRules)
def set_assignment_rules(call: Call, body: NewAssignmentRules) -> AssignmentRules:
    """Set the next version of these rules; steps already offered keep what was decided for them."""
    rules = {"nobody": body.nobody, "same_person": body.same_person, "applicant": body.applicant}
    kept = set_defaults(call.session, rules, note=body.note, number=body.number, actor=call.actor, clock=call.clock)
    return assignment_rules(kept, call.language)
