"""Numeric built-ins (DMN 1.5, table 75)."""

from __future__ import annotations

import decimal
from datetime import timedelta
from decimal import Decimal

from workflows.decisions.arithmetic import number
from workflows.decisions.budget import Run
from workflows.decisions.builtins.registry import builtin
from workflows.decisions.values import NUMBERS, Months, Value, integer

_SCALE_LIMIT = 6111


def rounded(value: Decimal, scale: Decimal, mode: str) -> Decimal | None:
    """`value` at `scale` digits after the point (negative: before it)."""
    places = integer(scale.to_integral_value("ROUND_DOWN"))
    if places is None or not -_SCALE_LIMIT <= places <= _SCALE_LIMIT + 65:
        return None
    if -places < value.as_tuple().exponent and value.adjusted() + places < 34:  # type: ignore[operator]
        return value if not value else number(lambda: NUMBERS.quantize(value, Decimal(1).scaleb(-places)))
    if value.adjusted() + places > 34:
        return value
    context = NUMBERS.copy()
    context.rounding = mode
    return number(lambda: value.quantize(Decimal(1).scaleb(-places), context=context))


@builtin("decimal", "n:number", "scale:number")
def decimal_(run: Run, value: Decimal, scale: Decimal) -> Value:
    return rounded(value, scale, decimal.ROUND_HALF_EVEN)


@builtin("floor", "n:number", "scale:number?")
def floor(run: Run, value: Decimal, scale: Decimal = Decimal(0)) -> Value:
    return rounded(value, scale, decimal.ROUND_FLOOR)


@builtin("ceiling", "n:number", "scale:number?")
def ceiling(run: Run, value: Decimal, scale: Decimal = Decimal(0)) -> Value:
    return rounded(value, scale, decimal.ROUND_CEILING)


@builtin("round up", "n:number", "scale:number")
def round_up(run: Run, value: Decimal, scale: Decimal) -> Value:
    return rounded(value, scale, decimal.ROUND_UP)


@builtin("round down", "n:number", "scale:number")
def round_down(run: Run, value: Decimal, scale: Decimal) -> Value:
    return rounded(value, scale, decimal.ROUND_DOWN)


@builtin("round half up", "n:number", "scale:number")
def round_half_up(run: Run, value: Decimal, scale: Decimal) -> Value:
    return rounded(value, scale, decimal.ROUND_HALF_UP)


@builtin("round half down", "n:number", "scale:number")
def round_half_down(run: Run, value: Decimal, scale: Decimal) -> Value:
    return rounded(value, scale, decimal.ROUND_HALF_DOWN)


@builtin("abs", "n:any")
def absolute(run: Run, value: Value) -> Value:
    if isinstance(value, Decimal):
        return NUMBERS.abs(value)
    if isinstance(value, Months):
        return Months(abs(value.count))
    return abs(value) if isinstance(value, timedelta) else None


@builtin("modulo", "dividend:number", "divisor:number")
def modulo(run: Run, dividend: Decimal, divisor: Decimal) -> Value:
    if not divisor:
        return None

    def compute() -> Decimal:
        whole = NUMBERS.divide(dividend, divisor).to_integral_value(decimal.ROUND_FLOOR)
        return NUMBERS.subtract(dividend, NUMBERS.multiply(divisor, whole))

    return number(compute)


@builtin("sqrt", "number:number")
def sqrt(run: Run, value: Decimal) -> Value:
    return number(lambda: NUMBERS.sqrt(value))


@builtin("log", "number:number")
def log(run: Run, value: Decimal) -> Value:
    return number(lambda: NUMBERS.ln(value)) if value > 0 else None


@builtin("exp", "number:number")
def exp(run: Run, value: Decimal) -> Value:
    return number(lambda: NUMBERS.exp(value))


@builtin("odd", "number:number")
def odd(run: Run, value: Decimal) -> Value:
    return _remainder(value, 1)


@builtin("even", "number:number")
def even(run: Run, value: Decimal) -> Value:
    return _remainder(value, 0)


def _remainder(value: Decimal, wanted: int) -> bool | None:
    whole = integer(value)
    return None if whole is None else whole % 2 == wanted
