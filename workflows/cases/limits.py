"""When a task's limit ends, and by which calendar."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from workflows.clock import office_date
from workflows.deadlines import CalendarStore, Pause, WorkingCalendar, deadline, due_at

NO_LIMIT = datetime(9999, 12, 31, tzinfo=UTC)
"""`queue_at` of a task without a limit: behind all others."""

CALENDARS = CalendarStore()


@dataclass(frozen=True)
class Limit:
    """When a limit ends, and by which calendar; nothing where it has not begun or there is none."""

    due_at: datetime | None = None
    calendar_version: int | None = None

    @property
    def queue_at(self) -> datetime:
        """The limit's place in the queues."""
        return self.due_at or NO_LIMIT


NOT_STARTED = Limit()


def start_limit(
    calendar: WorkingCalendar, limit_days: int | None, started_at: datetime, pauses: Sequence[Pause] = ()
) -> Limit:
    """Return the limit of so many working days that started at `started_at`; none where there is no limit.

    Args:
        calendar: the calendar to count by.
        limit_days: its length in working days.
        started_at: when the clock began to run, aware.
        pauses: the finished pauses since; the working days they cover are not counted.
    """
    if limit_days is None:
        return NOT_STARTED
    due = deadline(calendar, office_date(started_at), limit_days, pauses=pauses)
    return Limit(due_at(due.due_on), due.calendar_version)
