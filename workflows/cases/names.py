"""Names in both languages for what the diagram and the organisation call things."""

from __future__ import annotations

from workflows.agencies.directory import AgencyRef
from workflows.cases.views import Named
from workflows.engine.model import Node

NO_OPINION = Named("deemed_no_opinion", "视为无意见", "Deemed to have no opinion")
"""What stands as the decision of a supporting step that kept silent until its limit ran out."""


PASSED_BY_RULE = ("按规则通过", "Passed by rule")
"""What stands in place of a decision that nobody took; its code is the decision's, with which the case went on."""


def node_name(node: Node) -> Named:
    """A step's name as the diagram has it."""
    return Named(node.id, node.name or node.id, node.name_en or node.name or node.id)


def end_name(node: Node) -> Named:
    """An end's name, under the code of its outcome."""
    return Named(node.attributes.get("outcome", node.id), node.name or node.id, node.name_en or node.name or node.id)


def named_agency(agency: AgencyRef) -> Named:
    """An agency's short name, as screens show it."""
    return Named(agency.code, agency.short_zh, agency.short_en)


def decision_name(node: Node, decision_id: str | None) -> Named | None:
    """The label of one of a step's decisions, or None."""
    for decision in node.decisions:
        if decision.id == decision_id:
            return Named(decision.id, decision.label, decision.label_en or decision.label)
    if decision_id == NO_OPINION.code:
        return NO_OPINION
    return Named(decision_id, decision_id, decision_id) if decision_id else None
