"""意见: what supporting agencies said and what the lead answered; what joint leads signed, and for which figures."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from webapp.ui.cases.opened import OpenedCase
from webapp.ui.opinions import OpinionLine, in_order, opinion_line
from workflows.cases.opinions.reading import list_opinions
from workflows.cases.opinions.steps import asks
from workflows.cases.opinions.views import OpinionRow
from workflows.cases.views import Named


@dataclass(frozen=True)
class OpinionStep:
    """A step at which several say something."""

    name: Named
    signing: bool
    lines: tuple[OpinionLine, ...]


@dataclass(frozen=True)
class Opinions:
    """What the tab shows: the latest step first."""

    steps: tuple[OpinionStep, ...]


def build(session: Session, case: OpenedCase) -> Opinions:
    """Gather what the tab shows."""
    steps: dict[str, list[OpinionRow]] = {}
    for row in list_opinions(session, case.no, actor=case.actor, clock=case.clock):
        steps.setdefault(row.task.node_id, []).append(row)
    schema = case.detail.application_schema
    return Opinions(
        tuple(
            OpinionStep(
                rows[0].task.name,
                rows[0].signing,
                in_order([opinion_line(row, schema, case.options) for row in rows]),
            )
            for rows in reversed(steps.values())
        )
    )


def reached(case: OpenedCase) -> bool:
    """Tell whether the case has come to a step that asks for opinions or signatures."""
    nodes = case.process.model.nodes
    return any(node.state != "future" and asks(nodes[node.node_id]) for node in case.detail.nodes)
