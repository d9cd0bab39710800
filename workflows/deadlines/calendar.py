"""The working calendar as a value: which dates are worked, how many lie between two dates, what each is called."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate

ONE_DAY = timedelta(days=1)
SATURDAY = 5


@dataclass(frozen=True)
class NamedDay:
    """A date that a State Council notice names.

    Args:
        on: the date.
        working: True for a make-up working day (调休上班), False for a day off.
        name: the festival, in Chinese, such as 春节.
        name_en: the festival, in English.
    """

    on: date
    working: bool
    name: str
    name_en: str


class WorkingCalendar:
    """One version of the working calendar; immutable, so one object serves all threads.

    Args:
        number: the version's number, stored with every deadline computed from it.
        days: the dates named by notices; every other date is worked from Monday to Friday.
        published_years: the years whose notice is out; all others are provisional (暂定).
    """

    def __init__(self, number: int, days: Iterable[NamedDay], published_years: Iterable[int]) -> None:
        self.number = number
        self.published_years = frozenset(published_years)
        self._days: Mapping[date, NamedDay] = {day.on: day for day in days}
        changed = sorted(
            (day.on.toordinal(), 1 if day.working else -1)
            for day in self._days.values()
            if day.working != _is_weekday(day.on)
        )
        self._changed = [ordinal for ordinal, _ in changed]
        self._balance = [0, *accumulate(change for _, change in changed)]

    def named(self, on: date) -> NamedDay | None:
        """Return what a notice says of the date, or None where no notice names it."""
        return self._days.get(on)

    def days_of(self, year: int) -> Mapping[date, NamedDay]:
        """Return what notices say of the dates of a year."""
        return {on: day for on, day in self._days.items() if on.year == year}

    def is_working(self, on: date) -> bool:
        """Tell whether offices work on the date."""
        day = self._days.get(on)
        return _is_weekday(on) if day is None else day.working

    def is_provisional(self, on: date) -> bool:
        """Tell whether the year's notice is not out yet, so that the date may still change."""
        return on.year not in self.published_years

    def roll_forward(self, on: date) -> date:
        """Return the date itself if worked, else the next worked date."""
        while not self.is_working(on):
            on += ONE_DAY
        return on

    def working_days_before(self, on: date) -> int:
        """Return the worked dates before `on` since the beginning of the era; only differences mean anything."""
        ordinal = on.toordinal()
        weeks, rest = divmod(ordinal - 1, 7)
        return weeks * SATURDAY + min(rest, SATURDAY) + self._balance[bisect_left(self._changed, ordinal)]

    def working_days_after(self, start_on: date, end_on: date) -> int:
        """Return how many dates are worked after `start_on` up to and including `end_on`; negative if it is earlier."""
        return self.working_days_before(end_on + ONE_DAY) - self.working_days_before(start_on + ONE_DAY)


def _is_weekday(on: date) -> bool:
    return on.weekday() < SATURDAY
