"""Pages of lists that are short enough to be read whole."""

from __future__ import annotations

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from typing import TypeVar

from webapp.api.v1.content.base import PageQuery
from workflows.errors import FieldError, InvalidInputError

T = TypeVar("T")


def page_of(items: Sequence[T], key: Callable[[T], str], query: PageQuery) -> tuple[list[T], str | None]:
    """Return the part of `items` that `query` asks for, and the cursor of the next part.

    Args:
        items: the whole list, in order.
        key: tells the items apart; a cursor holds the last one shown.
        query: cursor and limit.

    Raises:
        InvalidInputError: the cursor is none of this list's.
    """
    keys = [key(item) for item in items]
    start = 0 if query.cursor is None else _position(keys, query.cursor)
    shown = list(items[start : start + query.limit])
    more = start + query.limit < len(items)
    return shown, urlsafe_b64encode(keys[start + query.limit - 1].encode()).decode() if more else None


def key_of(cursor: str | None) -> int | None:
    """Return the key a cursor stands for.

    Raises:
        InvalidInputError: it is none.
    """
    if cursor is None:
        return None
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) <= 18):
        raise InvalidInputError([FieldError("cursor", "cursor")])
    return int(cursor)


def _position(keys: list[str], cursor: str) -> int:
    try:
        return keys.index(urlsafe_b64decode(cursor.encode("ascii")).decode()) + 1
    except (ValueError, binascii.Error):
        raise InvalidInputError([FieldError("cursor", "cursor")]) from None
