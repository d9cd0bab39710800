"""The time, as an argument: services ask a clock, tests hand them one that stands still."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

OFFICE_ZONE = ZoneInfo("Asia/Shanghai")
"""All offices of the policy keep this time; dates (`_on`) are dates in it."""


class Clock(Protocol):
    """Tells the present instant."""

    def now(self) -> datetime:
        """Return the present instant as an aware UTC datetime."""


class SystemClock:
    """The clock of the machine."""

    def now(self) -> datetime:
        return datetime.now(UTC)


@dataclass
class FixedClock:
    """A clock that moves only when told to.

    Args:
        at: an aware datetime.
    """

    at: datetime

    def now(self) -> datetime:
        return self.at.astimezone(UTC)

    def advance(self, by: timedelta) -> None:
        """Move the clock on by `by`."""
        self.at += by


def office_date(instant: datetime) -> date:
    """Return the calendar date on which `instant` falls in the offices' time zone."""
    return instant.astimezone(OFFICE_ZONE).date()
