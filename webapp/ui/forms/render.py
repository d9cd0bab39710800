"""From a schema and the values so far to fields.

Schemas are ours (see the form files of the processes): titles and hints in two languages, `x-order`, and formats such
as `fen`, `uscc`, `past-date`, `agency:<group>`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from webapp.translation import _
from webapp.ui.forms.fields import Field, Option, Row
from webapp.ui.language import pick
from workflows.cases.places import FORMAT
from workflows.money import format_yuan

LONG_TEXT = 200
"""Texts that may be longer than this get a box of several lines."""

Options = Callable[[str], Sequence[Option]]
"""Group code → its members as options, for fields of the format `agency:<group>`; see also `places`."""


def fields(
    schema: Mapping[str, Any],
    values: Mapping[str, Any],
    *,
    options: Options,
    errors: Mapping[str, str] | None = None,
    spare_rows: int = 0,
) -> tuple[Field, ...]:
    """Return the fields of `schema` in their order.

    Args:
        values: the data so far; amounts are integers of 分, or the text as typed where it could not be read.
        options: members of the groups that fields choose from.
        errors: path → sentence.
        spare_rows: empty rows to offer in a list that has fewer.
    """
    needed = {name: tuple(d for d, names in _required_for(schema).items() if name in names) for name in _names(schema)}
    return tuple(
        _field(
            name,
            schema["properties"][name],
            values.get(name),
            required=name in schema.get("required", ()),
            decisions=needed[name],
            options=options,
            errors=errors or {},
            spare_rows=spare_rows,
        )
        for name in _names(schema)
    )


def label_of(schema: Mapping[str, Any], path: str) -> str:
    """Return the label of the field at `path`, numbered where it repeats: `发行人1：企业名称`; empty when unknown."""
    labels: list[str] = []
    here: Mapping[str, Any] = schema
    for part in path.split(".") if path else ():
        if part.isdigit():
            label = _row_title(here, labels[-1] if labels else "")
            here = here.get("items", {})
            labels[-1:] = [_("%(label)s%(number)s", label=label, number=int(part) + 1)] if labels else []
            continue
        here = here.get("properties", {}).get(part, {})
        labels.append(_title(here, part))
    return " · ".join(label for label in labels if label)


def anchor(path: str) -> str:
    """Return the id of the element of the field at `path`."""
    return "f-" + path.replace(".", "-")


def _required_for(schema: Mapping[str, Any]) -> Mapping[str, Sequence[str]]:
    found: Mapping[str, Sequence[str]] = schema.get("x-required-for", {})
    return found


def _names(schema: Mapping[str, Any]) -> Sequence[str]:
    order: Sequence[str] = schema.get("x-order") or tuple(schema.get("properties", {}))
    return order


def _title(part: Mapping[str, Any], name: str) -> str:
    return pick(str(part.get("title", name)), part.get("x-title-en"))


def _row_title(part: Mapping[str, Any], name: str) -> str:
    """One row's name: English tells one issuer from several, Chinese need not."""
    items = part.get("items", {})
    return _title(items, name) if "title" in items else _title(part, name)


def _hint(part: Mapping[str, Any]) -> str | None:
    return pick(part["description"], part.get("x-description-en")) if "description" in part else None


def _field(
    path: str,
    part: Mapping[str, Any],
    value: Any,
    *,
    required: bool,
    decisions: tuple[str, ...],
    options: Options,
    errors: Mapping[str, str],
    spare_rows: int,
) -> Field:
    kind = _kind(part)
    rows = _rows(path, part, value, options=options, errors=errors, spare_rows=spare_rows) if kind == "list" else ()
    return Field(
        path=path,
        kind=kind,
        label=_title(part, path),
        hint=_hint(part),
        required=required,
        value=_shown(value, kind),
        options=_options(part, options),
        max_length=part.get("maxLength"),
        input_mode=_input_mode(part),
        error=errors.get(path),
        decisions=decisions,
        rows=rows,
        row_label=_row_title(part, path),
        addable=kind == "list" and len(rows) < part.get("maxItems", 50),
    )


def _kind(part: Mapping[str, Any]) -> str:
    type_, format_ = part.get("type"), part.get("format", "")
    if type_ == "array":
        return "list"
    if type_ == "boolean":
        return "flag"
    if "enum" in part or format_ == FORMAT or format_.startswith("agency:"):
        return "choice"
    by_format = {"fen": "money", "past-date": "date", "date": "date"}
    if format_ in by_format:
        return by_format[format_]
    return "long" if part.get("maxLength", 0) > LONG_TEXT else "text"


def _input_mode(part: Mapping[str, Any]) -> str | None:
    return {"fen": "decimal", "phone": "tel", "account": "numeric"}.get(part.get("format", ""))


def _options(part: Mapping[str, Any], options: Options) -> tuple[Option, ...]:
    if "enum" in part:
        labels = part.get("x-enum-labels", {})
        return tuple(
            Option(str(value), pick(labels.get(value, {}).get("zh", str(value)), labels.get(value, {}).get("en")))
            for value in part["enum"]
        )
    format_ = part.get("format", "")
    if format_ == FORMAT:
        return tuple(options(FORMAT))
    return tuple(options(format_.partition(":")[2])) if format_.startswith("agency:") else ()


def _shown(value: Any, kind: str) -> str:
    if value is None or kind == "list":
        return ""
    if kind == "flag":
        return "yes" if value is True else ""
    if kind == "money" and isinstance(value, int) and not isinstance(value, bool):
        return format_yuan(value)
    return str(value)


def _rows(
    path: str,
    part: Mapping[str, Any],
    value: Any,
    *,
    options: Options,
    errors: Mapping[str, str],
    spare_rows: int,
) -> tuple[Row, ...]:
    given: list[Any] = list(value) if isinstance(value, list) else []
    wanted = max(part.get("minItems", 0), min(spare_rows, part.get("maxItems", 50)))
    given += [{}] * (wanted - len(given))
    return tuple(
        Row(
            index + 1, f"{path}.{index}", _group(f"{path}.{index}", part["items"], row, options, errors), len(given) > 1
        )
        for index, row in enumerate(given)
    )


def _group(
    path: str, schema: Mapping[str, Any], row: Any, options: Options, errors: Mapping[str, str]
) -> tuple[Field, ...]:
    values = row if isinstance(row, Mapping) else {}
    return tuple(
        _field(
            f"{path}.{name}",
            schema["properties"][name],
            values.get(name),
            required=name in schema.get("required", ()),
            decisions=(),
            options=options,
            errors=errors,
            spare_rows=0,
        )
        for name in _names(schema)
    )
