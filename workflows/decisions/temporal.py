"""Dates, times and durations: read from text, written, and reckoned with (DMN 1.5, 10.3.2.3, 10.3.4)."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from workflows.decisions.values import NUMBERS, Months, Value

_DATE = re.compile(r"(-?(?:[0-9]{4}|[1-9][0-9]{4,8}))-([0-9]{2})-([0-9]{2})")
_TIME = re.compile(
    r"([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]+))?"
    r"(Z|[+-][0-9]{2}:[0-9]{2}(?::[0-9]{2})?|@[A-Za-z0-9_+/-]+)?"
)
_MONTHS = re.compile(r"(-)?P(?=[0-9])(?:([0-9]+)Y)?(?:([0-9]+)M)?")
_DAYS = re.compile(
    r"(-)?P(?=[0-9T])(?:([0-9]+)D)?"
    r"(?:T(?=[0-9.])(?:([0-9]+)H)?(?:([0-9]+)M)?(?:([0-9]*(?:\.[0-9]*)?)S)?)?"
)
_MICROSECONDS = Decimal(1_000_000)


def parse_date(text: str) -> date | None:
    """`2019-02-28`; None if it is no day between the years 1 and 9999."""
    match = _DATE.fullmatch(text)
    if not match:
        return None
    try:
        return date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        return None


def parse_time(text: str) -> time | None:
    """`08:30:00`, `08:30:00.5Z`, `08:30:00+08:00`, `08:30:00@Asia/Shanghai`; None if it is no time of day."""
    match = _TIME.fullmatch(text)
    if not match:
        return None
    try:
        zone = _zone(match[5])
        fraction = int((match[4] or "0")[:6].ljust(6, "0"))
        return time(int(match[1]), int(match[2]), int(match[3]), fraction, tzinfo=zone)
    except (ValueError, KeyError, OSError):  # ZoneInfo raises each of them for names it does not know
        return None


def _zone(text: str | None) -> tzinfo | None:
    if text is None:
        return None
    if text == "Z":
        return UTC
    if text.startswith("@"):
        return ZoneInfo(text[1:])
    hours, minutes, *seconds = (int(part) for part in text[1:].split(":"))
    if hours > 18 or minutes > 59:
        raise ValueError(text)
    offset = timedelta(hours=hours, minutes=minutes, seconds=seconds[0] if seconds else 0)
    offset = -offset if text[0] == "-" else offset
    return timezone(offset) if offset else UTC


def parse_datetime(text: str) -> datetime | None:
    """A date, `T` and a time; a date alone means its midnight."""
    day, separator, clock = text.partition("T")
    if not separator:
        whole = parse_date(day)
        return None if whole is None else datetime(whole.year, whole.month, whole.day)  # noqa: DTZ001
    parsed, hour = parse_date(day), parse_time(clock)
    return None if parsed is None or hour is None else datetime.combine(parsed, hour)


def parse_duration(text: str) -> Months | timedelta | None:
    """`P1Y2M` or `P3DT4H`; None if it is neither."""
    if match := _MONTHS.fullmatch(text):
        count = int(match[2] or 0) * 12 + int(match[3] or 0)
        return Months(-count if match[1] else count) if count < 10**11 else None
    match = _DAYS.fullmatch(text)
    if not match or match[5] == ".":
        return None
    try:
        micro = int(Decimal(match[5] or 0) * _MICROSECONDS)
        length = timedelta(
            days=int(match[2] or 0), hours=int(match[3] or 0), minutes=int(match[4] or 0), microseconds=micro
        )
        return -length if match[1] else length
    except OverflowError:
        return None


def parse_temporal(text: str) -> Value:
    """What `@"…"` means: a date, a date and time, a time or a duration; None if none of them."""
    for parse in (parse_date, parse_time, parse_duration):
        if (value := parse(text)) is not None:
            return value
    return parse_datetime(text)


def write(value: Value) -> str:
    """The canonical text of a date, time, date and time or duration."""
    if isinstance(value, Months):
        return _write_months(value)
    if isinstance(value, timedelta):
        return _write_days(value)
    if isinstance(value, datetime):
        return f"{value.date().isoformat()}T{_write_time(value.timetz())}"
    if isinstance(value, time):
        return _write_time(value)
    return str(value.isoformat())


def _write_time(value: time) -> str:
    text = value.replace(tzinfo=None).isoformat()
    if value.microsecond:
        text = text.rstrip("0")
    zone = value.tzinfo
    if zone is None:
        return text
    if isinstance(zone, ZoneInfo):
        return f"{text}@{zone.key}"
    offset = zone.utcoffset(None) or timedelta()
    if not offset:
        return f"{text}Z"
    return text + time(0, tzinfo=zone).isoformat()[8:]


def _write_months(value: Months) -> str:
    years, months = divmod(abs(value.count), 12)
    text = (f"{years}Y" if years else "") + (f"{months}M" if months else "")
    return ("-" if value.count < 0 else "") + "P" + (text or "0M")


def _write_days(value: timedelta) -> str:
    length = abs(value)
    hours, rest = divmod(length.seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    fraction = f".{length.microseconds:06d}".rstrip("0") if length.microseconds else ""
    clock = (f"{hours}H" if hours else "") + (f"{minutes}M" if minutes else "")
    clock += f"{seconds}{fraction}S" if seconds or fraction else ""
    text = (f"{length.days}D" if length.days else "") + (f"T{clock}" if clock else "")
    return ("-" if value < timedelta() else "") + "P" + (text or "T0S")


def shift_months(value: date, count: int) -> date | None:
    """`value` moved by whole months, to the last day where a month is too short. None beyond the calendar."""
    index = value.year * 12 + value.month - 1 + count
    year, month = divmod(index, 12)
    if not 1 <= year <= 9999:
        return None
    return value.replace(year=year, month=month + 1, day=min(value.day, monthrange(year, month + 1)[1]))


def add(left: Value, right: Value) -> Value:
    """The sum where a date, time or duration is on either side; None where it has no meaning."""
    if isinstance(left, Months | timedelta) and not isinstance(right, Months | timedelta):
        left, right = right, left
    try:
        if isinstance(right, Months):
            return _add_months(left, right.count)
        if isinstance(right, timedelta):
            return _add_days(left, right)
    except OverflowError:
        return None
    return None


def _add_months(left: Value, count: int) -> Value:
    if isinstance(left, Months):
        return Months(left.count + count)
    return shift_months(left, count) if isinstance(left, date) else None


def _add_days(left: Value, length: timedelta) -> Value:
    if isinstance(left, datetime):
        if isinstance(left.tzinfo, ZoneInfo):
            return (left.astimezone(UTC) + length).astimezone(left.tzinfo)
        return left + length
    if isinstance(left, date):
        return (datetime(left.year, left.month, left.day, tzinfo=UTC) + length).date()
    if isinstance(left, time):
        moved = datetime.combine(date(2000, 1, 1), left.replace(tzinfo=None)) + timedelta(
            seconds=length.total_seconds() % 86400
        )
        return moved.time().replace(tzinfo=left.tzinfo)
    return left + length if isinstance(left, timedelta) else None


def subtract(left: Value, right: Value) -> Value:
    """The difference where a date, time or duration is on the left; None where it has no meaning."""
    if isinstance(right, Months):
        return add(left, Months(-right.count))
    if isinstance(right, timedelta):
        try:
            return add(left, -right)
        except OverflowError:  # the longest duration has no opposite
            return None
    if isinstance(left, time) and isinstance(right, time):
        return _clock(left) - _clock(right) if (left.utcoffset() is None) == (right.utcoffset() is None) else None
    if isinstance(left, date) and isinstance(right, date):
        start, end = midnight(right), midnight(left)
        return end - start if (start.tzinfo is None) == (end.tzinfo is None) else None
    return None


def _clock(value: time) -> timedelta:
    day = timedelta(hours=value.hour, minutes=value.minute, seconds=value.second, microseconds=value.microsecond)
    return day - (value.utcoffset() or timedelta())


def midnight(value: date) -> datetime:
    """A date as the date and time it stands for in reckoning: midnight UTC (DMN 1.5, 10.3.2.3.4)."""
    return value if isinstance(value, datetime) else datetime(value.year, value.month, value.day, tzinfo=UTC)


def micros(value: timedelta) -> int:
    """A days and time duration in microseconds."""
    return (value.days * 86400 + value.seconds) * 1_000_000 + value.microseconds


def scale(length: Months | timedelta, factor: Decimal, *, divide: bool) -> Value:
    """A duration times or divided by a number; whole months or microseconds, cut towards zero."""
    count = Decimal(length.count if isinstance(length, Months) else micros(length))
    scaled = NUMBERS.divide(count, factor) if divide else NUMBERS.multiply(count, factor)
    if scaled.adjusted() > 20:
        return None
    try:
        return Months(int(scaled)) if isinstance(length, Months) else timedelta(microseconds=int(scaled))
    except OverflowError:
        return None


def _offset(value: time | datetime) -> timedelta | None:
    return value.utcoffset()


def _zone_name(value: time | datetime) -> str | None:
    return value.tzinfo.key if isinstance(value.tzinfo, ZoneInfo) else None


def _second(value: time | datetime) -> Decimal:
    return (
        Decimal(value.second) + Decimal(value.microsecond) / _MICROSECONDS
        if value.microsecond
        else Decimal(value.second)
    )


def _toward_zero(value: int, unit: int) -> int:
    return value // unit if value >= 0 else -(-value // unit)


def _part(unit: int, modulo: int | None) -> Callable[[timedelta], Decimal]:
    def part(value: timedelta) -> Decimal:
        total = micros(value)
        count = _toward_zero(abs(total), unit)
        count = count if modulo is None else count % modulo
        return Decimal(-count if total < 0 else count)

    return part


def _seconds(value: timedelta) -> Decimal:
    total = micros(value)
    part = Decimal(abs(total) % 60_000_000) / _MICROSECONDS
    return -part if total < 0 else part


_DAY: dict[str, Callable[[Any], Value]] = {
    "year": lambda v: Decimal(v.year),
    "month": lambda v: Decimal(v.month),
    "day": lambda v: Decimal(v.day),
    "weekday": lambda v: Decimal(v.isoweekday()),
}
_CLOCK: dict[str, Callable[[Any], Value]] = {
    "hour": lambda v: Decimal(v.hour),
    "minute": lambda v: Decimal(v.minute),
    "second": _second,
    "time offset": _offset,
    "timezone": _zone_name,
}
PROPERTIES: Mapping[str, Mapping[str, Callable[[Any], Value]]] = {
    "date": _DAY,
    "time": _CLOCK,
    "date and time": {**_DAY, **_CLOCK},
    "years and months duration": {
        "years": lambda v: Decimal(_toward_zero(v.count, 12)),
        "months": lambda v: Decimal(v.count - 12 * _toward_zero(v.count, 12)),
    },
    "days and time duration": {
        "days": _part(86_400_000_000, None),
        "hours": _part(3_600_000_000, 24),
        "minutes": _part(60_000_000, 60),
        "seconds": _seconds,
    },
}
"""What may stand after the dot, by FEEL type (DMN 1.5, table 65)."""
