"""By when, and what silence may mean: consent never, no opinion only where an opinion was all that was asked."""

from __future__ import annotations

import re
from collections.abc import Iterator

from workflows.engine.findings import Finding, error
from workflows.engine.lint.diagram import Diagram, about_node
from workflows.engine.lint.words import element_title, sentence
from workflows.engine.model import Node


def check_process_limit(diagram: Diagram) -> Iterator[Finding]:
    """The limit of the whole case."""
    days = diagram.model.attributes.get("workingDays")
    if days is None or _is_limit(days):
        return
    title, title_en = element_title(diagram.processes[diagram.model.process_id])
    yield error(
        "working-days",
        diagram.model.process_id,
        f"{title}的时限“{days[:20]}”不是 1 到 999 的整数。",
        sentence(f"the time limit “{days[:20]}” of {title_en} is no whole number from 1 to 999."),
    )


def check_time_limit(diagram: Diagram, node: Node) -> Iterator[Finding]:
    """The limit of a user task, and what follows when it has run out."""
    days = node.attributes.get("workingDays")
    if days is not None and not _is_limit(days):
        yield about_node(
            "error",
            "working-days",
            node,
            f"{{it}}的时限“{days[:20]}”不是 1 到 999 的整数。",
            f"the time limit “{days[:20]}” of {{it}} is no whole number from 1 to 999.",
        )
    follows = node.attributes.get("onExpiry")
    if follows is not None and days is None:
        yield about_node(
            "error",
            "expiry-without-days",
            node,
            "{it}写了逾期处理（onExpiry），却没有时限（workingDays）。",
            "{it} says what happens on expiry but has no time limit (workingDays).",
        )
    if follows == "deem_no_opinion":
        yield from _no_opinion(node)
    if follows == "deem_withdrawn":
        yield from _withdrawn(diagram, node)


def _is_limit(days: str) -> bool:
    return re.fullmatch(r"[0-9]{1,3}", days) is not None and int(days) > 0


def _no_opinion(node: Node) -> Iterator[Finding]:
    if node.attributes.get("role") != "support":
        yield about_node(
            "error",
            "deemed-agreement",
            node,
            "{it}不是协办，逾期不得视为无意见；请改为上报（escalate）。",
            "{it} is not a supporting step, so silence cannot count as no opinion; use escalate.",
        )
    if "form" in node.attributes or "effect" in node.attributes:
        yield about_node(
            "error",
            "deemed-certification",
            node,
            "{it}要填写或核定内容，逾期不得视为无意见；请改为上报（escalate）。",
            "{it} certifies something, which silence cannot do; use escalate.",
        )


def _withdrawn(diagram: Diagram, node: Node) -> Iterator[Finding]:
    if node.attributes.get("role") != "applicant":
        yield about_node(
            "error",
            "deemed-withdrawal",
            node,
            "{it}不由申请人办理，逾期不得视为撤回；请改为上报（escalate）。",
            "{it} is not the applicant's, so its silence cannot withdraw the application; use escalate.",
        )
    if _is_repeated(diagram, node):
        yield about_node(
            "error",
            "deemed-withdrawal-of-all",
            node,
            "{it}逐家办理，一家逾期不得视为整个申请撤回；请改为上报（escalate）。",
            "{it} is repeated for each, and the silence of one cannot withdraw the whole application; use escalate.",
        )


def _is_repeated(diagram: Diagram, node: Node) -> bool:
    """Whether a step, or anything around it, runs once for each item of a list."""
    looked_at: set[str] = set()
    waiting = [node.id]
    while waiting:
        node_id = waiting.pop()
        if node_id in looked_at:
            continue
        looked_at.add(node_id)
        here = diagram.model.nodes[node_id]
        if here.multi_instance is not None:
            return True
        waiting.extend(diagram.hosts.get(here.scope_id, ()))
    return False
