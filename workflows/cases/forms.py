"""Checking what was filled in against the form's JSON Schema, field by field.

Beyond the standard, our forms know these formats and keywords: `uscc`, `fen`, `past-date`, `phone`, `account`,
`document-number`, `agency:<group>`, `application-field` (see `places`); `x-unique` (members of a list that may not
repeat), `x-equals` (must equal a sibling), `x-required-for` and `x-forbidden-for` (fields that go with a decision).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from math import isfinite
from typing import Any

from jsonschema import Draft202012Validator

from workflows.cases.places import FORMAT
from workflows.errors import FieldError, InvalidInputError
from workflows.money import MAX_FEN
from workflows.uscc import require_uscc

MAX_TEXT = 10_000
MAX_DEPTH = 12

_PHONE = re.compile(r"\+?[0-9][0-9 \-]{5,18}[0-9]")
_ACCOUNT = re.compile(r"[0-9A-Za-z][0-9A-Za-z \-]{6,30}[0-9A-Za-z]")
_DOCUMENT_NUMBER = re.compile(r"[^\s〔〕\[\]()（）]{1,30}〔(19|20)[0-9]{2}〕[1-9][0-9]{0,5}号")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")

_SIMPLE = {
    "required": "required",
    "additionalProperties": "unknown-field",
    "type": "wrong-type",
    "maxLength": "too-long",
    "minLength": "too-short",
    "minItems": "too-few",
    "maxItems": "too-many",
    "enum": "not-in-list",
    "pattern": "pattern",
    "minimum": "fen-range",
    "maximum": "fen-range",
    "const": "not-in-list",
}


@dataclass(frozen=True)
class FormContext:
    """What a form is checked against besides its schema.

    Args:
        today: the date at the office.
        groups: group code → codes of its members today, for `agency:<group>`.
        decision: the decision the data goes with, or None.
        places: fields of the application as it stands, for `application-field`.
    """

    today: date
    groups: Callable[[str], Collection[str]]
    decision: str | None = None
    places: Callable[[], Collection[str]] = tuple


def validate_form(schema: Mapping[str, Any], data: Mapping[str, Any], context: FormContext) -> dict[str, Any]:
    """Return `data` as a plain dict once nothing is wrong with it; texts are stripped of outer blanks.

    Raises:
        InvalidInputError: with every field that is wrong, in the order of the form.
    """
    errors = unsafe_values(data)
    if errors:
        raise InvalidInputError(errors)
    cleaned: dict[str, Any] = _strip(data)
    errors = [error for found in _validator(schema).iter_errors(cleaned) for error in _field_errors(found)]
    wrong = {error.field for error in errors}
    errors += [error for error in _special(schema, cleaned, "", context) if error.field not in wrong]
    errors += [error for error in _decision_errors(schema, cleaned, context) if error.field not in wrong]
    if errors:
        raise InvalidInputError(_in_order(errors))
    return cleaned


def _in_order(errors: list[FieldError]) -> list[FieldError]:
    seen: dict[str, FieldError] = {}
    for error in errors:
        seen.setdefault(error.field, error)
    return list(seen.values())


def _validator(schema: Mapping[str, Any]) -> Draft202012Validator:
    return Draft202012Validator(schema)


def unsafe_values(data: Mapping[str, Any], path: str = "") -> list[FieldError]:
    """Tell what no database can hold, before anything else looks at it.

    Args:
        data: JSON values.
        path: of `data` itself, named in the errors.
    """
    return list(_unsafe(data, path, 0))


def _unsafe(value: object, path: str, depth: int) -> Iterator[FieldError]:
    if depth > MAX_DEPTH:
        yield FieldError(path, "too-deep")
    elif isinstance(value, str):
        if _CONTROL.search(value):
            yield FieldError(path, "characters")
        elif len(value) > MAX_TEXT:
            yield FieldError(path, "too-long", {"maximum": MAX_TEXT})
    elif isinstance(value, int) and abs(value) > MAX_FEN * 1000:
        yield FieldError(path, "fen-range", {"minimum": 0, "maximum": MAX_FEN})
    elif isinstance(value, float) and not isfinite(value):
        yield FieldError(path, "wrong-type")
    elif isinstance(value, Mapping):
        for key, part in value.items():
            if _CONTROL.search(key):
                yield FieldError(_CONTROL.sub("?", _join(path, key)), "unknown-field")
            yield from _unsafe(part, _join(path, key), depth + 1)
    elif isinstance(value, list | tuple):
        for index, part in enumerate(value):
            yield from _unsafe(part, _join(path, index), depth + 1)


def _strip(value: Any) -> Any:
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, Mapping):
        return {str(key): _strip(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_strip(part) for part in value]
    return value


def _join(path: str, part: object) -> str:
    return f"{path}.{part}" if path else str(part)


def _field_errors(found: Any) -> Iterator[FieldError]:
    path = ".".join(str(part) for part in found.absolute_path)
    keyword = str(found.validator)
    if keyword == "required":
        missing = [name for name in found.validator_value if name not in found.instance]
        named = [name for name in missing if f"'{name}'" in found.message]
        for name in named or missing:
            yield FieldError(_join(path, name), "required")
    elif keyword == "additionalProperties":
        for name in sorted(set(found.instance) - set(found.schema.get("properties", {}))):
            yield FieldError(_join(path, name), "unknown-field")
    elif keyword in {"if", "then", "else", "allOf", "anyOf", "oneOf"}:
        for inner in found.context or ():
            yield from _field_errors(inner)
    elif keyword == "const" and found.validator_value is True:
        yield FieldError(path, "must-accept")
    elif keyword == "minLength" and found.instance == "":
        yield FieldError(path, "required")
    elif keyword == "type" and found.schema.get("format") == "fen":
        yield FieldError(path, "whole-fen")
    else:
        yield FieldError(path, _SIMPLE.get(keyword, "not-allowed"), _params(found))


def _params(found: Any) -> dict[str, object]:
    keyword, value = str(found.validator), found.validator_value
    if keyword in {"maxLength", "maxItems"}:
        return {"maximum": value}
    if keyword in {"minLength", "minItems"}:
        return {"minimum": value}
    if keyword in {"minimum", "maximum"}:
        return {"minimum": found.schema.get("minimum", 0), "maximum": found.schema.get("maximum", MAX_FEN)}
    return {}


def _special(schema: Mapping[str, Any], value: Any, path: str, context: FormContext) -> Iterator[FieldError]:
    if isinstance(value, str) and "format" in schema:
        yield from _format_errors(schema["format"], value, path, context)
    elif isinstance(value, bool):
        return
    elif isinstance(value, float) and schema.get("format") == "fen":
        yield FieldError(path, "whole-fen")
    elif isinstance(value, Mapping):
        for name, part_schema in schema.get("properties", {}).items():
            if name not in value:
                continue
            yield from _special(part_schema, value[name], _join(path, name), context)
            twin = part_schema.get("x-equals")
            if twin and value.get(twin) != value[name]:
                yield FieldError(_join(path, name), "must-equal", {"other": twin})
    elif isinstance(value, list):
        for index, part in enumerate(value):
            yield from _special(schema.get("items", {}), part, _join(path, index), context)
        yield from _repeats(schema, value, path)


def _repeats(schema: Mapping[str, Any], rows: list[Any], path: str) -> Iterator[FieldError]:
    for name in schema.get("x-unique", ()):
        seen: set[object] = set()
        for index, row in enumerate(rows):
            key = row.get(name) if isinstance(row, Mapping) else None
            if isinstance(key, str) and key in seen:
                yield FieldError(_join(_join(path, index), name), "duplicate")
            elif isinstance(key, str):
                seen.add(key)


def _format_errors(format_: str, value: str, path: str, context: FormContext) -> Iterator[FieldError]:
    if value == "":
        return
    if format_ == "uscc":
        try:
            require_uscc(value, field=path)
        except InvalidInputError as error:
            yield from error.errors
    elif format_ == "past-date":
        yield from _date_errors(value, path, context.today)
    elif format_.startswith("agency:"):
        if value not in context.groups(format_.partition(":")[2]):
            yield FieldError(path, "not-in-list")
    elif format_ == FORMAT:
        if value not in context.places():
            yield FieldError(path, "not-in-list")
    else:
        pattern = {"phone": _PHONE, "account": _ACCOUNT, "document-number": _DOCUMENT_NUMBER}.get(format_)
        if pattern is not None and not pattern.fullmatch(value):
            yield FieldError(path, format_)


def _date_errors(value: str, path: str, today: date) -> Iterator[FieldError]:
    try:
        on = date.fromisoformat(value) if _DATE.fullmatch(value) else None  # it would take week dates, too
    except ValueError:
        on = None
    if on is None or on.year < 1990:
        yield FieldError(path, "date")
    elif on > today:
        yield FieldError(path, "future-date")


def _decision_errors(schema: Mapping[str, Any], data: Mapping[str, Any], context: FormContext) -> Iterator[FieldError]:
    decision = context.decision
    if decision is None:
        return
    for name in schema.get("x-required-for", {}).get(decision, ()):
        if data.get(name) in (None, "", []):
            yield FieldError(name, "required")
    for name in schema.get("x-forbidden-for", {}).get(decision, ()):
        if name in data:
            yield FieldError(name, "not-allowed")
