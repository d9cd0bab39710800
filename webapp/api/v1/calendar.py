"""Working-day arithmetic."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import Field

from webapp.api.access import Open
from webapp.api.endpoint import Call, Routes
from webapp.api.v1.blueprint import blueprint
from webapp.api.v1.content.base import Incoming, Outgoing, QueryDate, QueryInt
from webapp.api.v1.content.clocks import Day, days
from workflows.deadlines import MAX_WORKING_DAYS, CalendarStore, WorkingCalendar, deadline
from workflows.errors import FieldError, InvalidInputError, NotFoundError

routes = Routes(blueprint, "Calendar")
CALENDARS = CalendarStore()


class DeadlineQuery(Incoming):
    """A start and a number of working days."""

    start: QueryDate
    working_days: Annotated[QueryInt, Field(ge=0, le=MAX_WORKING_DAYS)]
    version: Annotated[QueryInt, Field(ge=1, le=2**31 - 1)] | None = None


class Deadline(Outgoing):
    """A due date, and a reason for each day on the way to it."""

    due_on: date
    calendar_version: int
    provisional: bool
    explanation: list[Day]


@routes.get("/calendar/deadline", Open.SIGNED_IN, query=DeadlineQuery, answer=Deadline)
def get_deadline(call: Call, query: DeadlineQuery) -> Deadline:
    """Compute a due date and explain it."""
    found = deadline(_calendar(call, query.version), query.start, query.working_days)
    return Deadline(
        due_on=found.due_on,
        calendar_version=found.calendar_version,
        provisional=found.provisional,
        explanation=days(found.explanation, call.language),
    )


def _calendar(call: Call, version: int | None) -> WorkingCalendar:
    if version is None:
        return CALENDARS.current(call.session)
    try:
        return CALENDARS.get(call.session, version)
    except NotFoundError:
        raise InvalidInputError([FieldError("version", "calendar-version")]) from None
