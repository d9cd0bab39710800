"""Built-ins about dates and times (DMN 1.5, tables 76 and 79).

`today` and `now` read the instant given to the evaluation, never a clock.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from workflows.decisions.budget import Run
from workflows.decisions.builtins.registry import builtin
from workflows.decisions.values import Value, equals, kind

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip


@builtin("day of year", "date:date")
def day_of_year(run: Run, day: date) -> Value:
    return Decimal(day.timetuple().tm_yday)


@builtin("day of week", "date:date")
def day_of_week(run: Run, day: date) -> Value:
    return _DAYS[day.weekday()]


@builtin("month of year", "date:date")
def month_of_year(run: Run, day: date) -> Value:
    return _MONTHS[day.month - 1]


@builtin("week of year", "date:date")
def week_of_year(run: Run, day: date) -> Value:
    return Decimal(day.isocalendar().week)


@builtin("today")
def today(run: Run) -> Value:
    return None if run.now is None else run.now.date()


@builtin("now")
def now(run: Run) -> Value:
    return run.now


@builtin("is", "value1:any", "value2:any")
def is_(run: Run, left: Value, right: Value) -> Value:
    """The same value of the same type: times must also agree in their offsets."""
    if kind(left) != kind(right):
        return False
    if kind(left) in ("time", "date and time"):
        return left == right and _zone(left) == _zone(right)
    return equals(left, right, run) is True


def _zone(value: datetime) -> object:
    return str(value.tzinfo) if value.utcoffset() is None else value.utcoffset()
