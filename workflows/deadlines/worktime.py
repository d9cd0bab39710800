"""Office hours, and the time left or overrun counted in them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import cached_property

from workflows.clock import OFFICE_ZONE
from workflows.deadlines.calendar import WorkingCalendar

HOUR = 3600


@dataclass(frozen=True)
class OfficeHours:
    """The hours worked on a working day, as local (opens, closes) pairs in order."""

    spans: tuple[tuple[time, time], ...]

    @property
    def closes(self) -> time:
        """The end of the working day, when a limit runs out."""
        return self.spans[-1][1]

    @cached_property
    def day_seconds(self) -> int:
        """The length of a working day, in seconds."""
        return sum(_seconds(closes) - _seconds(opens) for opens, closes in self.spans)

    def worked_until(self, at: time) -> int:
        """Return the seconds worked on a working day up to `at`."""
        now = _seconds(at)
        return sum(
            min(max(now - _seconds(opens), 0), _seconds(closes) - _seconds(opens)) for opens, closes in self.spans
        )


OFFICE_HOURS = OfficeHours(((time(8), time(12)), (time(14, 30), time(18))))
"""The city's office hours: 7.5 hours a day."""


@dataclass(frozen=True)
class WorkingTime:
    """A stretch of working time; a day is a whole working day of office hours.

    Args:
        days: whole working days.
        hours: whole working hours beside them.
        minutes: whole minutes beside those.
        overdue: the stretch lies behind the due instant, not before it.
    """

    days: int
    hours: int
    minutes: int
    overdue: bool

    @classmethod
    def of(cls, seconds: int, hours: OfficeHours, *, overdue: bool = False) -> WorkingTime:
        """Return so many working seconds as whole days, hours and minutes."""
        days, rest = divmod(seconds, hours.day_seconds)
        return cls(days, rest // HOUR, rest % HOUR // 60, overdue)


def due_at(due_on: date, hours: OfficeHours = OFFICE_HOURS) -> datetime:
    """Return the instant at which a limit that ends on `due_on` runs out: close of business, as aware UTC."""
    return datetime.combine(due_on, hours.closes, OFFICE_ZONE).astimezone(UTC)


def working_seconds(
    calendar: WorkingCalendar, start: datetime, end: datetime, hours: OfficeHours = OFFICE_HOURS
) -> int:
    """Return the working seconds from `start` to `end`; negative if `end` is earlier."""
    return _worked_before(calendar, end, hours) - _worked_before(calendar, start, hours)


def remaining(
    calendar: WorkingCalendar,
    now: datetime,
    due: datetime,
    hours: OfficeHours = OFFICE_HOURS,
    *,
    limit_days: int | None = None,
) -> WorkingTime:
    """Return the working time left until `due`, or overrun since.

    The day a limit starts is not counted, so until it is over there is more office time left than the limit is long;
    then the limit itself is what is left.

    Args:
        calendar: the calendar to count by.
        now: the present instant, aware.
        due: the due instant, aware.
        hours: the office hours.
        limit_days: the length of the limit in working days, if it is known.
    """
    seconds = working_seconds(calendar, now, due, hours)
    if limit_days is not None:
        seconds = min(seconds, limit_days * hours.day_seconds)
    return WorkingTime.of(abs(seconds), hours, overdue=now >= due)


def _worked_before(calendar: WorkingCalendar, at: datetime, hours: OfficeHours) -> int:
    local = at.astimezone(OFFICE_ZONE)
    on = local.date()
    today = hours.worked_until(local.time()) if calendar.is_working(on) else 0
    return calendar.working_days_before(on) * hours.day_seconds + today


def _seconds(at: time) -> int:
    return at.hour * HOUR + at.minute * 60 + at.second
