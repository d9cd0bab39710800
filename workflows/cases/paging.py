"""Keyset cursors: opaque to clients, checked on the way back in."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import orjson

from workflows.errors import FieldError, InvalidInputError

MAX_LIMIT = 200
"""Rows on a page, at most."""


def check_limit(limit: int) -> None:
    """Refuse a page of no rows or of too many.

    Raises:
        InvalidInputError: out of range.
    """
    if not 1 <= limit <= MAX_LIMIT:
        raise InvalidInputError([FieldError("limit", "range", {"minimum": 1, "maximum": MAX_LIMIT})])


def write_cursor(kind: str, *values: object) -> str:
    """Pack the sort key of a page's last row; `kind` keeps cursors of one list out of another."""
    return base64.urlsafe_b64encode(orjson.dumps([kind, *values])).decode().rstrip("=")


def read_cursor(cursor: str | None, kind: str, *readers: Callable[[Any], Any]) -> tuple[Any, ...] | None:
    """Unpack a cursor, or None where there is none.

    Raises:
        InvalidInputError: not one that this list gave out.
    """
    if not cursor:
        return None
    try:
        values = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if not isinstance(values, list) or values[0] != kind or len(values) != len(readers) + 1:
            raise ValueError(kind)
        return tuple(read(value) for read, value in zip(readers, values[1:], strict=True))
    except (ValueError, TypeError, IndexError, binascii.Error, UnicodeError):
        raise InvalidInputError([FieldError("cursor", "cursor")]) from None


def instant(value: Any) -> datetime:
    """Read an instant out of a cursor.

    Raises:
        ValueError: not an aware instant.
    """
    if not isinstance(value, str):
        raise ValueError(value)
    at = datetime.fromisoformat(value)
    if at.tzinfo is None:
        raise ValueError(value)
    try:
        return at.astimezone(UTC)
    except OverflowError:  # the first or last day there is, with an offset beyond it
        raise ValueError(value) from None


def whole(value: Any) -> int:
    """Read a row key out of a cursor.

    Raises:
        ValueError: not a key.
    """
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**63:
        raise ValueError(value)
    return value
