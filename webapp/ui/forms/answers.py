"""A filled-in form as labels and texts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from webapp.translation import _
from webapp.ui.formats import day
from webapp.ui.forms.fields import Answer, Field, Row
from webapp.ui.forms.render import Options, fields
from workflows.money import format_yuan


def answers(schema: Mapping[str, Any], data: Mapping[str, Any], *, options: Options) -> tuple[Answer, ...]:
    """Return what was answered, in the order of the form; fields left empty are left out.

    A field the schema does not know is shown under its own name: nothing that was filed may vanish from the page.
    """
    known = _answers(fields(schema, data, options=options), data, keep_empty=False)
    rest = [Answer(str(name), str(value)) for name, value in data.items() if name not in schema.get("properties", {})]
    return (*known, *rest)


def _answers(parts: Sequence[Field], data: Mapping[str, Any], *, keep_empty: bool) -> tuple[Answer, ...]:
    found = []
    for part in parts:
        value = data.get(part.path.rpartition(".")[2])
        if value in (None, "", []):
            if keep_empty:  # the columns of a table must stay in line
                found.append(Answer(part.label, "—", emphasis=part.kind == "money"))
        elif part.kind == "list":
            found.append(
                Answer(
                    part.label,
                    "",
                    tuple(_row(row, value) for row in part.rows if row.number <= len(value)),
                    row_label=part.row_label,
                )
            )
        else:
            found.append(Answer(part.label, _text(part, value), emphasis=part.kind == "money"))
    return tuple(found)


def _row(row: Row, values: Sequence[Any]) -> tuple[Answer, ...]:
    value = values[row.number - 1]
    return _answers(row.fields, value if isinstance(value, Mapping) else {}, keep_empty=True)


def _text(part: Field, value: Any) -> str:
    if part.kind == "money" and isinstance(value, int):
        return format_yuan(value)
    if part.kind == "flag":
        return _("是") if value is True else _("否")
    if part.kind == "choice":
        return next((option.label for option in part.options if option.value == value), str(value))
    if part.kind == "date":
        return _date(str(value))
    return str(value)


def _date(text: str) -> str:
    try:
        return day(date.fromisoformat(text))
    except ValueError:
        return text
