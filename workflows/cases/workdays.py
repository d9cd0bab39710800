"""The working calendar as the engine asks for it, when a diagram's timer counts working days."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from workflows.cases.limits import CALENDARS
from workflows.clock import office_date
from workflows.deadlines import deadline, due_at
from workflows.engine import Workdays


def workdays(session: Session) -> Workdays:
    """Return the count of working days by the current calendar, which is read only if a timer asks."""

    def count(start: datetime, days: int) -> datetime:
        return due_at(deadline(CALENDARS.current(session), office_date(start), days).due_on)

    return count
