"""Effective dates: the first and the last day on which something holds, both included; None is open."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, and_, or_
from sqlalchemy.orm import InstrumentedAttribute

DateColumn = InstrumentedAttribute[date | None] | InstrumentedAttribute[date]


def in_force(first: DateColumn, last: DateColumn, on: date | BindParameter[date]) -> ColumnElement[bool]:
    """Return the SQL condition that `on` lies within the days `first` to `last`.

    Args:
        first: column of the first day; NULL means it always held.
        last: column of the last day, included; NULL means it still holds.
        on: the day asked about, an office date, or the parameter that will carry it.
    """
    begun: ColumnElement[Any] = or_(first.is_(None), first <= on)
    not_over: ColumnElement[Any] = or_(last.is_(None), last >= on)
    return and_(begun, not_over)
