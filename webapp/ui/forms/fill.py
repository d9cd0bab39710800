"""From what a browser posted to the data a form asks for; what cannot be read stays as typed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from workflows.errors import FieldError, InvalidInputError
from workflows.money import parse_yuan

MAX_ROWS = 60
"""Rows read from one post; the schema's own maximum is checked after."""


@dataclass(frozen=True)
class Filled:
    """A form as filled in.

    Args:
        data: for the command; amounts in 分.
        errors: what could not be read; the schema finds the rest.
    """

    data: Mapping[str, Any]
    errors: tuple[FieldError, ...]


def read(schema: Mapping[str, Any], posted: Mapping[str, str], *, remove: str | None = None) -> Filled:
    """Return the data of `schema` in `posted`, whose keys are paths; empty fields and empty rows are left out.

    Args:
        remove: path of a row to leave out, such as `issuers.2`.
    """
    errors: list[FieldError] = []
    data = _object(schema, posted, "", remove, errors)
    return Filled(data, tuple(errors))


def _object(
    schema: Mapping[str, Any], posted: Mapping[str, str], prefix: str, remove: str | None, errors: list[FieldError]
) -> dict[str, Any]:
    data: dict[str, Any] = {}
    for name, part in schema.get("properties", {}).items():
        source = f"{prefix}{name}"
        if part.get("type") == "array":
            rows = _list(part, posted, source, remove, errors)
            if rows:
                data[name] = rows
            continue
        value = _value(part, posted.get(source, ""), source, errors)
        if value is not None:
            data[name] = value
    return data


def _list(
    part: Mapping[str, Any], posted: Mapping[str, str], path: str, remove: str | None, errors: list[FieldError]
) -> list[dict[str, Any]]:
    indexes = sorted({index for key in posted if (index := _index(key, path)) is not None})
    rows: list[dict[str, Any]] = []
    for index in indexes[:MAX_ROWS]:
        if remove == f"{path}.{index}":
            continue
        found: list[FieldError] = []
        row = _object(part["items"], posted, f"{path}.{index}.", remove, found)
        if not row:
            continue
        # errors name the row as it will be shown again, after empty rows have gone
        here, there = f"{path}.{index}.", f"{path}.{len(rows)}."
        errors.extend(FieldError(e.field.replace(here, there, 1), e.code, e.params) for e in found)
        rows.append(row)
    return rows


def count_rows(posted: Mapping[str, str], path: str) -> int:
    """Return how many rows of the list at `path` were on the page, empty ones included."""
    return len({index for key in posted if (index := _index(key, path)) is not None})


def _index(key: str, path: str) -> int | None:
    if not key.startswith(f"{path}."):
        return None
    text = key[len(path) + 1 :].partition(".")[0]
    return int(text) if text.isascii() and text.isdigit() and len(text) < 4 else None


def _value(part: Mapping[str, Any], text: str, path: str, errors: list[FieldError]) -> Any:
    if part.get("type") == "boolean":
        return True if text == "yes" else None
    text = text.replace("\r\n", "\n").strip()
    if not text:
        return None
    if part.get("format") == "fen":
        try:
            return parse_yuan(text, field=path)
        except InvalidInputError as error:
            errors.extend(error.errors)
            return text
    if part.get("format") == "uscc":
        return text.upper().replace(" ", "")
    if part.get("type") == "integer":
        return _integer(text, path, errors)
    return text


def _integer(text: str, path: str, errors: list[FieldError]) -> int | str:
    try:
        return int(text) if len(text) < 19 else text
    except ValueError:
        errors.append(FieldError(path, "number"))
        return text
