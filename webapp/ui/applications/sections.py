"""The parts of an application form: its lists, and what stands between them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from webapp.translation import _
from webapp.ui.applications.models import FormSection
from webapp.ui.forms import Field
from webapp.ui.problems import Problem


def sections(fields: Sequence[Field], found: Sequence[Problem]) -> tuple[FormSection, ...]:
    """Return the parts in the order of the form."""
    runs = (tuple(run) for _key, run in groupby(fields, key=_part))
    return tuple(_section(run, found) for run in runs)


def _part(field: Field) -> str:
    return field.path if field.kind == "list" else field.kind if field.kind == "flag" else ""


def _section(run: Sequence[Field], found: Sequence[Problem]) -> FormSection:
    first = run[0]
    paths = {field.path for field in run}
    wrong = sum(1 for problem in found if problem.path.partition(".")[0] in paths)
    label = first.label if first.kind == "list" else _("承诺") if first.kind == "flag" else _("基本情况")
    return FormSection(label, first.anchor, wrong, all(_filled(field) for field in run))


def _filled(field: Field) -> bool:
    if field.kind == "list":
        return bool(field.rows) and all(_filled(inner) for row in field.rows for inner in row.fields)
    return bool(field.value) or not field.required
