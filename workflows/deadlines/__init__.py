"""Working calendars, due dates, lights and due timers."""

from __future__ import annotations

from workflows.deadlines.calendar import NamedDay, WorkingCalendar
from workflows.deadlines.counting import MAX_WORKING_DAYS, DayReason, Deadline, Pause, Why, deadline
from workflows.deadlines.lights import LIGHT_RULES, Light, LightRule, amber_before, light, rule_for
from workflows.deadlines.published import seed_calendar
from workflows.deadlines.store import LATEST_CALENDAR, CalendarStamp, CalendarStore, Notice, load_notice, read_calendar
from workflows.deadlines.tables import CalendarDay, CalendarVersion, CalendarYear, DueTimer, TimerKind
from workflows.deadlines.timers import (
    cancel_for_case,
    cancel_for_task,
    cancel_for_token,
    due,
    mark_fired,
    postpone_for_case,
    schedule,
)
from workflows.deadlines.wording import word
from workflows.deadlines.worktime import OFFICE_HOURS, OfficeHours, WorkingTime, due_at, remaining, working_seconds

__all__ = [
    "LATEST_CALENDAR",
    "LIGHT_RULES",
    "MAX_WORKING_DAYS",
    "OFFICE_HOURS",
    "CalendarDay",
    "CalendarStamp",
    "CalendarStore",
    "CalendarVersion",
    "CalendarYear",
    "DayReason",
    "Deadline",
    "DueTimer",
    "Light",
    "LightRule",
    "NamedDay",
    "Notice",
    "OfficeHours",
    "Pause",
    "TimerKind",
    "Why",
    "WorkingCalendar",
    "WorkingTime",
    "amber_before",
    "cancel_for_case",
    "cancel_for_task",
    "cancel_for_token",
    "deadline",
    "due",
    "due_at",
    "light",
    "load_notice",
    "mark_fired",
    "postpone_for_case",
    "read_calendar",
    "remaining",
    "rule_for",
    "schedule",
    "seed_calendar",
    "word",
    "working_seconds",
]
