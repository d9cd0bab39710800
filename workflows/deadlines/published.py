"""The notices of the State Council so far, as seed for the calendar tables.

`chinesecalendar` gives each year as it finally was. The amendments below say what the first notice of a year had said
of the dates that a later one changed, so that a deadline computed before the change can be shown as it was computed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import chinese_calendar.constants as source
from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.clock import Clock
from workflows.deadlines.calendar import NamedDay
from workflows.deadlines.store import Notice, load_notice
from workflows.deadlines.tables import CalendarVersion, CalendarYear

SPRING_FESTIVAL = ("春节", "Spring Festival")
_NAMES: Mapping[str, tuple[str, str]] = {
    "New Year's Day": ("元旦", "New Year's Day"),
    "Spring Festival": SPRING_FESTIVAL,
    "Tomb-sweeping Day": ("清明节", "Qingming Festival"),
    "Labour Day": ("劳动节", "Labour Day"),
    "Dragon Boat Festival": ("端午节", "Dragon Boat Festival"),
    "Mid-autumn Festival": ("中秋节", "Mid-Autumn Festival"),
    "National Day": ("国庆节", "National Day"),
    "Anti-Fascist 70th Day": ("抗战胜利70周年纪念日", "70th Victory Day"),
}


@dataclass(frozen=True)
class Amendment:
    """A notice that changed a year already published.

    Args:
        issued_on: its date.
        year: the year it changed.
        reference: its 文号.
        note: what it is, in Chinese.
        note_en: the same in English.
        before: each date it changed → what had been said of it, None for nothing.
    """

    issued_on: date
    year: int
    reference: str
    note: str
    note_en: str
    before: Mapping[date, NamedDay | None]


AMENDMENTS = (
    Amendment(
        date(2015, 5, 13),
        2015,
        "国发明电〔2015〕1号",
        "2015年9月3日至5日放假调休，9月6日（星期日）上班",
        "3 to 5 September 2015 off, 6 September (Sunday) worked",
        {date(2015, 9, 3): None, date(2015, 9, 4): None, date(2015, 9, 6): None},
    ),
    Amendment(
        date(2019, 3, 22),
        2019,
        "国办发明电〔2019〕3号",
        "2019年劳动节改为5月1日至4日放假，4月28日、5月5日（星期日）上班",
        "Labour Day 2019 changed to 1 to 4 May off, 28 April and 5 May (Sundays) worked",
        {
            date(2019, 4, 28): None,
            date(2019, 5, 2): None,
            date(2019, 5, 3): None,
            date(2019, 5, 4): None,
            date(2019, 5, 5): None,
        },
    ),
    Amendment(
        date(2020, 1, 26),
        2020,
        "国办发明电〔2020〕1号",
        "2020年春节假期延长至2月2日，2月3日（星期一）起上班",
        "Spring Festival 2020 extended to 2 February, work from 3 February (Monday)",
        {
            date(2020, 1, 31): None,
            date(2020, 2, 1): NamedDay(date(2020, 2, 1), True, *SPRING_FESTIVAL),
            date(2020, 2, 2): None,
        },
    ),
)


def seed_calendar(session: Session, *, clock: Clock, known_on: date | None = None) -> tuple[int, ...]:
    """Load whatever published notice is not loaded yet; a second call loads nothing.

    Version 1 holds every year as first published, each amendment is a version after it, and years published since
    the tables were first filled become one further version.

    Args:
        session: where to load.
        clock: stamps the loading.
        known_on: leave out amendments issued later than this date.

    Returns:
        The numbers of the versions loaded.
    """
    loaded = set(session.scalars(select(CalendarVersion.reference)))
    years = _published_years() - set(session.scalars(select(CalendarYear.year)))
    notices = [_first_notice(frozenset(years))] if years else []
    notices += [
        _amended_notice(amendment)
        for amendment in AMENDMENTS
        if amendment.reference not in loaded and (known_on is None or amendment.issued_on <= known_on)
    ]
    return tuple(load_notice(session, notice, clock=clock) for notice in notices)


def _published_years() -> frozenset[int]:
    return frozenset(on.year for on in source.holidays)


def _first_notice(years: frozenset[int]) -> Notice:
    first, last = min(years), max(years)
    span, span_en = (f"{first}年", str(first)) if first == last else (f"{first}年至{last}年", f"{first} to {last}")
    return Notice(
        years=years,
        days=_days_as_of(years, later=AMENDMENTS),
        issued_on=None,
        reference=f"{span}节假日安排",
        note=f"{span}各年首次公布的节假日安排",
        note_en=f"Holidays of {span_en} as first published",
    )


def _amended_notice(amendment: Amendment) -> Notice:
    later = AMENDMENTS[AMENDMENTS.index(amendment) + 1 :]
    return Notice(
        years=frozenset({amendment.year}),
        days=_days_as_of(frozenset({amendment.year}), later=later),
        issued_on=amendment.issued_on,
        reference=amendment.reference,
        note=amendment.note,
        note_en=amendment.note_en,
    )


def _days_as_of(years: frozenset[int], *, later: tuple[Amendment, ...]) -> tuple[NamedDay, ...]:
    """Return the named days of `years` as they stood before the `later` amendments."""
    days = {day.on: day for day in _final_days() if day.on.year in years}
    for amendment in reversed(later):
        for on, day in amendment.before.items():
            if on.year not in years:
                continue
            if day is None:
                days.pop(on, None)
            else:
                days[on] = day
    return tuple(days[on] for on in sorted(days))


def _final_days() -> list[NamedDay]:
    off = [NamedDay(on, False, *_NAMES[name]) for on, name in source.holidays.items()]
    worked = [NamedDay(on, True, *_NAMES[name]) for on, name in source.workdays.items()]
    return off + worked
