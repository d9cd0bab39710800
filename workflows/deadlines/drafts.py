"""A notice laid over the calendar in force: what would be loaded, and what it would change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.deadlines.calendar import NamedDay, WorkingCalendar
from workflows.deadlines.notice_text import NoticeText
from workflows.deadlines.store import Notice
from workflows.deadlines.tables import CalendarVersion
from workflows.errors import FieldError, InvalidInputError


@dataclass(frozen=True)
class DayChange:
    """A date of which the new version says something else.

    Args:
        worked: whether offices work on it: before, and from now on.
        name: the festival as the later word has it, or the earlier where the date is not named any more.
    """

    on: date
    worked: tuple[bool, bool]
    name: str
    name_en: str


@dataclass(frozen=True)
class CalendarDraft:
    """A notice that could be loaded.

    Args:
        notice: what would be loaded, whole.
        base_version: the calendar it was laid over.
        new_years: years published for the first time.
        changes: the dates that change, in order.
    """

    notice: Notice
    base_version: int
    new_years: tuple[int, ...]
    changes: tuple[DayChange, ...]

    @property
    def span(self) -> tuple[date, date] | None:
        """The first and the last date of which anything changes, be it only that it is provisional no more."""
        dates = [change.on for change in self.changes]
        dates += [date(year, *day) for year in self.new_years for day in ((1, 1), (12, 31))]
        return (min(dates), max(dates)) if dates else None


def draft_notice(session: Session, said: NoticeText, calendar: WorkingCalendar) -> CalendarDraft:
    """Lay a notice over a calendar.

    Raises:
        InvalidInputError: it was loaded before, changes a year that is not published, or changes nothing.
    """
    if session.scalar(select(CalendarVersion.id).where(CalendarVersion.reference == said.reference).limit(1)):
        raise InvalidInputError([FieldError("reference", "notice-loaded")])
    years = frozenset(on.year for on in said.days) | ({said.year} if said.year else set())
    unknown = sorted(years - calendar.published_years - ({said.year} if said.year else set()))
    if unknown:
        raise InvalidInputError([FieldError("year", "year-not-published", {"year": unknown[0]})])
    days: dict[date, NamedDay] = {}
    for year in years:
        days.update(_merged({} if year == said.year else calendar.days_of(year), said, year))
    changes = tuple(_changes(calendar, days, years))
    new_years = tuple(sorted(years - calendar.published_years))
    if not changes and not new_years:
        raise InvalidInputError([FieldError("notice", "notice-changes-nothing")])
    notice = Notice(
        years=years,
        days=tuple(days[on] for on in sorted(days)),
        issued_on=said.issued_on,
        reference=said.reference,
        note=said.note,
        note_en=said.note_en,
    )
    return CalendarDraft(notice, calendar.number, new_years, changes)


def _merged(base: Mapping[date, NamedDay], said: NoticeText, year: int) -> dict[date, NamedDay]:
    merged = dict(base)
    for on, day in said.days.items():
        if on.year != year:
            continue
        if day is None:
            merged.pop(on, None)
        else:
            merged[on] = day
    return merged


def _changes(calendar: WorkingCalendar, days: Mapping[date, NamedDay], years: frozenset[int]) -> list[DayChange]:
    after = WorkingCalendar(0, days.values(), years)
    before = {on: day for year in years for on, day in calendar.days_of(year).items()}
    found = []
    for on in sorted(before.keys() | days.keys()):
        now, was = days.get(on), before.get(on)
        named = now or was
        if now != was and named is not None:
            worked = (calendar.is_working(on), after.is_working(on))
            found.append(DayChange(on, worked, named.name, named.name_en))
    return found
