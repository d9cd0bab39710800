"""`+ - * / **` over FEEL values; whatever has no meaning is null (DMN 1.5, tables 54 to 56)."""

from __future__ import annotations

import decimal
from collections.abc import Callable, Mapping
from datetime import timedelta
from decimal import Decimal

from workflows.decisions import temporal
from workflows.decisions.budget import Run
from workflows.decisions.values import NUMBERS, Months, Value

Operator = Callable[[Value, Value, Run], Value]


def number(operation: Callable[[], Decimal]) -> Decimal | None:
    """The result of a decimal operation; None where it is undefined or too large."""
    try:
        result = operation()
    except (decimal.DecimalException, OverflowError):
        return None
    return result if result.is_finite() else None


def add(left: Value, right: Value, run: Run) -> Value:
    """Numbers, texts, durations, and a date or time with a duration."""
    if type(left) is Decimal and type(right) is Decimal:
        return number(lambda: NUMBERS.add(left, right))
    if isinstance(left, str) and isinstance(right, str):
        return run.text(left + right)
    return temporal.add(left, right)


def subtract(left: Value, right: Value, run: Run) -> Value:
    """Numbers, durations, dates and times."""
    if type(left) is Decimal and type(right) is Decimal:
        return number(lambda: NUMBERS.subtract(left, right))
    return temporal.subtract(left, right)


def multiply(left: Value, right: Value, run: Run) -> Value:
    """Numbers, and a duration with a number."""
    if isinstance(left, Months | timedelta):
        left, right = right, left
    if type(left) is not Decimal:
        return None
    if type(right) is Decimal:
        return number(lambda: NUMBERS.multiply(left, right))
    return temporal.scale(right, left, divide=False) if isinstance(right, Months | timedelta) else None


def divide(left: Value, right: Value, run: Run) -> Value:
    """Numbers, a duration by a number, a duration by one of its kind."""
    if type(right) is Decimal:
        if not right:
            return None
        if type(left) is Decimal:
            return number(lambda: NUMBERS.divide(left, right))
        return temporal.scale(left, right, divide=True) if isinstance(left, Months | timedelta) else None
    if isinstance(left, Months) and isinstance(right, Months):
        return number(lambda: NUMBERS.divide(Decimal(left.count), Decimal(right.count)))
    if isinstance(left, timedelta) and isinstance(right, timedelta):
        return number(lambda: NUMBERS.divide(Decimal(temporal.micros(left)), Decimal(temporal.micros(right))))
    return None


def power(left: Value, right: Value, run: Run) -> Value:
    """A number to a power."""
    if type(left) is not Decimal or type(right) is not Decimal:
        return None
    return number(lambda: NUMBERS.power(left, right))


def negate(value: Value) -> Value:
    """Arithmetic negation of a number or a duration."""
    if type(value) is Decimal:
        return NUMBERS.minus(value)
    if isinstance(value, Months):
        return Months(-value.count)
    return temporal.subtract(timedelta(), value) if isinstance(value, timedelta) else None


OPERATORS: Mapping[str, Operator] = {"+": add, "-": subtract, "*": multiply, "/": divide, "**": power}
