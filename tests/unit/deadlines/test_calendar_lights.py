"""Lights and time left, at the moment the design board shows: Monday 2019-09-30 10:20, the day before the holiday."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workflows.clock import OFFICE_ZONE, office_date
from workflows.deadlines import (
    LIGHT_RULES,
    OFFICE_HOURS,
    Light,
    NamedDay,
    WorkingCalendar,
    WorkingTime,
    amber_before,
    deadline,
    due_at,
    light,
    read_rules,
    remaining,
    rule_for,
    working_seconds,
)

OFF = [NamedDay(date(2019, 10, day), False, "国庆节", "National Day") for day in range(1, 8)]
WORKED = [NamedDay(date(2019, *md), True, "国庆节", "National Day") for md in ((9, 29), (10, 12))]
CALENDAR = WorkingCalendar(1, OFF + WORKED, {2019})
NOW = datetime(2019, 9, 30, 10, 20, tzinfo=OFFICE_ZONE)

instants = st.integers(-60 * 24 * 60 * 60, 60 * 24 * 60 * 60).map(lambda seconds: NOW + timedelta(seconds=seconds))


def test_before_the_first_counted_day_no_more_than_the_limit_is_left() -> None:
    received = datetime(2019, 10, 14, 8, 0, tzinfo=OFFICE_ZONE)  # a Monday; four working days end on the Friday
    left = remaining(CALENDAR, received, due_at(date(2019, 10, 18)), limit_days=4)
    assert left == WorkingTime(4, 0, 0, overdue=False)


def test_a_limit_runs_out_at_close_of_business_in_the_offices_zone() -> None:
    assert due_at(date(2019, 10, 9)) == datetime(2019, 10, 9, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("due_on", "left"),
    [
        (date(2019, 9, 29), WorkingTime(0, 2, 20, overdue=True)),
        (date(2019, 9, 30), WorkingTime(0, 5, 10, overdue=False)),
        (date(2019, 10, 8), WorkingTime(1, 5, 10, overdue=False)),
        (date(2019, 10, 9), WorkingTime(2, 5, 10, overdue=False)),
        (date(2019, 10, 12), WorkingTime(5, 5, 10, overdue=False)),
    ],
)
def test_time_left_is_office_hours_across_the_holiday(due_on: date, left: WorkingTime) -> None:
    assert remaining(CALENDAR, NOW, due_at(due_on)) == left


def test_the_lunch_break_and_the_night_take_no_working_time() -> None:
    noon, half_past_two = NOW.replace(hour=12, minute=0), NOW.replace(hour=14, minute=30)
    assert working_seconds(CALENDAR, noon, half_past_two) == 0
    assert working_seconds(CALENDAR, NOW.replace(hour=18), datetime(2019, 10, 8, 8, tzinfo=OFFICE_ZONE)) == 0
    assert OFFICE_HOURS.day_seconds == 7.5 * 3600


@pytest.mark.parametrize(
    ("due_on", "limit_days", "shown"),
    [
        (date(2019, 9, 29), 5, Light.RED),
        (date(2019, 9, 30), 5, Light.AMBER),
        (date(2019, 10, 8), 5, Light.AMBER),
        (date(2019, 10, 9), 5, Light.GREEN),
        (date(2019, 10, 10), 10, Light.AMBER),
        (date(2019, 10, 11), 10, Light.GREEN),
        (date(2019, 10, 10), None, Light.AMBER),
    ],
)
def test_the_light_follows_the_working_days_left_and_the_length_of_the_limit(
    due_on: date, limit_days: int | None, shown: Light
) -> None:
    assert light(CALENDAR, NOW, due_at(due_on), limit_days=limit_days) is shown


def test_a_stopped_clock_is_grey_even_after_the_due_instant() -> None:
    assert light(CALENDAR, NOW, NOW - timedelta(days=3), limit_days=5, paused=True) is Light.GREY


def test_no_limit_is_green() -> None:
    assert light(CALENDAR, NOW, None, limit_days=None) is Light.GREEN


@given(instants, instants)
def test_a_light_is_red_exactly_when_the_time_is_overdue(now: datetime, due: datetime) -> None:
    assert (light(CALENDAR, now, due, limit_days=5) is Light.RED) == remaining(CALENDAR, now, due).overdue


@given(instants, instants, st.sampled_from(LIGHT_RULES))
def test_a_query_by_the_amber_instant_finds_what_the_light_shows(now: datetime, due: datetime, rule: object) -> None:
    limit = 5 if rule is LIGHT_RULES[0] else 20
    by_query = Light.RED if due <= now else Light.GREEN
    if now < due < amber_before(CALENDAR, now, LIGHT_RULES[0] if limit == 5 else LIGHT_RULES[1]):
        by_query = Light.AMBER
    assert light(CALENDAR, now, due, limit_days=limit) is by_query


@given(instants, instants, instants)
def test_working_time_adds_up(first: datetime, second: datetime, third: datetime) -> None:
    parts = working_seconds(CALENDAR, first, second) + working_seconds(CALENDAR, second, third)
    assert parts == working_seconds(CALENDAR, first, third)


@given(instants)
def test_a_working_day_holds_a_day_of_office_hours(at: datetime) -> None:
    midnight = at.replace(hour=0, minute=0, second=0, microsecond=0)
    whole = OFFICE_HOURS.day_seconds if CALENDAR.is_working(office_date(at)) else 0
    assert working_seconds(CALENDAR, midnight, midnight + timedelta(days=1)) == whole


@settings(deadline=None)
@given(instants, instants, instants, st.integers(1, 30), st.integers(1, 30))
def test_the_order_of_due_instants_is_the_order_of_the_working_time_left(
    now: datetime, first: datetime, second: datetime, first_days: int, second_days: int
) -> None:
    """So a queue sorted by `due_at` is sorted by working time left, also while the first day is not over yet."""
    limits = [(due_of(started, days), days) for started, days in ((first, first_days), (second, second_days))]
    (sooner, sooner_days), (later, later_days) = sorted(limits)
    now = max(now, first, second)  # a limit is looked at once it has begun
    assert left(now, sooner, sooner_days) <= left(now, later, later_days)


def due_of(started: datetime, days: int) -> datetime:
    return due_at(deadline(CALENDAR, office_date(started), days).due_on)


def left(now: datetime, due: datetime, limit_days: int) -> int:
    """Working minutes, negative once overdue."""
    time = remaining(CALENDAR, now, due, limit_days=limit_days)
    minutes = time.days * OFFICE_HOURS.day_seconds // 60 + time.hours * 60 + time.minutes
    return -minutes if time.overdue else minutes


def test_the_thresholds_are_data() -> None:
    rules = read_rules("[[rule]]\nlongest_limit = 2\namber_within = 0\n[[rule]]\namber_within = 7")
    assert [(rule_for(days, rules).amber_within) for days in (1, 2, 3, None)] == [0, 0, 7, 7]
    assert light(CALENDAR, NOW, due_at(date(2019, 10, 14)), limit_days=10, rules=rules) is Light.AMBER
    assert light(CALENDAR, NOW, due_at(date(2019, 10, 14)), limit_days=10) is Light.GREEN
    assert [(rule.longest_limit, rule.amber_within) for rule in LIGHT_RULES] == [(5, 1), (None, 3)]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[[rule]]\nlongest_limit = 5\namber_within = 1",
        "[[rule]]\namber_within = 3\n[[rule]]\nlongest_limit = 5\namber_within = 1",
        "[[rule]]\nlongest_limit = 9\namber_within = 1\n[[rule]]\nlongest_limit = 5\namber_within = 1\n"
        "[[rule]]\namber_within = 3",
        "[[rule]]\namber_within = -1",
        '[[rule]]\namber_within = "3"',
    ],
)
def test_thresholds_that_leave_a_limit_without_a_light_stop_the_start(text: str) -> None:
    with pytest.raises(ValueError, match="rule"):
        read_rules(text)
