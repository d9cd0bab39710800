"""The deployment's own rules for steps that nobody may be offered, and changing them by two persons."""

from __future__ import annotations

from webapp.api.endpoint import Call, Created, Routes
from webapp.api.v1.blueprint import PREFIX, blueprint
from webapp.api.v1.content.base import Nothing
from webapp.api.v1.content.rules import (
    AssignmentRules,
    NewAssignmentRules,
    RulesChange,
    RulesChangeList,
    RulesChangeQuery,
    RulesReason,
    assignment_rules,
    rules_change,
)
from workflows.cases.assignment.changes import get_change, list_changes
from workflows.cases.assignment.changing import approve_change, reject_change, request_change, withdraw_change
from workflows.cases.assignment.defaults import read_defaults
from workflows.cases.assignment.tables import ChangeStatus
from workflows.permissions import Permission

routes = Routes(blueprint, "Processes")
REQUESTS = "/assignment-rules/change-requests"


@routes.get("/assignment-rules", Permission.PROCESS_READ, answer=AssignmentRules)
def get_assignment_rules(call: Call) -> AssignmentRules:
    """Get what follows where a diagram does not say what to do when nobody may be offered a step."""
    return assignment_rules(read_defaults(call.session, actor=call.actor), call.language)


@routes.get(REQUESTS, Permission.RULE_CHANGE_READ, query=RulesChangeQuery, answer=RulesChangeList)
def list_rules_changes(call: Call, query: RulesChangeQuery) -> RulesChangeList:
    """List changes of these rules that were asked for, the newest first."""
    status = ChangeStatus(query.status) if query.status else None
    page = list_changes(call.session, actor=call.actor, status=status, cursor=query.cursor, limit=query.limit)
    return RulesChangeList(items=[rules_change(one, call.language) for one in page.items], next=page.next)


@routes.get(f"{REQUESTS}/<number:change_id>", Permission.RULE_CHANGE_READ, answer=RulesChange)
def get_rules_change(call: Call, change_id: int) -> RulesChange:
    """Get a change that was asked for."""
    return rules_change(get_change(call.session, change_id, actor=call.actor), call.language)


@routes.post(REQUESTS, Permission.PROCESS_DRAFT, body=NewAssignmentRules, answer=RulesChange, status=201)
def request_rules_change(call: Call, body: NewAssignmentRules) -> Created:
    """Ask for the next version of these rules; somebody else approves it."""
    rules = {"nobody": body.nobody, "same_person": body.same_person, "applicant": body.applicant}
    kept = request_change(call.session, rules, note=body.note, number=body.number, actor=call.actor, clock=call.clock)
    return Created(rules_change(kept, call.language), f"{PREFIX}{REQUESTS}/{kept.id}")


@routes.post(f"{REQUESTS}/<number:change_id>/approve", Permission.PROCESS_APPROVE, body=Nothing, answer=RulesChange)
def approve_rules_change(call: Call, change_id: int, body: Nothing) -> RulesChange:
    """Put in force what another person asked for; steps already offered keep what was decided for them."""
    return rules_change(approve_change(call.session, change_id, actor=call.actor, clock=call.clock), call.language)


@routes.post(f"{REQUESTS}/<number:change_id>/reject", Permission.PROCESS_APPROVE, body=RulesReason, answer=RulesChange)
def reject_rules_change(call: Call, change_id: int, body: RulesReason) -> RulesChange:
    """Reject what another person asked for, saying why (驳回)."""
    kept = reject_change(call.session, change_id, reason=body.reason, actor=call.actor, clock=call.clock)
    return rules_change(kept, call.language)


@routes.post(f"{REQUESTS}/<number:change_id>/withdraw", Permission.PROCESS_DRAFT, body=RulesReason, answer=RulesChange)
def withdraw_rules_change(call: Call, change_id: int, body: RulesReason) -> RulesChange:
    """Take back what was asked for and nobody has decided yet."""
    kept = withdraw_change(call.session, change_id, reason=body.reason, actor=call.actor, clock=call.clock)
    return rules_change(kept, call.language)
