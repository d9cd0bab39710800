"""补正 for the applicant: each thing asked for with the way to its place, and the officer's words at that place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy.orm import Session

from webapp.ui.cases.checklist import Materials
from webapp.ui.cases.materials import key_of
from webapp.ui.forms import Field, anchor, label_of
from webapp.ui.language import pick
from webapp.ui.tasks.models import SupplyLine, SupplyList
from workflows.cases.materials.reading import list_materials
from workflows.cases.materials.supplying import Supply, list_supplies
from workflows.cases.paper_views import MaterialList
from workflows.cases.places import places
from workflows.cases.views import TaskDetail
from workflows.permissions import Actor


def supply_list(session: Session, detail: TaskDetail, actor: Actor) -> SupplyList | None:
    """Return what the applicant must supply with this task; None where it is not their step or nothing was asked."""
    if detail.row.role != "applicant" or detail.row.completed_at is not None:
        return None
    asked = list_supplies(session, detail.row.case_no, actor=actor)
    if not asked.items and not asked.opinion:
        return None
    given = list_materials(session, detail.row.case_no, actor=actor)
    schema = detail.application_schema if detail.form_schema == detail.application_schema else {}
    known = places(schema, detail.case_data)
    lines = tuple(_line(supply, given, schema, known) for supply in asked.items)
    return SupplyList(lines, asked.opinion)


def with_asked(fields: Sequence[Field], supplies: SupplyList | None) -> tuple[Field, ...]:
    """Return the fields, each with what the officer said of it."""
    asked = _by_anchor(supplies)
    return tuple(_with(field, asked) for field in fields) if asked else tuple(fields)


def papers_with_asked(papers: Materials, supplies: SupplyList | None) -> Materials:
    """Return the checklist, each line with what the officer wrote of it beside the papers sent back."""
    asked = _by_anchor(supplies)
    return replace(papers, lines=tuple(replace(line, asked=asked.get(line.key, ())) for line in papers.lines))


def _by_anchor(supplies: SupplyList | None) -> Mapping[str, tuple[str, ...]]:
    asked: dict[str, tuple[str, ...]] = {}
    for line in supplies.lines if supplies else ():
        if line.anchor is not None and not line.supplied:
            said = [text for text in (line.problem, line.requirement) if text]
            asked[line.anchor] = (*asked.get(line.anchor, ()), *said)
    return asked


def _with(field: Field, asked: Mapping[str, tuple[str, ...]]) -> Field:
    rows = tuple(replace(row, fields=tuple(_with(inner, asked) for inner in row.fields)) for row in field.rows)
    return replace(field, rows=rows, asked=asked.get(field.anchor, ()))


def _line(supply: Supply, given: MaterialList, schema: Mapping[str, Any], known: Sequence[str]) -> SupplyLine:
    line = supply.line
    path = None if line else _field(supply, schema, known)
    place = anchor(path) if path else key_of(given, line.item, line.subject) if line else None
    return SupplyLine(
        what=pick(line.title.zh, line.title.en) if line else label_of(schema, path) if path else supply.material,
        problem=supply.problem,
        requirement=supply.requirement,
        anchor=place,
        path=path,
        supplied=line is not None and line.state not in ("missing", "sent_back"),
    )


def _field(supply: Supply, schema: Mapping[str, Any], known: Sequence[str]) -> str | None:
    """The field the officer chose, or the only one that is called as they wrote."""
    if supply.field is not None:
        return supply.field if supply.field in known else None
    named = [path for path in known if supply.material in _titles(schema, path)]
    return named[0] if len(named) == 1 else None


def _titles(schema: Mapping[str, Any], path: str) -> tuple[object, object]:
    here: Mapping[str, Any] = schema
    for part in path.split("."):
        here = here.get("items", {}) if part.isdigit() else here.get("properties", {}).get(part, {})
    return here.get("title"), here.get("x-title-en")
