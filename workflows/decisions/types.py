"""Type names after `instance of` and behind parameters, as checks on values (DMN 1.5, 10.3.2.9)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from workflows.decisions.errors import ExpressionError
from workflows.decisions.names import join
from workflows.decisions.values import Function, Range, Value, kind

if TYPE_CHECKING:
    from workflows.decisions.cursor import Cursor

Check = Callable[[Value], bool]
_SIMPLE = (
    "years and months duration", "days and time duration",
    "date and time", "number", "string", "boolean", "date", "time",
    "list", "context", "range", "function", "Any", "Null",
)  # fmt: skip
_ALIASES: Mapping[str, str] = {
    "year month duration": "years and months duration",
    "day time duration": "days and time duration",
}


def named(name: str) -> Check:
    """The check for a type without parameters."""
    if name == "Any":
        return lambda value: value is not None
    if name == "Null":
        return lambda value: value is None
    return lambda value: kind(value) == name


def parse_type(parser: Cursor) -> Check:
    """Read one type at the parser's place.

    Raises:
        ExpressionError: there is no such type.
    """
    parser.depth += 1
    if parser.depth > 60:
        raise parser.unexpected()
    start = parser.token
    name = _name(parser)
    parser.depth -= 1
    if name == "list" and parser.take("<"):
        return _list(parser)
    if name == "range" and parser.take("<"):
        return _range(parser)
    if name == "context" and parser.take("<"):
        return _context(parser)
    if name == "function" and parser.take("<"):
        return _function(parser)
    if name not in _SIMPLE:
        raise ExpressionError(start.position, f"没有名为“{name}”的类型。", f"There is no type “{name}”.")
    return named(name)


def _name(parser: Cursor) -> str:
    for name in (*_SIMPLE, *_ALIASES):
        parts = name.split()
        if [parser.ahead(i).text for i in range(len(parts))] == parts and parser.token.kind == "name":
            parser.index += len(parts)
            return _ALIASES.get(name, name)
    start = parser.index
    if parser.token.kind != "name":
        raise parser.unexpected()
    parser.advance()
    return join(parser.tokens[start : parser.index])


def _list(parser: Cursor) -> Check:
    inner = parse_type(parser)
    parser.expect(">")
    return lambda value: isinstance(value, list) and all(item is None or inner(item) for item in value)


def _range(parser: Cursor) -> Check:
    inner = parse_type(parser)
    parser.expect(">")
    return lambda value: isinstance(value, Range) and all(end is None or inner(end) for end in (value.start, value.end))


def _context(parser: Cursor) -> Check:
    members: dict[str, Check] = {}
    while not parser.at(">"):
        key = parser.key()
        parser.expect(":")
        members[key] = parse_type(parser)
        if not parser.take(","):
            break
    parser.expect(">")
    return lambda value: (
        isinstance(value, dict)
        and all(name in value and (value[name] is None or check(value[name])) for name, check in members.items())
    )


def _function(parser: Cursor) -> Check:
    count = 0
    while not parser.at(">"):
        parse_type(parser)
        count += 1
        if not parser.take(","):
            break
    parser.expect(">")
    if parser.take("->"):
        parse_type(parser)
    return lambda value: isinstance(value, Function) and any(len(signature) == count for signature in value.signatures)
