"""Who does what by when: the attributes of our namespace on tasks."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping

from workflows.engine.findings import Finding
from workflows.engine.lint.diagram import Diagram, about_node
from workflows.engine.model import Node

_CHOICES: Mapping[str, tuple[str, ...]] = {
    "role": ("lead", "support", "applicant", "participant"),
    "post": ("clerk", "handler", "reviewer", "leader"),
    "onExpiry": ("escalate", "deem_no_opinion", "deem_withdrawn"),
    "clock": ("pause",),
}
_KEY = re.compile(r"[a-z][a-z0-9_]{0,59}")
_EFFECT = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+")
_KEYED = ("duty", "form", "message", "childCase", "connector", "outcome")


def check_routing(diagram: Diagram) -> Iterator[Finding]:
    """Roles, posts, forms, deadlines, decisions, and references to other steps."""
    for node in diagram.model.nodes.values():
        yield from _values(node)
        if node.kind == "userTask":
            yield from _user_task(diagram, node)


def _values(node: Node) -> Iterator[Finding]:
    for name, allowed in _CHOICES.items():
        value = node.attributes.get(name)
        if value is not None and value not in allowed:
            choices = "、".join(allowed)
            yield about_node(
                "error",
                f"{name.lower()}-unknown",
                node,
                f"{{it}}的 {name} 填了“{value[:40]}”，只能是：{choices}。",
                f"{{it}} has {name} “{value[:40]}”; it can only be {', '.join(allowed)}.",
            )
    for name in _KEYED:
        value = node.attributes.get(name)
        if value is not None and not _KEY.fullmatch(value):
            yield about_node(
                "error",
                f"{name.lower()}-syntax",
                node,
                f"{{it}}的 {name} 填了“{value[:40]}”，只能用小写字母、数字和下划线，以字母开头。",
                f"{{it}} has {name} “{value[:40]}”; use lower-case letters, digits and underscores, a letter first.",
            )


def _user_task(diagram: Diagram, node: Node) -> Iterator[Finding]:
    attributes = node.attributes
    if "role" not in attributes:
        yield about_node(
            "error",
            "role-missing",
            node,
            "{it}没有写明由谁办理（role），请选择主办、协办、申请人或参与单位。",
            "{it} does not say who does it (role); choose lead, support, applicant or participant.",
        )
    if attributes.get("role") == "participant" and not attributes.get("duty"):
        yield about_node(
            "error",
            "duty-missing",
            node,
            "{it}由参与单位办理，请写明职责（duty），例如 recogniser。",
            "{it} is done by a participant; say by which duty, such as recogniser.",
        )
    yield from _deadline(node)
    yield from _references(diagram, node)
    yield from _decisions(node)
    if "effect" in attributes and not _EFFECT.fullmatch(attributes["effect"]):
        yield about_node(
            "error",
            "effect-syntax",
            node,
            "{it}的 effect 不合写法，应如 payment.propose。",
            "{it} has a malformed effect; it should look like payment.propose.",
        )


def _deadline(node: Node) -> Iterator[Finding]:
    days = node.attributes.get("workingDays")
    if days is not None and not (re.fullmatch(r"[0-9]{1,3}", days) and int(days) > 0):
        yield about_node(
            "error",
            "working-days",
            node,
            f"{{it}}的时限“{days[:20]}”不是 1 到 999 的整数。",
            f"the time limit “{days[:20]}” of {{it}} is no whole number from 1 to 999.",
        )
    if "onExpiry" in node.attributes and days is None:
        yield about_node(
            "error",
            "expiry-without-days",
            node,
            "{it}写了逾期处理（onExpiry），却没有时限（workingDays）。",
            "{it} says what happens on expiry but has no time limit (workingDays).",
        )
    if node.attributes.get("onExpiry") == "deem_no_opinion" and node.attributes.get("role") != "support":
        yield about_node(
            "error",
            "deemed-agreement",
            node,
            "{it}不是协办，逾期不得视为无意见；请改为上报（escalate）。",
            "{it} is not a supporting step, so silence cannot count as no opinion; use escalate.",
        )


def _references(diagram: Diagram, node: Node) -> Iterator[Finding]:
    for name in ("distinctFrom", "returns"):
        for other in node.attributes.get(name, "").split():
            target = diagram.model.nodes.get(other)
            if target is None or target.kind not in ("userTask", "manualTask") or other == node.id:
                yield about_node(
                    "error",
                    "reference-missing",
                    node,
                    f"{{it}}的 {name} 提到“{other[:60]}”，流程中没有这个任务。",
                    f"{{it}} mentions “{other[:60]}” in {name}, but there is no such task.",
                )


def _decisions(node: Node) -> Iterator[Finding]:
    if not node.decisions:
        yield about_node(
            "warning",
            "decisions-missing",
            node,
            "{it}没有可选的决定，只能直接提交。",
            "{it} offers no decisions and can only be submitted.",
        )
    counts = Counter(decision.id for decision in node.decisions)
    for decision in node.decisions:
        if not _KEY.fullmatch(decision.id) or not decision.label.strip():
            yield about_node(
                "error",
                "decision-incomplete",
                node,
                f"{{it}}的决定“{decision.id[:40]}”缺少合格的编号或名称。",
                f"the decision “{decision.id[:40]}” of {{it}} lacks a proper id or a label.",
            )
    for decision_id, count in counts.items():
        if count > 1:
            yield about_node(
                "error",
                "decision-twice",
                node,
                f"{{it}}的决定“{decision_id[:40]}”写了 {count} 次。",
                f"{{it}} has the decision “{decision_id[:40]}” {count} times.",
            )
