"""Working days in a diagram's timer are counted by the current calendar."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy.orm import Session

from workflows.cases.workdays import workdays
from workflows.clock import FixedClock
from workflows.deadlines import seed_calendar
from workflows.errors import NotFoundError


def test_a_timer_of_five_working_days_skips_the_national_day_holidays(session: Session, clock: FixedClock) -> None:
    seed_calendar(session, clock=clock)
    count = workdays(session)
    before = datetime(2025, 9, 29, 2, 0, tzinfo=UTC)
    # 30 September, then 9 to 11 October (a Saturday worked instead), and Monday 13
    assert count(before, 5).date().isoformat() == "2025-10-13"


def test_without_a_calendar_only_a_timer_that_counts_fails(session: Session) -> None:
    count = workdays(session)
    with pytest.raises(NotFoundError):
        count(datetime(2025, 9, 29, 2, 0, tzinfo=UTC), 5)
