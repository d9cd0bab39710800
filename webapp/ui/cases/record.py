"""办理记录: who did what, on which day, and where somebody said why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import url_for
from sqlalchemy.orm import Session

from webapp.ui.cases.history import Names, event_line
from webapp.ui.cases.models import EventLine
from webapp.ui.cases.opened import OpenedCase
from workflows.cases.reading import list_events
from workflows.cases.views import EventRow

EVENTS = 200


@dataclass(frozen=True)
class Record:
    """What the tab shows."""

    events: tuple[EventLine, ...]
    more_address: str | None


def build(session: Session, case: OpenedCase) -> Record:
    """Gather what the tab shows."""
    events = list_events(session, case.no, actor=case.actor, cursor=case.cursor, limit=EVENTS)
    more = url_for("pages.cases.detail", no=case.no, tab="record", cursor=events.next) if events.next else None
    return Record(newest_first(events.items, case.names), more)


def newest_first(events: Sequence[EventRow], names: Names) -> tuple[EventLine, ...]:
    """Return the facts in words, the latest on top."""
    return tuple(event_line(event, names) for event in reversed(events))
