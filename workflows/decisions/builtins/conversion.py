"""Conversion and boolean built-ins (DMN 1.5, tables 71 and 72)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any

from workflows.decisions import temporal
from workflows.decisions.arithmetic import number as safe_number
from workflows.decisions.budget import MAX_TEXT, Run
from workflows.decisions.builtins.registry import builtin
from workflows.decisions.errors import EvaluationLimitError
from workflows.decisions.tokens import continues_name, starts_name
from workflows.decisions.values import NUMBERS, Function, Months, Range, Value, compare, integer, kind

_NUMBER = re.compile(r"-?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")


@builtin("not", "negand:any")
def negate(run: Run, value: Value) -> Value:
    return (not value) if isinstance(value, bool) else None


@builtin("number", "from:string", "grouping separator:any?", "decimal separator:any?")
def number(run: Run, text: str, grouping: Value = None, point: Value = None) -> Value:
    if (
        grouping not in (None, " ", ",", ".")
        or point not in (None, ",", ".")
        or (grouping == point and point is not None)
    ):
        return None
    plain = text.replace(grouping, "") if grouping else text
    plain = plain.replace(point, ".") if point else plain
    return safe_number(lambda: NUMBERS.create_decimal(plain)) if _NUMBER.fullmatch(plain) else None


@builtin("string", "from:any")
def string(run: Run, value: Value) -> Value:
    return None if value is None else write(value, run)


def write(value: Value, run: Run) -> str:
    """The canonical text of any value; texts inside lists and contexts keep their quotes."""
    if isinstance(value, str):
        return value
    pieces: list[str] = []
    size = 0
    for piece in _pieces(value, run):
        size += len(piece)
        if size > MAX_TEXT:
            raise EvaluationLimitError("size")
        pieces.append(piece)
    return "".join(pieces)


def _pieces(value: Value, run: Run) -> Iterator[str]:
    run.spend()
    if isinstance(value, str):
        yield '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    elif isinstance(value, list):
        yield "["
        for index, item in enumerate(value):
            yield ", " if index else ""
            yield from _pieces(item, run)
        yield "]"
    elif isinstance(value, dict):
        yield "{"
        for index, (key, item) in enumerate(value.items()):
            yield (", " if index else "") + _key(key) + ": "
            yield from _pieces(item, run)
        yield "}"
    elif isinstance(value, Range):
        yield from _range_pieces(value, run)
    else:
        yield _plain(value)


def _range_pieces(value: Range, run: Run) -> Iterator[str]:
    yield "[" if value.start_included else "("
    yield from _pieces(value.start, run)
    yield ".."
    yield from _pieces(value.end, run)
    yield "]" if value.end_included else ")"


def _key(key: str) -> str:
    plain = bool(key) and starts_name(key[0]) and all(continues_name(c) or c == " " for c in key)
    return key if plain else '"' + key.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _plain(value: Value) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return write_number(value)
    return f"function {value.name}" if isinstance(value, Function) else temporal.write(value)


def write_number(value: Decimal) -> str:
    """A number without exponent and without idle zeros after the point."""
    text = format(value, "f")
    return (text.rstrip("0").rstrip(".") if "." in text else text) if value else "0"


@builtin("date", "from:any")
def date_from(run: Run, value: Value) -> Value:
    if isinstance(value, str):
        return temporal.parse_date(value)
    if isinstance(value, datetime):
        return value.date()
    return value if isinstance(value, date) else None


@builtin("date", "year:number", "month:number", "day:number")
def date_of(run: Run, year: Decimal, month: Decimal, day: Decimal) -> Value:
    parts = [integer(part) for part in (year, month, day)]
    if None in parts:
        return None
    try:
        return date(*[part for part in parts if part is not None])
    except (ValueError, OverflowError):
        return None


@builtin("time", "from:any")
def time_from(run: Run, value: Value) -> Value:
    if isinstance(value, str):
        return temporal.parse_time(value)
    if isinstance(value, datetime):
        return value.timetz()
    if isinstance(value, date):
        return temporal.midnight(value).timetz()
    return value if isinstance(value, time) else None


@builtin("time", "hour:number", "minute:number", "second:number", "offset:any?")
def time_of(run: Run, hour: Decimal, minute: Decimal, second: Decimal, offset: Value = None) -> Value:
    parts = [integer(part) for part in (hour, minute, second.to_integral_value("ROUND_FLOOR"))]
    if None in parts or not (offset is None or isinstance(offset, timedelta)):
        return None
    micro = int((second % 1) * 1_000_000)
    try:
        zone = None if offset is None else timezone(offset)
        return time(parts[0] or 0, parts[1] or 0, parts[2] or 0, micro, tzinfo=zone)
    except (ValueError, OverflowError):
        return None


@builtin("date and time", "from:any")
def moment_from(run: Run, value: Value) -> Value:
    if isinstance(value, str):
        return temporal.parse_datetime(value)
    if isinstance(value, datetime):
        return value
    return temporal.midnight(value) if isinstance(value, date) else None


@builtin("date and time", "date:date", "time:time")
def moment_of(run: Run, day: date, clock: time) -> Value:
    return datetime.combine(day if not isinstance(day, datetime) else day.date(), clock)


@builtin("duration", "from:any")
def duration(run: Run, value: Value) -> Value:
    if isinstance(value, str):
        return temporal.parse_duration(value)
    return value if isinstance(value, Months | timedelta) else None


@builtin("years and months duration", "from:date", "to:date")
def months_between(run: Run, start: date, end: date) -> Value:
    first, last = _naive(start), _naive(end)
    months = (last.year - first.year) * 12 + last.month - first.month
    tail, head = (last.day, last.time()), (first.day, first.time())
    if months > 0 and tail < head:
        months -= 1
    elif months < 0 and tail > head:
        months += 1
    return Months(months)


def _naive(value: date) -> datetime:
    return temporal.midnight(value).replace(tzinfo=None)


@builtin("range", "from:string")
def range_from(run: Run, text: str) -> Value:
    """A range written with literal ends, such as `[1..5)` or `[@"2019-01-01"..]`."""
    match = re.fullmatch(r"([\[(\]])([^.]*(?:\.[^.]+)*)\.\.([^.]*(?:\.[^.]+)*)([\])\[])", text[:200])
    if not match:
        return None
    start, end = _literal(match[2]), _literal(match[3])
    if (match[2] and start is None) or (match[3] and end is None) or not (match[2] or match[3]):
        return None
    opened, closed = match[1] == "[", match[4] == "]"
    if (not match[2] and opened) or (not match[3] and closed):
        return None
    if match[2] and match[3] and compare(start, end, "le") is not True:
        return None
    return Range(start, end, opened, closed)


def _literal(text: str) -> Any:
    text = text.strip()
    if _NUMBER.fullmatch(text):
        return safe_number(lambda: NUMBERS.create_decimal(text))
    if match := re.fullmatch(r'(?:@|(date and time|date|time|duration)\()?"([^"\\]*)"\)?', text):
        if text.startswith('"'):
            return match[2]
        value = temporal.parse_temporal(match[2])
        wanted = match[1]
        return value if wanted in (None, kind(value)) or wanted == "duration" else None
    return None
