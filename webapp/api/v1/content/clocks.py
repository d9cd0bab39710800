"""Clocks: why a limit ends on that day, what stopped it, and who held a case how long."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from webapp.api.sentences import Language
from webapp.api.v1.content.base import Agency, Outgoing, agency_of, name_of
from webapp.api.v1.content.tasks import WorkingTimeLeft
from workflows.cases.time_used import AgencyTime
from workflows.cases.why_due import DueReason
from workflows.clock import office_date
from workflows.deadlines import DayReason, StoredPause, word, word_pause


class Day(Outgoing):
    """One date on the way to a due date."""

    date: date
    counted: bool
    why: str


class PauseOfClock(Outgoing):
    """A stretch in which a clock stood still."""

    kind: Literal["supplement", "outside", "suspended"]
    why: str
    node_id: str | None
    """The step waited for; null where the case was suspended."""
    reason: str | None
    began_at: datetime
    ended_at: datetime | None
    """Null while it lasts."""


class DeadlineOfClock(Outgoing):
    """A limit, its end, and how that came about."""

    state: Literal["no_limit", "not_started", "running", "paused", "ended"]
    limit_days: int | None
    start_on: date | None
    """The first day, which is not counted."""
    due_on: date | None
    """While the clock is paused: what it would be if it went on today."""
    due_at: datetime | None
    calendar_version: int | None
    provisional: bool
    pauses: list[PauseOfClock]
    explanation: list[Day]


class AgencyTimeUsed(Outgoing):
    """How long one agency held a case."""

    agency: Agency | None
    used: WorkingTimeLeft
    tasks: int
    overdue: list[str]
    """The steps at which its limit ran out."""
    holds: bool
    counts: bool
    """False for the applicant's additions and outside decisions: their time is not the offices'."""


class CaseClocks(Outgoing):
    """The clock of a whole case, and what each agency used of the time."""

    case_limit: DeadlineOfClock
    agencies: list[AgencyTimeUsed]


def days(explanation: tuple[DayReason, ...], language: Language) -> list[Day]:
    """Return an explanation as content."""
    return [Day(date=one.date, counted=one.counted, why=word(one, language)) for one in explanation]


def deadline_of(found: DueReason, language: Language) -> DeadlineOfClock:
    """Return a limit as content."""
    return DeadlineOfClock(
        state=found.state,
        limit_days=found.limit_days,
        start_on=office_date(found.started_at) if found.started_at else None,
        due_on=found.due_on,
        due_at=found.due_at,
        calendar_version=found.calendar_version,
        provisional=found.provisional,
        pauses=[_pause(pause, language) for pause in found.pauses],
        explanation=days(found.days, language),
    )


def clocks_of(limit: DueReason, used: tuple[AgencyTime, ...], language: Language) -> CaseClocks:
    """Return the clocks of a case as content."""
    return CaseClocks(
        case_limit=deadline_of(limit, language),
        agencies=[
            AgencyTimeUsed(
                agency=agency_of(one.agency, language),
                used=WorkingTimeLeft(
                    days=one.used.days, hours=one.used.hours, minutes=one.used.minutes, overdue=one.used.overdue
                ),
                tasks=one.tasks,
                overdue=[name_of(step, language) for step in one.overdue],
                holds=one.holds,
                counts=one.counts,
            )
            for one in used
        ],
    )


def _pause(pause: StoredPause, language: Language) -> PauseOfClock:
    return PauseOfClock(
        kind=pause.kind.value,
        why=word_pause(pause.kind, language),
        node_id=pause.node_id,
        reason=pause.reason,
        began_at=pause.began_at,
        ended_at=pause.ended_at,
    )
