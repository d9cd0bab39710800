"""Routing variables as JSON, without loss: decimals, dates, instants, UUIDs and bytes keep their type."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

MARK = "\u0001"
"""Begins the one key of a tagged value; a user key that begins with it gets one more, so no key is special."""

_PLAIN = frozenset({str, bool, float, type(None)})
_INT64 = 2**63

_TO_TEXT: dict[type, tuple[str, Callable[[Any], str]]] = {
    Decimal: ("d", str),
    datetime: ("t", datetime.isoformat),
    date: ("D", date.isoformat),
    time: ("h", time.isoformat),
    timedelta: ("p", lambda v: f"{v.days} {v.seconds} {v.microseconds}"),
    UUID: ("u", str),
    bytes: ("b", lambda v: base64.b64encode(v).decode()),
}


def _timedelta(text: str) -> timedelta:
    days, seconds, microseconds = map(int, text.split())
    return timedelta(days, seconds, microseconds)


_FROM_TEXT: dict[str, Callable[[str], Any]] = {
    "d": Decimal,
    "t": datetime.fromisoformat,
    "D": date.fromisoformat,
    "h": time.fromisoformat,
    "p": _timedelta,
    "u": UUID,
    "b": base64.b64decode,
    "i": int,
    "f": float,
}


def pack(value: Any) -> Any:
    """Return `value` as plain JSON types.

    Raises:
        TypeError: a type that has no codec, or a key that is not a string.
    """
    kind = type(value)
    if kind is int:
        return value if -_INT64 <= value < _INT64 else {MARK + "i": str(value)}
    if kind in _PLAIN:
        # NaN and the infinities are no JSON numbers
        return {MARK + "f": repr(value)} if kind is float and value - value != 0 else value
    if kind is list or kind is tuple:
        return [pack(item) for item in value]
    if kind in _TO_TEXT:
        tag, to_text = _TO_TEXT[kind]
        return {MARK + tag: to_text(value)}
    if isinstance(value, Mapping):
        return {_pack_key(key): pack(item) for key, item in value.items()}
    raise TypeError(f"a routing variable cannot hold a {kind.__name__}")


def _pack_key(key: Any) -> str:
    if type(key) is not str:
        raise TypeError("a key of a routing variable must be a string")
    return MARK + key if key.startswith(MARK) else key


def unpack(value: Any) -> Any:
    """The inverse of `pack`; tuples come back as lists."""
    kind = type(value)
    if kind is list:
        return [unpack(item) for item in value]
    if kind is not dict:
        return value
    if len(value) == 1:
        (key,) = value
        # a tag is one letter after the mark; a user's own key has a second mark there
        if key.startswith(MARK) and not key.startswith(MARK, 1):
            return _FROM_TEXT[key[1:]](value[key])
    return {key[1:] if key.startswith(MARK) else key: unpack(item) for key, item in value.items()}
