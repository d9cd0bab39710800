"""What can follow what in a case's diagram."""

from __future__ import annotations

from workflows.cases.aggregate import Family


def after(family: Family, node_id: str) -> set[str]:
    """Return the nodes that can follow `node_id`, itself included, inside sub-processes and called processes too."""
    model = family.process.model
    found: set[str] = set()
    waiting = [node_id]
    while waiting:
        current = waiting.pop()
        if current in found:
            continue
        found.add(current)
        node = model.nodes[current]
        waiting += [model.flows[flow].target for flow in node.outgoing]
        inner = {current, node.called_element}
        waiting += [other.id for other in model.nodes.values() if other.scope_id in inner]
    return found


def follows(family: Family, node_id: str, earlier: str) -> bool:
    """Tell whether a case can come from the step `earlier` to another step, be it outside the part `earlier` is in."""
    at: str | None = earlier
    while at is not None:
        if node_id != at and node_id in after(family, at):
            return True
        at = _around(family, at)
    return False


def _around(family: Family, node_id: str) -> str | None:
    """Return the sub-process or call activity a step runs in, if it runs in one."""
    nodes = family.process.model.nodes
    scope = nodes[node_id].scope_id
    if scope in nodes:
        return scope
    return next((node.id for node in nodes.values() if node.called_element == scope), None)
