"""意见: what supporting agencies said and what the lead answered; what joint leads signed, and for which figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from webapp.translation import _
from webapp.ui.cases.opened import OpenedCase
from webapp.ui.forms import Options, answers
from workflows.cases.opinions.reading import asks, list_opinions
from workflows.cases.opinions.views import OpinionRow
from workflows.cases.views import Named

LIGHTS = {"void": "minus", "silent": "red", "waiting": "blue"}
_GIVEN = {"object": "amber"}
_ORDER = ("amber", "red", "blue", "green", "minus")


@dataclass(frozen=True)
class OpinionLine:
    """One opinion or signature.

    Args:
        figures: what it was signed for, such as 净损失：650,000.00元.
        void: why it counts no more; empty where it counts.
    """

    row: OpinionRow
    light: str
    figures: tuple[str, ...]
    void: str


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
            OpinionStep(rows[0].task.name, rows[0].signing, in_order([line(row, schema, case.options) for row in rows]))
            for rows in reversed(steps.values())
        )
    )


def reached(case: OpenedCase) -> bool:
    """Tell whether the case has come to a step that asks for opinions or signatures."""
    nodes = case.process.model.nodes
    return any(node.state != "future" and asks(nodes[node.node_id]) for node in case.detail.nodes)


def line(row: OpinionRow, schema: Mapping[str, Any], options: Options) -> OpinionLine:
    """Return one opinion as it is shown.

    Args:
        schema: the application's, which names the figures.
        options: members of agency groups.
    """
    return OpinionLine(row, light_of(row), figures_of(row, schema, options), void_of(row))


def in_order(lines: list[OpinionLine]) -> tuple[OpinionLine, ...]:
    """Objections and silences first, agreements after them, what is void last."""
    return tuple(sorted(lines, key=lambda each: _ORDER.index(each.light)))


def light_of(row: OpinionRow) -> str:
    """Return the colour an opinion is shown in."""
    if row.state != "given":
        return LIGHTS[row.state]
    return _GIVEN.get(row.task.decision.code if row.task.decision else "", "green")


def figures_of(row: OpinionRow, schema: Mapping[str, Any], options: Options) -> tuple[str, ...]:
    """Return the figures a signature was given for, each with its label."""
    known = {name: part for name, part in schema.get("properties", {}).items() if name in row.figures}
    shown = answers({**schema, "properties": known, "x-order": list(known)}, row.figures, options=options)
    return tuple(_("%(label)s：%(text)s", label=each.label, text=each.text) for each in shown)


def void_of(row: OpinionRow) -> str:
    """Return why an opinion counts no more."""
    if row.state != "void":
        return ""
    reasons = {
        "figures-changed": lambda: _("金额已更正，签署作废"),
        "signing-repeated": lambda: _("协调后重新会签，签署作废"),
        "asked-again": lambda: _("已请该单位重新提出意见，原意见作废"),
    }
    return reasons.get(row.void_reason or "", lambda: _("已退回，作废"))()
