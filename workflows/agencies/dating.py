"""Effective dates: the first and the last day on which something holds, both included; None is open."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, and_, or_
from sqlalchemy.orm import InstrumentedAttribute

from workflows.agencies.models import Appointment

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


def held(on: date | BindParameter[date]) -> ColumnElement[bool]:
    """Return the SQL condition that an appointment holds on `on`; the day on which it was ended early is none."""
    return and_(in_force(Appointment.from_on, Appointment.to_on, on), not_ended_early(on))


def not_ended_early(on: date | BindParameter[date]) -> ColumnElement[bool]:
    """Return the SQL condition that an appointment had not been ended before its time by `on`."""
    return or_(Appointment.ended_at.is_(None), Appointment.to_on > on)
