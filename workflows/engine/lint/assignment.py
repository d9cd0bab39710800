"""What follows when nobody may be offered a step: that the rule is one, and one that this step may have."""

from __future__ import annotations

from collections.abc import Iterator

from workflows.engine.assignment import (
    CAUSES,
    PASS,
    RULES,
    SUPERIOR,
    certifies,
    is_offered,
    may_go_up,
    passing_decision,
    written_rule,
)
from workflows.engine.findings import Finding, error
from workflows.engine.lint.diagram import Diagram, about_node
from workflows.engine.lint.words import element_title, sentence
from workflows.engine.model import Node


def check_assignment(diagram: Diagram) -> Iterator[Finding]:
    """The rules of the process and of each step."""
    yield from _of_process(diagram)
    for node in diagram.model.user_tasks():
        yield from _values(node)
        yield from _useless(node)
        asked = {cause: written_rule(diagram.model, node, cause) for cause in CAUSES}
        rules = {found[0] for cause, found in asked.items() if found is not None and _applies(node, cause, found)}
        if PASS in rules:
            yield from _passing(node)
        if SUPERIOR in rules and not may_go_up(node):
            yield about_node(
                "error",
                "superior-of-money",
                node,
                "{it}由经办人办理支付，负责人不能代办，不得转上级岗位（next_superior）；请改为 refuse。",
                "{it} makes or settles a payment, which heads may not, so it cannot go to a superior; use refuse.",
            )


def _applies(node: Node, cause: str, found: tuple[str, str]) -> bool:
    """A rule of the process for a cause that cannot arise at a step says nothing about that step."""
    can_arise = cause != "same_person" or bool({"distinctFrom", "effect"} & node.attributes.keys())
    return is_offered(node) and (found[1] == "step" or can_arise)


def _of_process(diagram: Diagram) -> Iterator[Finding]:
    for name in CAUSES.values():
        value = diagram.model.attributes.get(name)
        if value is not None and value not in RULES:
            title, title_en = element_title(diagram.processes[diagram.model.process_id])
            yield error(
                f"{name.lower()}-unknown",
                diagram.model.process_id,
                f"{title}的 {name} 填了“{value[:40]}”，只能是：{'、'.join(RULES)}。",
                sentence(f"{title_en} has {name} “{value[:40]}”; it can only be {', '.join(RULES)}."),
            )


def _values(node: Node) -> Iterator[Finding]:
    for name in CAUSES.values():
        value = node.attributes.get(name)
        if value is not None and value not in RULES:
            yield about_node(
                "error",
                f"{name.lower()}-unknown",
                node,
                f"{{it}}的 {name} 填了“{value[:40]}”，只能是：{'、'.join(RULES)}。",
                f"{{it}} has {name} “{value[:40]}”; it can only be {', '.join(RULES)}.",
            )
    named = node.attributes.get("passDecision")
    if named is not None and named not in {decision.id for decision in node.decisions}:
        yield about_node(
            "error",
            "pass-decision-unknown",
            node,
            f"{{it}}按规则通过时作出的决定（passDecision）“{named[:40]}”，不在其决定之中。",
            f"{{it}} passes with the decision “{named[:40]}” (passDecision), which it does not offer.",
        )


def _useless(node: Node) -> Iterator[Finding]:
    has = [name for name in CAUSES.values() if name in node.attributes]
    if has and not is_offered(node):
        yield about_node(
            "error",
            "rule-not-offered",
            node,
            f"{{it}}由申请人办理，或可由外部系统答复，不适用 {has[0]}。",
            f"{{it}} is the applicant's, or an outside system may answer it: {has[0]} does not apply.",
        )
    elif "ifSamePerson" in node.attributes and not {"distinctFrom", "effect"} & node.attributes.keys():
        yield about_node(
            "error",
            "same-person-as-whom",
            node,
            "{it}写了同一人办理时的规则（ifSamePerson），却没有写明与哪些环节须由不同人办理（distinctFrom）。",
            "{it} says what follows if it is the same person (ifSamePerson), but not the same as in which steps "
            "(distinctFrom).",
        )


def _passing(node: Node) -> Iterator[Finding]:
    if certifies(node):
        yield about_node(
            "error",
            "pass-certifies",
            node,
            "{it}涉及付款、认定或者会签金额，须由人办理，不得按规则通过（pass_with_record）；"
            "请改为 refuse 或 next_superior。",
            "{it} moves money, or certifies or signs for figures, which only a person may do: it cannot pass by rule "
            "(pass_with_record); use refuse or next_superior.",
        )
    elif passing_decision(node) is None and "passDecision" not in node.attributes:
        yield about_node(
            "error",
            "pass-decision-missing",
            node,
            "{it}有几种决定，请写明按规则通过时作出哪一种（passDecision）。",
            "{it} offers several decisions; say with which one it passes by rule (passDecision).",
        )
