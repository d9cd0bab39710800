"""From a start and a number of working days to the due date, with a reason for every day between."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from workflows.deadlines.calendar import ONE_DAY, NamedDay, WorkingCalendar
from workflows.errors import FieldError, InvalidInputError

MAX_WORKING_DAYS = 1000
"""About four years: longer limits are kept in months or years, and a day-by-day answer stays readable."""


class Why(StrEnum):
    """Why a date counts or does not; a stable code, worded by `workflows.deadlines.wording`."""

    START = "start"
    WORKING_DAY = "working-day"
    MAKE_UP_DAY = "make-up-day"
    WEEKEND = "weekend"
    HOLIDAY = "holiday"
    PAUSED = "paused"


@dataclass(frozen=True)
class DayReason:
    """One date on the way from the start to the due date.

    Args:
        date: the date.
        counted: whether it used up one working day of the limit.
        why: the code of the reason.
        festival: what a notice says of the date, for the wording.
        provisional: the year's notice is not out yet.
        pause: the reason of the pause that covers the date, if one does.
    """

    date: date
    counted: bool
    why: Why
    festival: NamedDay | None = None
    provisional: bool = False
    pause: str = ""


@dataclass(frozen=True)
class Pause:
    """A stretch in which the clock stood still.

    Args:
        from_on: the date on which it stopped; that date still counts.
        to_on: the date on which it went on; like a start, that date does not count. None while still stopped.
        reason: why, as a code of the caller's, such as the node waited for.
    """

    from_on: date
    to_on: date | None
    reason: str = ""

    def covers(self, on: date) -> bool:
        """Tell whether the date is lost to the pause."""
        return self.from_on < on and (self.to_on is None or on <= self.to_on)


@dataclass(frozen=True)
class Deadline:
    """A due date and how it came about.

    Args:
        due_on: the last day of the limit; always a worked date.
        calendar_version: the number of the calendar it was computed from.
        provisional: some date on the way lies in a year whose notice is not out yet.
        explanation: every date from the start to `due_on`, in order.
    """

    due_on: date
    calendar_version: int
    provisional: bool
    explanation: tuple[DayReason, ...]


def deadline(calendar: WorkingCalendar, start_on: date, working_days: int, *, pauses: Sequence[Pause] = ()) -> Deadline:
    """Return the due date of a limit that starts on `start_on`.

    The first day is not counted; a last day that is a holiday rolls forward to the next worked date.

    Args:
        calendar: the calendar version to count by.
        start_on: the office date on which the limit starts.
        working_days: the limit, 0 to `MAX_WORKING_DAYS`; 0 means the start itself, or the next worked date.
        pauses: the finished pauses of the clock; worked dates they cover are not counted.

    Raises:
        InvalidInputError: the limit is out of range, or a pause has no end.
    """
    if isinstance(working_days, bool) or not 0 <= working_days <= MAX_WORKING_DAYS:
        raise InvalidInputError([FieldError("working_days", "range", {"minimum": 0, "maximum": MAX_WORKING_DAYS})])
    if any(pause.to_on is None for pause in pauses):
        raise InvalidInputError([FieldError("pauses", "still-paused")])
    reasons = [_start(calendar, start_on)]
    on, left = start_on, working_days
    while left > 0 or not calendar.is_working(on):
        on = _next(on)
        reason = _reason(calendar, on, pauses, is_counting=left > 0)
        left -= reason.counted
        reasons.append(reason)
    provisional = any(reason.provisional for reason in (reasons[1:] or reasons))
    return Deadline(on, calendar.number, provisional, tuple(reasons))


def _next(on: date) -> date:
    try:
        return on + ONE_DAY
    except OverflowError:
        raise InvalidInputError([FieldError("start", "date-range")]) from None


def _start(calendar: WorkingCalendar, on: date) -> DayReason:
    return DayReason(on, False, Why.START, calendar.named(on), calendar.is_provisional(on))


def _reason(calendar: WorkingCalendar, on: date, pauses: Sequence[Pause], *, is_counting: bool) -> DayReason:
    named, provisional = calendar.named(on), calendar.is_provisional(on)
    if not calendar.is_working(on):
        return DayReason(on, False, Why.WEEKEND if named is None else Why.HOLIDAY, named, provisional)
    covering = next((pause for pause in pauses if pause.covers(on)), None)
    if covering is not None:
        return DayReason(on, False, Why.PAUSED, named, provisional, covering.reason)
    return DayReason(on, is_counting, Why.WORKING_DAY if named is None else Why.MAKE_UP_DAY, named, provisional)
