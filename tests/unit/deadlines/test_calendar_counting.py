"""Counting working days: facts of the published calendar, and laws that hold for any calendar."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.deadlines import MAX_WORKING_DAYS, NamedDay, Pause, Why, WorkingCalendar, deadline, word
from workflows.errors import InvalidInputError

DAY = timedelta(days=1)
BASE = date(2019, 1, 1)
dates = st.dates(min_value=BASE, max_value=date(2020, 12, 31))


@st.composite
def calendars(draw: st.DrawFn) -> WorkingCalendar:
    """Any exceptions whatever, in two years of which the second is not published."""
    named = draw(st.dictionaries(dates, st.booleans(), max_size=120))
    return WorkingCalendar(7, [NamedDay(on, working, "节", "Feast") for on, working in named.items()], {2019})


def count_by_hand(calendar: WorkingCalendar, start_on: date, end_on: date) -> int:
    span = (end_on - start_on).days
    return sum(calendar.is_working(start_on + DAY * n) for n in range(1, span + 1))


@given(calendars(), dates, st.integers(1, 60))
def test_due_is_a_working_day_and_exactly_n_working_days_lie_after_the_start(
    calendar: WorkingCalendar, start_on: date, limit: int
) -> None:
    found = deadline(calendar, start_on, limit)
    assert calendar.is_working(found.due_on)
    assert count_by_hand(calendar, start_on, found.due_on) == limit
    assert calendar.working_days_after(start_on, found.due_on) == limit


@given(calendars(), dates, st.integers(0, 60))
def test_explanation_names_every_date_once_and_counts_the_limit(
    calendar: WorkingCalendar, start_on: date, limit: int
) -> None:
    found = deadline(calendar, start_on, limit)
    days = [reason.date for reason in found.explanation]
    assert days == [start_on + DAY * n for n in range((found.due_on - start_on).days + 1)]
    assert sum(reason.counted for reason in found.explanation) == limit
    assert found.explanation[0].why is Why.START
    for reason in found.explanation[1:]:
        assert calendar.is_working(reason.date) == (reason.why in (Why.WORKING_DAY, Why.MAKE_UP_DAY))


@given(calendars(), dates, st.integers(0, 60))
def test_provisional_means_a_day_in_an_unpublished_year(calendar: WorkingCalendar, start_on: date, limit: int) -> None:
    found = deadline(calendar, start_on, limit)
    assert found.provisional == (found.due_on.year > 2019)
    assert found.calendar_version == 7


@given(calendars(), dates, st.integers(1, 40), dates, st.integers(0, 30))
def test_a_pause_moves_the_due_date_by_the_working_days_it_lasted(
    calendar: WorkingCalendar, start_on: date, limit: int, from_on: date, length: int
) -> None:
    to_on = from_on + DAY * length
    found = deadline(calendar, start_on, limit, pauses=[Pause(from_on, to_on)])
    lost = sum(reason.why is Why.PAUSED for reason in found.explanation)
    assert calendar.working_days_after(start_on, found.due_on) == limit + lost
    assert lost == sum(
        calendar.is_working(on) and from_on < on <= to_on for on in (r.date for r in found.explanation[1:])
    )


@given(calendars(), dates, st.integers(0, 400))
def test_counting_between_dates_agrees_with_counting_by_hand(
    calendar: WorkingCalendar, start_on: date, span: int
) -> None:
    end_on = start_on + DAY * span
    assert calendar.working_days_after(start_on, end_on) == count_by_hand(calendar, start_on, end_on)
    assert calendar.working_days_after(end_on, start_on) == -count_by_hand(calendar, start_on, end_on)


def test_a_year_without_notice_is_plain_weekdays_and_provisional() -> None:
    found = deadline(WorkingCalendar(1, [], {2019}), date(2030, 9, 30), 2)
    assert (found.due_on, found.provisional) == (date(2030, 10, 2), True)
    assert word(found.explanation[-1], "zh") == "工作日，计入（暂定，当年放假安排未公布）"
    assert word(found.explanation[-1], "en").startswith("Working day, counted (provisional")


def test_a_limit_of_no_days_on_a_holiday_rolls_forward() -> None:
    feast = NamedDay(date(2019, 6, 7), False, "端午节", "Dragon Boat Festival")
    found = deadline(WorkingCalendar(1, [feast], {2019}), date(2019, 6, 7), 0)
    assert found.due_on == date(2019, 6, 10)
    assert not any(reason.counted for reason in found.explanation)
    assert word(found.explanation[-1], "zh") == "顺延至此日"


@pytest.mark.parametrize("limit", [-1, MAX_WORKING_DAYS + 1, True])
def test_a_limit_out_of_range_is_refused(limit: int) -> None:
    with pytest.raises(InvalidInputError, match="working_days: range"):
        deadline(WorkingCalendar(1, [], ()), BASE, limit)


def test_a_clock_that_still_stands_has_no_due_date() -> None:
    with pytest.raises(InvalidInputError, match="still-paused"):
        deadline(WorkingCalendar(1, [], ()), BASE, 3, pauses=[Pause(BASE, None)])


def test_the_end_of_the_era_is_refused_and_not_a_crash() -> None:
    with pytest.raises(InvalidInputError, match="date-range"):
        deadline(WorkingCalendar(1, [], ()), date(9999, 12, 30), 3)
