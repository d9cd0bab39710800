"""Opinions and signatures as lines: who, what, for which figure, and why one counts no more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from webapp import wording
from webapp.translation import _
from webapp.ui.forms import Options, answers
from workflows.cases.opinions.steps import OBJECT
from workflows.cases.opinions.views import OpinionRow

_LIGHTS = {"void": "minus", "silent": "red", "waiting": "blue"}
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


def opinion_line(row: OpinionRow, schema: Mapping[str, Any], options: Options) -> OpinionLine:
    """Return one opinion as it is shown.

    Args:
        schema: the application's, which names the figures.
        options: members of agency groups.
    """
    void = wording.void_reason(row.void_reason or "") if row.state == "void" else ""
    return OpinionLine(row, _light_of(row), _figures_of(row, schema, options), void)


def in_order(lines: Sequence[OpinionLine]) -> tuple[OpinionLine, ...]:
    """Objections and silences first, agreements after them, what is void last."""
    return tuple(sorted(lines, key=lambda each: _ORDER.index(each.light)))


def figure_change(schema: Mapping[str, Any], name: str, before: Any, after: Any, *, options: Options) -> str:
    """Return a corrected figure in words: its label, what it was and what it is."""
    texts = [answers(_only(schema, [name]), {name: value}, options=options)[0] for value in (before, after)]
    return _("%(label)s：%(before)s → %(after)s", label=texts[0].label, before=texts[0].text, after=texts[1].text)


def _light_of(row: OpinionRow) -> str:
    if row.state != "given":
        return _LIGHTS[row.state]
    return "amber" if row.task.decision is not None and row.task.decision.code == OBJECT else "green"


def _figures_of(row: OpinionRow, schema: Mapping[str, Any], options: Options) -> tuple[str, ...]:
    shown = answers(_only(schema, list(row.figures)), row.figures, options=options)
    return tuple(_("%(label)s：%(text)s", label=each.label, text=each.text) for each in shown)


def _only(schema: Mapping[str, Any], names: Sequence[str]) -> Mapping[str, Any]:
    known = {name: part for name, part in schema.get("properties", {}).items() if name in names}
    return {**schema, "properties": known, "x-order": list(known)}
