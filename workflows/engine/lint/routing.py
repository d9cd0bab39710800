"""Who does what by when: the attributes of our namespace on tasks."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping

from workflows.engine.findings import Finding
from workflows.engine.lint.diagram import Diagram, about_node
from workflows.engine.lint.limits import check_process_limit, check_time_limit
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
    yield from check_process_limit(diagram)
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
    yield from check_time_limit(diagram, node)
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
