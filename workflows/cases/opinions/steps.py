"""Which steps of a diagram ask several agencies, and what for."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from workflows.cases.models import TaskRole
from workflows.engine.model import Node, ProcessModel

OBJECT = "object"
"""不同意: of a supporting agency it must be answered."""
CONDITIONS = "agree_with_conditions"
"""有条件同意: may be answered."""


def is_signing(node: Node) -> bool:
    """Tell whether a step is signed by every lead of the line."""
    return node.multi_instance is not None and node.multi_instance.input_name == "leads"


def gives_opinion(node: Node) -> bool:
    """Tell whether supporting agencies say at a step what the lead must answer, or may."""
    said = {decision.id for decision in node.decisions}
    return node.attributes.get("role") == TaskRole.SUPPORT and not said.isdisjoint((OBJECT, CONDITIONS))


def asks(node: Node) -> bool:
    """Tell whether a step asks agencies for an opinion, or joint leads for their signature."""
    return is_signing(node) or gives_opinion(node)


def figures_of(node: Node) -> Sequence[str]:
    """Return the fields of the application that a step is about: those it signs for, or may correct."""
    return node.attributes.get("figures", "").split()


def signing_nodes(model: ProcessModel, figures: Collection[str] | None = None) -> Sequence[Node]:
    """Return the steps joint leads sign; with `figures`, only those signed for one of them."""
    return [
        node
        for node in model.nodes.values()
        if is_signing(node) and (figures is None or not set(figures_of(node)).isdisjoint(figures))
    ]
