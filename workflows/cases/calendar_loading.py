"""Loading a later holiday notice: seen before it is done, and then every open limit it touches is counted anew."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from workflows import audit, outbox
from workflows.cases.access import require
from workflows.cases.aggregate import lock_family
from workflows.cases.limits import CALENDARS
from workflows.cases.models import ENDED, OPEN, Case, HumanTask
from workflows.cases.recount import recount_case, recount_tasks
from workflows.clock import OFFICE_ZONE, Clock
from workflows.deadlines import CalendarDraft, draft_notice, load_notice, read_notice
from workflows.deadlines.calendar import ONE_DAY
from workflows.errors import ConcurrencyError
from workflows.events import EventType
from workflows.permissions import Actor, Permission

BATCH = 100
TOPIC = "calendar.recount"


@dataclass(frozen=True)
class CalendarPreview:
    """What loading a notice would bring about.

    Args:
        tasks: how many open tasks' limits it may touch.
        cases: how many limits of whole cases it may touch.
    """

    draft: CalendarDraft
    tasks: int
    cases: int


def preview_calendar(session: Session, text: str, *, actor: Actor | None) -> CalendarPreview:
    """Tell what loading a notice would change; nothing is changed.

    Args:
        session: for reading.
        text: the notice, as `workflows.deadlines.notice_text` has it.
        actor: who asks, or None for whoever runs a command on the machine.

    Raises:
        InvalidInputError: naming each field that is wrong.
    """
    if actor is not None:
        require(actor, Permission.CALENDAR_LOAD)
    draft = draft_notice(session, read_notice(text), CALENDARS.current(session))
    span = draft.span
    if span is None:
        return CalendarPreview(draft, 0, 0)
    tasks = select(func.count()).select_from(HumanTask).where(_task_touched(span))
    cases = select(func.count()).select_from(Case).where(_case_touched(span))
    return CalendarPreview(draft, session.scalar(tasks) or 0, session.scalar(cases) or 0)


def load_calendar(
    session: Session, text: str, *, base_version: int | None, actor: Actor | None, clock: Clock
) -> CalendarPreview:
    """Load a notice as the next calendar version, and have the open limits it touches counted anew.

    New limits count by it at once. The open ones follow in batches after the commit (outbox topic `calendar.recount`);
    none of them expires by the earlier calendar in between.

    Args:
        session: the transaction.
        text: the notice.
        base_version: the calendar version that was looked at; None does not ask.
        actor: who loads it, or None for whoever runs a command on the machine.
        clock: tells when.

    Raises:
        InvalidInputError: naming each field that is wrong.
        ConcurrencyError: another version has been loaded since `base_version`.
    """
    preview = preview_calendar(session, text, actor=actor)
    draft = preview.draft
    if base_version not in (None, draft.base_version):
        raise ConcurrencyError("calendar", draft.base_version)
    number = load_notice(session, draft.notice, clock=clock)
    payload = {
        "version": number,
        "reference": draft.notice.reference,
        "years": sorted(draft.notice.years),
        "days": [[change.on.isoformat(), *change.worked] for change in draft.changes],
    }
    audit.append(session, actor=actor, event=EventType.CALENDAR_LOADED, payload=payload, clock=clock)
    if draft.span is not None:
        _recount_from(session, number, draft.span, 0, clock)
    return preview


def recount_touched(session: Session, payload: Mapping[str, Any], clock: Clock) -> None:
    """Count one batch of touched limits anew, and queue the next (outbox topic `calendar.recount`)."""
    span = (date.fromisoformat(payload["first"]), date.fromisoformat(payload["last"]))
    calendar = CALENDARS.current(session)
    task = select(HumanTask.id).where(HumanTask.root_id == Case.id, _task_touched(span)).exists()
    roots = session.scalars(
        select(Case.id)
        .where(
            Case.id > payload["after"],
            Case.parent_id.is_(None),
            Case.closed_at.is_(None),
            or_(_case_touched(span), task),
        )
        .order_by(Case.id)
        .limit(BATCH)
    ).all()
    for root_id in roots:
        family = lock_family(session, root_id)
        if family.status not in ENDED:
            recount_tasks(session, root_id, calendar, "calendar", actor=None, clock=clock)
            recount_case(session, root_id, calendar, "calendar", actor=None, clock=clock)
    if len(roots) == BATCH:
        _recount_from(session, int(payload["version"]), span, roots[-1], clock)


def _recount_from(session: Session, version: int, span: tuple[date, date], after: int, clock: Clock) -> None:
    first, last = span
    payload = {"version": version, "first": first.isoformat(), "last": last.isoformat(), "after": after}
    outbox.enqueue(session, topic=TOPIC, key=f"{TOPIC}:{version}:{after}", payload=payload, clock=clock)


def _task_touched(span: tuple[date, date]) -> ColumnElement[bool]:
    """Open, with a limit between whose start and end some changed date lies; coarse, the recount looks closely."""
    first, last = _instants(span)
    return and_(HumanTask.status.in_(OPEN), HumanTask.due_at >= first, HumanTask.received_at < last)


def _case_touched(span: tuple[date, date]) -> ColumnElement[bool]:
    first, last = _instants(span)
    return and_(Case.closed_at.is_(None), Case.due_at >= first, Case.accepted_at < last)


def _instants(span: tuple[date, date]) -> tuple[datetime, datetime]:
    return _midnight(span[0]), _midnight(span[1] + ONE_DAY)


def _midnight(on: date) -> datetime:
    return datetime.combine(on, time(), OFFICE_ZONE).astimezone(UTC)
