"""Loading notices as calendar versions, and reading versions back as calendars."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from threading import Lock

from sqlalchemy import Select, func, insert, select
from sqlalchemy.orm import Session

from workflows.clock import Clock
from workflows.deadlines.calendar import NamedDay, WorkingCalendar
from workflows.deadlines.tables import CalendarDay, CalendarVersion, CalendarYear
from workflows.errors import FieldError, InvalidInputError, NotFoundError
from workflows.persistence import once

_LATEST = select(func.max(CalendarVersion.number))
_STAMP = select(CalendarVersion.number, CalendarVersion.loaded_at)
LATEST_CALENDAR = tuple(
    select(column).order_by(CalendarVersion.number.desc()).limit(1).scalar_subquery().label(f"calendar_{column.key}")
    for column in (CalendarVersion.number, CalendarVersion.loaded_at)
)
"""Columns a query can ask for beside its own, to know the latest calendar without a query more."""

CalendarStamp = tuple[int, datetime]
"""Number and time of loading: which calendar, beyond doubt."""

_LATEST_STAMP = _STAMP.order_by(CalendarVersion.number.desc()).limit(1)


@dataclass(frozen=True)
class Notice:
    """A holiday notice, whole: it says everything about the years it publishes.

    Args:
        years: the years published, or published anew.
        days: the dates named, all within `years`.
        issued_on: the notice's date, if it is one notice.
        reference: its 文号.
        note: what it is, in Chinese, at most 200 characters.
        note_en: the same in English.
    """

    years: frozenset[int]
    days: tuple[NamedDay, ...]
    issued_on: date | None
    reference: str
    note: str
    note_en: str


def load_notice(session: Session, notice: Notice, *, clock: Clock) -> int:
    """Store a notice as the next calendar version.

    Returns:
        The number of the new version. Open deadlines keep theirs until they are computed anew.

    Raises:
        InvalidInputError: a day lies outside the notice's years, or is named twice.
    """
    _check(notice)
    number = (session.scalar(_LATEST) or 0) + 1
    version = CalendarVersion(
        number=number,
        loaded_at=clock.now(),
        issued_on=notice.issued_on,
        reference=notice.reference,
        note=notice.note,
        note_en=notice.note_en,
    )
    session.add(version)
    session.flush()
    session.execute(insert(CalendarYear), [{"version_id": version.id, "year": year} for year in sorted(notice.years)])
    days = [
        {
            "version_id": version.id,
            "on_date": day.on,
            "working": day.working,
            "name": day.name,
            "name_en": day.name_en,
        }
        for day in notice.days
    ]
    if days:
        session.execute(insert(CalendarDay), days)
    return number


def _check(notice: Notice) -> None:
    if not notice.years:
        raise InvalidInputError([FieldError("years", "required")])
    seen: set[date] = set()
    for index, day in enumerate(notice.days):
        if day.on.year not in notice.years:
            raise InvalidInputError([FieldError(f"days.{index}.on", "year-not-published")])
        if day.on in seen:
            raise InvalidInputError([FieldError(f"days.{index}.on", "duplicate")])
        seen.add(day.on)


@dataclass(frozen=True)
class VersionRow:
    """One version in a list.

    Args:
        years: the years it publishes, or publishes anew.
    """

    number: int
    reference: str
    issued_on: date | None
    note: str
    note_en: str
    years: tuple[int, ...]
    loaded_at: datetime


def list_versions(session: Session) -> tuple[VersionRow, ...]:
    """Return all calendar versions, the latest first; there are a few a year."""
    years: dict[int, list[int]] = {}
    for version_id, year in session.execute(
        select(CalendarYear.version_id, CalendarYear.year).order_by(CalendarYear.year)
    ):
        years.setdefault(version_id, []).append(year)
    return tuple(
        VersionRow(
            row.number, row.reference, row.issued_on, row.note, row.note_en, tuple(years.get(row.id, ())), row.loaded_at
        )
        for row in session.scalars(select(CalendarVersion).order_by(CalendarVersion.number.desc()))
    )


def read_calendar(session: Session, number: int) -> WorkingCalendar:
    """Read the calendar as of version `number`: for each year, the latest notice up to then that publishes it.

    Raises:
        NotFoundError: there is no such version.
    """
    if session.scalar(select(CalendarVersion.id).where(CalendarVersion.number == number)) is None:
        raise NotFoundError("calendar_version", number)
    published = _published(session, number)
    days = session.execute(
        select(CalendarDay)
        .join(CalendarVersion, CalendarVersion.id == CalendarDay.version_id)
        .where(CalendarVersion.number <= number)
    ).scalars()
    return WorkingCalendar(number, _in_force(days, published), published)


def _published(session: Session, number: int) -> dict[int, int]:
    """Return year → the id of the version whose word on that year holds as of version `number`."""
    rows = session.execute(
        select(CalendarYear.year, CalendarVersion.id)
        .join(CalendarVersion, CalendarVersion.id == CalendarYear.version_id)
        .where(CalendarVersion.number <= number)
        .order_by(CalendarVersion.number)
    )
    return {row.year: row.id for row in rows}


def _in_force(days: Iterable[CalendarDay], published: dict[int, int]) -> Iterable[NamedDay]:
    for day in days:
        if published.get(day.on_date.year) == day.version_id:
            yield NamedDay(day.on_date, day.working, day.name, day.name_en)


class CalendarStore:
    """Calendars by version, read once per process and kept: a version never changes. Safe for threads.

    Kept under number and time of loading, so that a loading rolled back leaves nothing behind.

    Args:
        capacity: how many versions to keep; the least recently used goes first.
    """

    def __init__(self, capacity: int = 32) -> None:
        self._capacity = capacity
        self._kept: OrderedDict[tuple[int, datetime], WorkingCalendar] = OrderedDict()
        self._lock = Lock()

    def current(self, session: Session) -> WorkingCalendar:
        """Return the latest calendar; one indexed query, so a new notice is seen at once in every process.

        Raises:
            NotFoundError: no calendar is loaded.
        """
        return self._get(session, _LATEST_STAMP, "latest")

    def at(self, session: Session, stamp: CalendarStamp) -> WorkingCalendar:
        """Return the calendar whose stamp a query brought along (`LATEST_CALENDAR`); asks the database only once."""
        return self._keep(session, *stamp)

    def get(self, session: Session, number: int) -> WorkingCalendar:
        """Return the calendar of one version.

        Raises:
            NotFoundError: there is no such version.
        """
        return self._get(session, _STAMP.where(CalendarVersion.number == number), number)

    def _get(self, session: Session, stamp: Select[int, datetime], key: Hashable) -> WorkingCalendar:
        def look_up() -> WorkingCalendar:
            row = session.connection().execute(stamp).first()
            if row is None:
                raise NotFoundError("calendar_version", key)
            return self._keep(session, *row)

        return once(session, ("calendar", key), look_up)

    def _keep(self, session: Session, number: int, loaded_at: datetime) -> WorkingCalendar:
        with self._lock:
            if (kept := self._kept.get((number, loaded_at))) is not None:
                self._kept.move_to_end((number, loaded_at))
                return kept
        calendar = read_calendar(session, number)
        with self._lock:
            self._kept[number, loaded_at] = calendar
            while len(self._kept) > self._capacity:
                self._kept.popitem(last=False)
        return calendar
