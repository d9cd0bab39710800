"""FEEL values as Python values, and what equal and smaller mean between them (DMN 1.5, clause 10.3.2).

number `Decimal` (34 digits), string `str`, boolean `bool`, null `None`, list `list`, context `dict`, date `date`,
time `time`, date and time `datetime`, days and time duration `timedelta`, years and months duration `Months`,
range `Range`, function `Function`.
"""

from __future__ import annotations

import decimal
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from workflows.decisions.budget import Run

Value = Any

NUMBERS = decimal.Context(
    prec=34,
    rounding=decimal.ROUND_HALF_EVEN,
    Emin=-6143,
    Emax=6144,
    traps=[decimal.InvalidOperation, decimal.DivisionByZero, decimal.Overflow],
)
"""decimal128 arithmetic. Used through its methods, never as the thread's current context."""


@dataclass(frozen=True, order=True)
class Months:
    """A years and months duration.

    Args:
        count: whole months, negative for backwards.
    """

    count: int


@dataclass(frozen=True)
class Range:
    """An interval; an end of None is open without bound (`< 10` is a range without start)."""

    start: Value
    end: Value
    start_included: bool
    end_included: bool

    def contains(self, value: Value) -> bool | None:
        """Whether `value` lies in the range; None where the kinds do not compare."""
        above: bool | None = True
        below: bool | None = True
        if self.start is not None:
            above = compare(value, self.start, "ge" if self.start_included else "gt")
        if self.end is not None:
            below = compare(value, self.end, "le" if self.end_included else "lt")
        if above is False or below is False:
            return False
        return True if above and below else None


@dataclass(frozen=True, eq=False)
class Function:
    """Something a FEEL expression can call.

    Args:
        name: for messages.
        signatures: parameter names, one tuple for each way to call it; a last name with `*` takes all the rest.
        call: takes the run and the arguments in the order of a signature, absent optional ones left out.
    """

    name: str
    signatures: tuple[tuple[str, ...], ...]
    call: Callable[[Run, list[Value]], Value]


_KINDS: Mapping[type, str] = {
    bool: "boolean",
    Decimal: "number",
    str: "string",
    list: "list",
    dict: "context",
    datetime: "date and time",
    date: "date",
    time: "time",
    timedelta: "days and time duration",
    Months: "years and months duration",
    Range: "range",
    Function: "function",
    type(None): "null",
}
_ORDERED = frozenset(
    {"number", "string", "date", "time", "date and time", "days and time duration", "years and months duration"}
)
_COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "lt": lambda a, b: bool(a < b),
    "le": lambda a, b: bool(a <= b),
    "gt": lambda a, b: bool(a > b),
    "ge": lambda a, b: bool(a >= b),
}


def kind(value: Value) -> str:
    """The FEEL type name of a value."""
    return _KINDS.get(type(value), "unknown")


def lift(value: object) -> Value:
    """A Python or JSON value as a FEEL value; numbers become Decimal, tuples lists, callables functions.

    A float goes through its shortest decimal text, so 0.1 is 0.1.
    """
    known = type(value)
    if known is str or known is bool or value is None:
        return value
    if known is Decimal:
        return value if value.is_finite() else None  # type: ignore[attr-defined]
    if isinstance(value, int):
        return Decimal(value)
    if isinstance(value, float):
        number = Decimal(repr(value))
        return number if number.is_finite() else None
    if isinstance(value, list | tuple | set | frozenset):
        return [lift(item) for item in value]
    if isinstance(value, Mapping):
        return {str(key): lift(item) for key, item in value.items()}
    return _lift_other(value)


def _lift_other(value: object) -> Value:
    if known := _KINDS.get(type(value)):
        return value if known else None
    if isinstance(value, str):
        return str(value)
    if isinstance(value, datetime):
        return datetime.combine(value.date(), value.timetz())
    if isinstance(value, date):
        return date(value.year, value.month, value.day)
    if callable(value):
        host = value
        return Function("host", (("*arguments",),), lambda run, arguments: lift(host(*arguments)))
    return None


def equals(left: Value, right: Value, run: Run) -> bool | None:
    """FEEL `=`: null equals only null; values of different kinds are neither equal nor unequal (None)."""
    if left is None or right is None:
        return left is right
    shape = kind(left)
    if shape != kind(right):
        return None
    if shape == "list":
        run.spend(len(left))
        return len(left) == len(right) and all(equals(a, b, run) for a, b in zip(left, right, strict=True))
    if shape == "context":
        run.spend(len(left))
        return left.keys() == right.keys() and all(equals(item, right[key], run) for key, item in left.items())
    return bool(left == right)


def compare(left: Value, right: Value, operator: str) -> bool | None:
    """`lt`, `le`, `gt` or `ge`; None where the two are not of one ordered kind."""
    shape = kind(left)
    if shape not in _ORDERED or shape != kind(right):
        return None
    try:
        return _COMPARISONS[operator](left, right)
    except TypeError:  # a time with an offset against one without
        return None


def same(left: Value, right: Value, run: Run) -> bool:
    """Equality as lists use it (`list contains`, `distinct values`): never undecided."""
    return equals(left, right, run) is True


def integer(value: Decimal) -> int | None:
    """The whole number, or None for a fraction or a size no index can have."""
    if value.adjusted() > 18 or value != value.to_integral_value():
        return None
    return int(value)
