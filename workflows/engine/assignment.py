"""What a diagram says is to follow when nobody may be offered a step: a rule for each cause, on step or process.

Read here once, for the check of a diagram and for the cases that run on it.
"""

from __future__ import annotations

from collections.abc import Mapping

from workflows.engine.model import Node, ProcessModel

REFUSE, PASS, SUPERIOR = "refuse", "pass_with_record", "next_superior"
RULES = (REFUSE, PASS, SUPERIOR)
CAUSES: Mapping[str, str] = {"nobody": "ifNobody", "same_person": "ifSamePerson", "applicant": "ifApplicant"}
"""Cause → the attribute that holds its rule."""


def written_rule(model: ProcessModel, node: Node, cause: str) -> tuple[str, str] | None:
    """Return the rule a diagram gives for a cause at a step and where it stands, `step` or `process`; or None."""
    name = CAUSES[cause]
    if name in node.attributes:
        return node.attributes[name], "step"
    if name in model.attributes:
        return model.attributes[name], "process"
    return None


def certifies(node: Node) -> bool:
    """Tell whether a step moves money, recognises or signs for figures: such a step never completes by itself."""
    signed_by_leads = node.multi_instance is not None and node.multi_instance.input_name == "leads"
    return signed_by_leads or any(name in node.attributes for name in ("effect", "form", "figures", "message"))


def passing_decision(node: Node) -> str | None:
    """Return the decision a step completes with if it passes by rule: `passDecision`, else the only one it offers."""
    offered = [decision.id for decision in node.decisions]
    named = node.attributes.get("passDecision")
    if named is not None:
        return named if named in offered else None
    return offered[0] if len(offered) == 1 else None


def may_pass(node: Node) -> bool:
    """Tell whether a step may complete by rule at all."""
    return is_offered(node) and not certifies(node) and passing_decision(node) is not None


def may_go_up(node: Node) -> bool:
    """Tell whether a step may be offered to a superior: heads check and release payments, no more."""
    return is_offered(node) and not ("effect" in node.attributes and node.attributes.get("post", "handler") in _MAKERS)


def is_offered(node: Node) -> bool:
    """Tell whether rules apply to a step: one that an agency's officers do, which no outside system may answer."""
    return node.kind == "userTask" and node.attributes.get("role") != "applicant" and "message" not in node.attributes


_MAKERS = frozenset({"clerk", "handler"})
