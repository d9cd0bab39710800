"""The ways through a diagram: what is never reached, what never ends, what is too long for the engine."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from workflows.engine.findings import Finding, error
from workflows.engine.lint.diagram import Diagram, about_node
from workflows.engine.lint.words import element_title, sentence
from workflows.engine.model import SUBPROCESSES, Node

MAX_CHAIN = 350
"""Nodes one after another; the library's parser recurses from each to the next."""
_WAITING = frozenset(
    ["userTask", "manualTask", "receiveTask", "serviceTask", "intermediateCatchEvent", "eventBasedGateway"]
)

Ahead = Mapping[str, tuple[str, ...]]


def check_ways(diagram: Diagram) -> Iterator[Finding]:
    """Starts and ends, reachability, endless loops, length."""
    waiting = _waiting_nodes(diagram)
    for scope_id, nodes in diagram.scopes.items():
        starts = [node for node in nodes if node.kind == "startEvent"]
        if not starts:
            yield _no_start(diagram, scope_id)
            continue
        yield from _reached(diagram, nodes, starts)
        yield from _ended(diagram, nodes)
        yield from _endless(diagram, nodes, waiting)
    yield from _length(diagram)


def _no_start(diagram: Diagram, scope_id: str) -> Finding:
    node = diagram.model.nodes.get(scope_id)
    message, message_en = "{it}里没有开始事件，请补上。", "{it} has no start event; add one."
    if node is not None:
        return about_node("error", "no-start", node, message, message_en)
    title, title_en = element_title(diagram.processes[scope_id])
    return error("no-start", scope_id, message.replace("{it}", title), sentence(message_en.replace("{it}", title_en)))


def _reach(entries: Iterable[str], ahead: Mapping[str, Iterable[str]]) -> set[str]:
    seen: set[str] = set()
    waiting = list(entries)
    while waiting:
        node_id = waiting.pop()
        if node_id not in seen:
            seen.add(node_id)
            waiting.extend(ahead.get(node_id, ()))
    return seen


def _reached(diagram: Diagram, nodes: list[Node], starts: list[Node]) -> Iterator[Finding]:
    entries = [node.id for node in starts] + [node.id for node in nodes if node.triggered_by_event]
    reached = _reach(entries, diagram.successors)
    for node in nodes:
        if node.id not in reached:
            yield about_node(
                "error",
                "unreachable",
                node,
                "从开始事件走不到{it}，请补上连线或删去。",
                "no way leads from the start to {it}; connect it or delete it.",
            )


def _ended(diagram: Diagram, nodes: list[Node]) -> Iterator[Finding]:
    behind: dict[str, list[str]] = {}
    for node in nodes:
        for target in diagram.successors[node.id]:
            behind.setdefault(target, []).append(node.id)
    ending = [node.id for node in nodes if node.kind == "endEvent" or not diagram.successors[node.id]]
    able = _reach(ending, behind)
    for node in nodes:
        if node.id not in able:
            yield about_node(
                "error",
                "no-way-out",
                node,
                "从{it}出发永远走不到结束事件，请画出离开循环的连线。",
                "no way leads from {it} to an end; draw the flow that leaves the loop.",
            )
            return


def _waiting_nodes(diagram: Diagram) -> set[str]:
    """Nodes where a case rests, so that a loop through them is no endless one."""
    resting = {node.id for node in diagram.model.nodes.values() if node.kind in _WAITING}
    scopes = {diagram.model.nodes[node_id].scope_id for node_id in resting}
    while scopes:
        hosts = {host for scope in scopes for host in diagram.hosts.get(scope, ())} - resting
        resting |= hosts
        scopes = {diagram.model.nodes[host].scope_id for host in hosts}
    return resting


def _endless(diagram: Diagram, nodes: list[Node], waiting: set[str]) -> Iterator[Finding]:
    rushing = {node.id for node in nodes} - waiting
    ahead = {node_id: [t for t in diagram.successors[node_id] if t in rushing] for node_id in sorted(rushing)}
    behind: dict[str, list[str]] = {node_id: [] for node_id in ahead}
    for source, targets in ahead.items():
        for target in targets:
            behind[target].append(source)
    # What is left after dropping all that no circle leads to, then all that leads to no circle, goes round in circles.
    left = _peel(_peel(set(ahead), ahead), behind)
    for node in nodes:
        if node.id in left:
            yield about_node(
                "error",
                "endless-loop",
                node,
                "{it}在一个没有人工环节的循环里，办件会不停空转；请在循环中加入用户任务。",
                "{it} lies in a loop without any step of a person, which would spin for ever; put a user task into it.",
            )
            return


def _peel(members: set[str], ahead: Mapping[str, list[str]]) -> set[str]:
    """`members` without those that no circle passes: repeatedly drop what nothing leads to."""
    counts = dict.fromkeys(members, 0)
    for source in members:
        for target in ahead.get(source, ()):
            if target in counts:
                counts[target] += 1
    free = [node_id for node_id, count in counts.items() if count == 0]
    while free:
        source = free.pop()
        del counts[source]
        for target in ahead.get(source, ()):
            if target in counts:
                counts[target] -= 1
                if counts[target] == 0:
                    free.append(target)
    return set(counts)


def _length(diagram: Diagram) -> Iterator[Finding]:
    """How deep the library's parser will recurse: from each node into the next one not yet seen."""
    depths: dict[str, int] = {}
    for scope in (diagram.model.process_id, *diagram.model.called):
        starts = [node.id for node in diagram.scopes[scope] if node.kind == "startEvent"]
        stack = [(node_id, 1) for node_id in reversed(starts)]
        while stack:
            node_id, depth = stack.pop()
            if node_id in depths:
                continue
            depths[node_id] = depth
            if depth > MAX_CHAIN:
                yield _too_long(diagram.model.nodes[node_id])
                return
            following = list(diagram.successors[node_id])
            if diagram.model.nodes[node_id].kind in SUBPROCESSES:
                following += [node.id for node in diagram.scopes[node_id] if node.kind == "startEvent"]
            stack.extend((target, depth + 1) for target in reversed(following))


def _too_long(node: Node) -> Finding:
    return about_node(
        "error",
        "chain-too-long",
        node,
        f"到{{it}}为止已有 {MAX_CHAIN} 个以上环节首尾相接，请拆成几个流程，用调用活动连起来。",
        f"more than {MAX_CHAIN} steps follow one another up to {{it}}; split them into processes and call those.",
    )
