"""Loading notices as versions, and reading them back."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import chinese_calendar
import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from workflows.clock import FixedClock
from workflows.deadlines import (
    CalendarDay,
    CalendarStore,
    CalendarVersion,
    NamedDay,
    Notice,
    load_notice,
    read_calendar,
    seed_calendar,
)
from workflows.deadlines.published import AMENDMENTS
from workflows.errors import InvalidInputError, NotFoundError

CLOCK = FixedClock(datetime(2026, 1, 5, tzinfo=UTC))


def notice(*days: NamedDay, year: int = 2031) -> Notice:
    return Notice(frozenset({year}), days, date(year - 1, 11, 1), f"国办发明电〔{year - 1}〕9号", "安排", "Holidays")


def test_the_latest_version_agrees_with_the_published_source_on_every_date(session: Session) -> None:
    seed_calendar(session, clock=CLOCK)
    calendar = CalendarStore().current(session)
    on = date(min(calendar.published_years), 1, 1)
    while on.year in calendar.published_years:
        assert calendar.is_working(on) == chinese_calendar.is_workday(on), on
        on += timedelta(days=1)


def test_each_amendment_changes_only_what_its_notice_says(session: Session) -> None:
    numbers = seed_calendar(session, clock=CLOCK)
    assert numbers == tuple(range(1, len(AMENDMENTS) + 2))
    for number, amendment in zip(numbers[1:], AMENDMENTS, strict=True):
        before, after = read_calendar(session, number - 1), read_calendar(session, number)
        days = [date(amendment.year, 1, 1) + timedelta(days=n) for n in range(365)]
        changed = {on for on in days if before.named(on) != after.named(on)}
        assert changed == set(amendment.before)
        assert {on: before.named(on) for on in changed} == dict(amendment.before)


def test_seeding_again_loads_nothing(session: Session) -> None:
    seed_calendar(session, clock=CLOCK)
    rows = session.scalar(select(func.count()).select_from(CalendarDay))
    assert seed_calendar(session, clock=CLOCK) == ()
    assert session.scalar(select(func.count()).select_from(CalendarDay)) == rows


def test_a_year_published_later_becomes_the_next_version(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    seed_calendar(session, clock=CLOCK)
    extra = date(2027, 1, 1)
    monkeypatch.setitem(chinese_calendar.constants.holidays, extra, "New Year's Day")
    (number,) = seed_calendar(session, clock=CLOCK)
    assert number == len(AMENDMENTS) + 2
    assert read_calendar(session, number - 1).is_provisional(extra)
    calendar = read_calendar(session, number)
    assert not calendar.is_provisional(extra)
    assert not calendar.is_working(extra)
    version = session.scalars(select(CalendarVersion).where(CalendarVersion.number == number)).one()
    assert version.note == "2027年各年首次公布的节假日安排"


def test_a_notice_for_one_year_leaves_the_others_alone(session: Session) -> None:
    first = load_notice(session, notice(NamedDay(date(2031, 1, 1), False, "元旦", "New Year's Day")), clock=CLOCK)
    second = load_notice(session, notice(year=2032), clock=CLOCK)
    assert (first, second) == (1, 2)
    calendar = read_calendar(session, second)
    assert calendar.published_years == {2031, 2032}
    assert not calendar.is_working(date(2031, 1, 1))


def test_a_day_outside_the_years_of_the_notice_is_refused(session: Session) -> None:
    with pytest.raises(InvalidInputError, match=r"days\.0\.on: year-not-published"):
        load_notice(session, notice(NamedDay(date(2030, 1, 1), False, "元旦", "New Year's Day")), clock=CLOCK)


def test_a_day_named_twice_is_refused(session: Session) -> None:
    day = NamedDay(date(2031, 1, 1), False, "元旦", "New Year's Day")
    with pytest.raises(InvalidInputError, match=r"days\.1\.on: duplicate"):
        load_notice(session, notice(day, day), clock=CLOCK)


def test_an_unknown_version_is_not_found(session: Session) -> None:
    store = CalendarStore()
    with pytest.raises(NotFoundError):
        store.current(session)
    seed_calendar(session, clock=CLOCK)
    with pytest.raises(NotFoundError):
        store.get(session, 99)


def test_the_store_keeps_a_version_and_sees_a_new_one_at_once(session: Session) -> None:
    store = CalendarStore(capacity=1)
    seed_calendar(session, clock=CLOCK)
    kept = store.current(session)
    assert store.current(session) is kept
    load_notice(session, notice(), clock=CLOCK)
    assert store.current(session).number == kept.number + 1


def test_a_loading_rolled_back_leaves_nothing_in_the_store(session: Session) -> None:
    store, clock = CalendarStore(), FixedClock(CLOCK.at)
    seed_calendar(session, clock=clock)
    session.commit()
    load_notice(session, notice(), clock=clock)
    assert not store.current(session).is_provisional(date(2031, 1, 1))
    session.rollback()
    clock.advance(timedelta(seconds=1))
    load_notice(session, notice(year=2032), clock=clock)
    assert store.current(session).is_provisional(date(2031, 1, 1))
