"""The amber light as a condition on rows, by the rules of `workflows.deadlines.light`: filter and light agree."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, true

from workflows.deadlines import WorkingCalendar, amber_before, spans_of


def amber_or_red(calendar: WorkingCalendar, now: datetime, *, days: Any, due: Any) -> ColumnElement[bool]:
    """Return the condition that a running limit is no longer green.

    Args:
        calendar: the calendar to count by.
        now: the present instant, aware.
        days: the column with the limit's length, null where it is not known.
        due: the column with its end: each rule is one bound on it, so that an index over it serves.
    """
    by_rule = []
    for shorter, longest, rule in spans_of():
        served: ColumnElement[bool] = true() if shorter is None else days > shorter
        served = or_(served, days.is_(None)) if longest is None else and_(served, days <= longest)
        by_rule.append(and_(served, due < amber_before(calendar, now, rule)))
    return or_(*by_rule)
