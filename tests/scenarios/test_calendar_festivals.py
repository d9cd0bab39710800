"""Acceptance: Spring Festival 2019 and 2020, May Day 2019, the publicity before National Day 2019."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from workflows.clock import OFFICE_ZONE, FixedClock
from workflows.deadlines import CalendarStore, Light, Why, deadline, due_at, light, seed_calendar, word

BEFORE_EXTENSION = date(2020, 1, 25)
CLOCK = FixedClock(datetime(2020, 1, 22, 1, tzinfo=UTC))


def test_three_days_from_1_february_2019_end_on_11_february_over_two_make_up_days(session: Session) -> None:
    seed_calendar(session, clock=CLOCK)
    found = deadline(CalendarStore().current(session), date(2019, 2, 1), 3)
    assert found.due_on == date(2019, 2, 11)
    assert not found.provisional
    assert [(reason.date.day, reason.why) for reason in found.explanation if reason.counted] == [
        (2, Why.MAKE_UP_DAY),
        (3, Why.MAKE_UP_DAY),
        (11, Why.WORKING_DAY),
    ]
    assert word(found.explanation[1], "zh") == "春节调休上班日，计入"
    assert word(found.explanation[3], "zh") == "春节放假，不计入"
    assert word(found.explanation[3], "en") == "Spring Festival holiday, not counted"


def test_the_extension_of_2020_moves_the_due_date_and_the_light_is_never_red_in_between(session: Session) -> None:
    store = CalendarStore()
    seed_calendar(session, clock=CLOCK, known_on=BEFORE_EXTENSION)
    first = deadline(store.current(session), date(2020, 1, 22), 3)
    assert first.due_on == date(2020, 2, 1)

    (loaded,) = seed_calendar(session, clock=CLOCK)
    calendar = store.current(session)
    moved = deadline(calendar, date(2020, 1, 22), 3)
    assert (moved.due_on, moved.calendar_version) == (date(2020, 2, 4), loaded)

    at = datetime(2020, 1, 22, 9, tzinfo=OFFICE_ZONE)
    while at < due_at(date(2020, 2, 4)):
        assert light(calendar, at, due_at(moved.due_on), limit_days=3) is not Light.RED
        at += timedelta(hours=1)
    assert light(calendar, at + timedelta(hours=1), due_at(moved.due_on), limit_days=3) is Light.RED


def test_an_earlier_version_still_answers_as_it_did(session: Session) -> None:
    seed_calendar(session, clock=CLOCK)
    store = CalendarStore()
    assert deadline(store.get(session, 1), date(2020, 1, 22), 3).due_on == date(2020, 2, 1)
    assert deadline(store.current(session), date(2020, 1, 22), 3).due_on == date(2020, 2, 4)


def test_five_days_of_publicity_from_26_september_2019_end_on_9_october(session: Session) -> None:
    seed_calendar(session, clock=CLOCK)
    found = deadline(CalendarStore().current(session), date(2019, 9, 26), 5)
    assert found.due_on == date(2019, 10, 9)
    assert found.explanation[3].why is Why.MAKE_UP_DAY


@pytest.mark.parametrize(("version", "due_on"), [(1, date(2019, 5, 3)), (3, date(2019, 5, 6))])
def test_may_day_2019_was_one_day_until_the_notice_of_22_march(session: Session, version: int, due_on: date) -> None:
    seed_calendar(session, clock=CLOCK)
    assert deadline(CalendarStore().get(session, version), date(2019, 4, 29), 3).due_on == due_on
