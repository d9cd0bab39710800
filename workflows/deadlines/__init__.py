"""Working calendars, due dates, lights and due timers."""

from __future__ import annotations

from workflows.deadlines.calendar import NamedDay, WorkingCalendar
from workflows.deadlines.counting import MAX_WORKING_DAYS, DayReason, Deadline, Pause, Why, deadline
from workflows.deadlines.lights import LIGHT_RULES, Light, LightRule, amber_before, light, rule_for
from workflows.deadlines.pauses import StoredPause, as_days, pauses_of, start_clock, stop_clock
from workflows.deadlines.published import seed_calendar
from workflows.deadlines.store import LATEST_CALENDAR, CalendarStamp, CalendarStore, Notice, load_notice, read_calendar
from workflows.deadlines.tables import (
    APPEND_ONLY_DDL,
    CalendarDay,
    CalendarVersion,
    CalendarYear,
    ClockPause,
    ClockPauseEnd,
    DueTimer,
    PauseKind,
    TimerKind,
)
from workflows.deadlines.timers import (
    cancel_for_case,
    cancel_for_task,
    cancel_for_token,
    cancel_kind,
    due,
    mark_fired,
    move_timer,
    postpone_for_case,
    schedule,
    schedule_all,
)
from workflows.deadlines.wording import word, word_pause
from workflows.deadlines.worktime import OFFICE_HOURS, OfficeHours, WorkingTime, due_at, remaining, working_seconds

__all__ = [
    "APPEND_ONLY_DDL",
    "LATEST_CALENDAR",
    "LIGHT_RULES",
    "MAX_WORKING_DAYS",
    "OFFICE_HOURS",
    "CalendarDay",
    "CalendarStamp",
    "CalendarStore",
    "CalendarVersion",
    "CalendarYear",
    "ClockPause",
    "ClockPauseEnd",
    "DayReason",
    "Deadline",
    "DueTimer",
    "Light",
    "LightRule",
    "NamedDay",
    "Notice",
    "OfficeHours",
    "Pause",
    "PauseKind",
    "StoredPause",
    "TimerKind",
    "Why",
    "WorkingCalendar",
    "WorkingTime",
    "amber_before",
    "as_days",
    "cancel_for_case",
    "cancel_for_task",
    "cancel_for_token",
    "cancel_kind",
    "deadline",
    "due",
    "due_at",
    "light",
    "load_notice",
    "mark_fired",
    "move_timer",
    "pauses_of",
    "postpone_for_case",
    "read_calendar",
    "remaining",
    "rule_for",
    "schedule",
    "schedule_all",
    "seed_calendar",
    "start_clock",
    "stop_clock",
    "word",
    "word_pause",
    "working_seconds",
]
