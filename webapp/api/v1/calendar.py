"""Working-day arithmetic, and the versions of the working calendar."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

from pydantic import Field, StringConstraints

from webapp.api.access import Open
from webapp.api.endpoint import Call, Created, Routes
from webapp.api.v1.blueprint import PREFIX, blueprint
from webapp.api.v1.content.base import Incoming, Outgoing, QueryDate, QueryInt
from webapp.api.v1.content.clocks import Day, days
from workflows.cases.calendar_loading import CalendarPreview, load_calendar, preview_calendar
from workflows.deadlines import (
    MAX_WORKING_DAYS,
    CalendarStore,
    VersionRow,
    WorkingCalendar,
    deadline,
    list_versions,
)
from workflows.errors import FieldError, InvalidInputError, NotFoundError
from workflows.permissions import Permission

routes = Routes(blueprint, "Calendar")
CALENDARS = CalendarStore()

Version = Annotated[int, Field(ge=1, le=2**31 - 1)]


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


class CalendarVersionItem(Outgoing):
    """One loading of holiday notices."""

    number: int
    reference: str
    issued_on: date | None
    note: str
    years: list[int]
    loaded_at: datetime


class CalendarVersionList(Outgoing):
    """All versions, the latest first."""

    items: list[CalendarVersionItem]
    next: str | None


class NoticeDraft(Incoming):
    """A holiday notice."""

    notice: Annotated[str, StringConstraints(min_length=1)]
    """TOML, as the administrator's guide describes it."""


class NoticeToLoad(NoticeDraft):
    """A holiday notice, and the version it was checked against."""

    base_version: Version | None = None
    """`base_version` of the check; if another version has been loaded since, nothing is loaded."""


class ChangedDay(Outgoing):
    """A date of which the new version says something else."""

    date: date
    was_worked: bool
    worked: bool
    name: str


class NoticeCheck(Outgoing):
    """What loading a notice would change, or has changed."""

    reference: str
    base_version: int
    version: int
    years: list[int]
    new_years: list[int]
    days: list[ChangedDay]
    open_tasks: int
    """Open tasks whose limit lies over a changed date; each is counted anew."""
    open_cases: int
    """Likewise for limits of whole cases."""


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


@routes.get("/calendar/versions", Open.SIGNED_IN, answer=CalendarVersionList)
def list_calendar_versions(call: Call) -> CalendarVersionList:
    """List what has been loaded so far."""
    items = [_version(row, call) for row in list_versions(call.session)]
    return CalendarVersionList(items=items, next=None)


@routes.post("/calendar/checks", Permission.CALENDAR_LOAD, body=NoticeDraft, answer=NoticeCheck)
def check_notice(call: Call, body: NoticeDraft) -> NoticeCheck:
    """Tell what a holiday notice would change; nothing is changed."""
    return _check(preview_calendar(call.session, body.notice, actor=call.actor), call)


@routes.post("/calendar/versions", Permission.CALENDAR_LOAD, body=NoticeToLoad, answer=NoticeCheck, status=201)
def load_notice(call: Call, body: NoticeToLoad) -> Created:
    """Load a holiday notice as a new version; open limits it touches are counted anew, closed ones keep theirs."""
    loaded = load_calendar(
        call.session, body.notice, base_version=body.base_version, actor=call.actor, clock=call.clock
    )
    return Created(_check(loaded, call), f"{PREFIX}/calendar/versions")


def _calendar(call: Call, version: int | None) -> WorkingCalendar:
    if version is None:
        return CALENDARS.current(call.session)
    try:
        return CALENDARS.get(call.session, version)
    except NotFoundError:
        raise InvalidInputError([FieldError("version", "calendar-version")]) from None


def _version(row: VersionRow, call: Call) -> CalendarVersionItem:
    return CalendarVersionItem(
        number=row.number,
        reference=row.reference,
        issued_on=row.issued_on,
        note=row.note_en if call.language == "en" else row.note,
        years=list(row.years),
        loaded_at=row.loaded_at,
    )


def _check(preview: CalendarPreview, call: Call) -> NoticeCheck:
    draft = preview.draft
    return NoticeCheck(
        reference=draft.notice.reference,
        base_version=draft.base_version,
        version=draft.base_version + 1,
        years=sorted(draft.notice.years),
        new_years=list(draft.new_years),
        days=[
            ChangedDay(
                date=change.on,
                was_worked=change.worked[0],
                worked=change.worked[1],
                name=change.name_en if call.language == "en" else change.name,
            )
            for change in draft.changes
        ],
        open_tasks=preview.tasks,
        open_cases=preview.cases,
    )
