"""The places of an application: its fields by their paths, for an officer to point at what is to be mended."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

FORMAT = "application-field"
"""Format of a text in a form that names a place, such as `contact_phone` or `issuers.0.account_no`."""


def places(schema: Mapping[str, Any], data: Mapping[str, Any] | None = None) -> tuple[str, ...]:
    """Return the paths of the fields of an application, in the order of its form; a list comes before its rows.

    Args:
        schema: JSON Schema of the application.
        data: as it stands; without it, as many rows as a list may have.
    """
    return tuple(_places(schema, data))


def _places(schema: Mapping[str, Any], data: Mapping[str, Any] | None) -> Iterator[str]:
    properties: Mapping[str, Any] = schema.get("properties", {})
    for name in schema.get("x-order") or properties:
        part = properties[name]
        yield name
        if part.get("type") == "array":
            rows = data.get(name) if data is not None else None
            number = part.get("maxItems", 50) if data is None else len(rows) if isinstance(rows, list) else 0
            for index in range(number):
                yield from (f"{name}.{index}.{inner}" for inner in _places(part.get("items", {}), None))
