"""The list of cases, whole or by what is written in them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from workflows.agencies.models import Agency
from workflows.cases.access import require
from workflows.cases.limits import CALENDARS
from workflows.cases.listed import held_by, listed
from workflows.cases.models import ENDED, OPEN, Case, CaseStatus, HumanTask
from workflows.cases.paging import check_limit, read_cursor, whole, write_cursor
from workflows.cases.search.finding import Search, find
from workflows.cases.search.grams import understand
from workflows.cases.search.hits import hits_in
from workflows.cases.views import CaseRow, Page
from workflows.cases.whereabouts import steps_held
from workflows.clock import Clock
from workflows.deadlines import Light, WorkingCalendar, WorkingTime, light, remaining
from workflows.errors import FieldError, InvalidInputError
from workflows.permissions import Actor, Permission
from workflows.processes.models import ProcessVersion

STEP, STEPS = 500, 10
"""How many cases are looked at in one go for those with a light, and how often for one page; then what was found is
answered, with where to go on."""

_Stretch = tuple[list[tuple[int, CaseRow]], int | None]
"""Cases by their keys, and the key below which more of them follow."""


@dataclass(frozen=True)
class CaseQuery:
    """Which cases to list.

    Args:
        status: only cases in this status.
        measure: only cases of this responsibility line.
        light: only cases with this light.
        under_way: only cases that have not ended.
        holder: code of the agency that holds it now.
        q: words that must all be written in the case: its number, names, application, papers or official documents.
        cursor: `next` of the page before.
        limit: 1 to 200.
    """

    status: CaseStatus | None = None
    measure: str | None = None
    light: Light | None = None
    under_way: bool = False
    holder: str | None = None
    q: str | None = None
    cursor: str | None = None
    limit: int = 50


def list_cases(session: Session, query: CaseQuery, *, actor: Actor, clock: Clock) -> Page[CaseRow]:
    """List the cases the actor may see, newest first; children stand under their parents' pages, not here, unless
    the child is all the actor may see.

    Raises:
        InvalidInputError: cursor of another list, limit out of range, more words than are looked for (`q`), no such
            agency (`holder`).
    """
    require(actor, Permission.CASE_READ)
    check_limit(query.limit)
    filters: list[ColumnElement[bool]] = []
    if query.status:
        filters.append(Case.status == query.status)
    if query.measure:
        filters.append(Case.measure_no == query.measure)
    if query.under_way:
        filters.append(Case.status.not_in(ENDED))
    holder = _holder(session, query.holder) if query.holder else None
    after = read_cursor(query.cursor, "cases", whole)
    before_id: int | None = after[0] if after else None
    if query.q and query.q.strip():
        asked = understand(query.q)
        if asked is None:
            return Page((), None)
        if holder is not None:
            filters.append(held_by(actor, holder))
        search = Search(asked, actor, tuple(filters))
        step = query.limit + 1 if query.light is None else STEP
        found = _with_hits(session, search, _page(_found(session, search, before_id, step, clock), query))
        return _with_holders(session, found, actor)
    step = query.limit + 1 if query.light is None else STEP
    page = _page(_all(session, filters, holder, before_id, step, actor, clock), query)
    return _with_holders(session, page, actor)


def _holder(session: Session, code: str) -> int:
    found = session.scalar(select(Agency.id).where(Agency.code == code)) if code.isprintable() else None
    if found is None:
        raise InvalidInputError([FieldError("holder", "not-in-list")])
    return found


def _page(parts: Iterator[_Stretch], query: CaseQuery) -> Page[tuple[int, CaseRow]]:
    items: list[tuple[int, CaseRow]] = []
    before_id: int | None = None
    for part, below in parts:
        for case_id, row in part:
            if query.light is None or row.light is query.light:
                if len(items) == query.limit:
                    return Page(tuple(items), write_cursor("cases", items[-1][0]))
                items.append((case_id, row))
        before_id = below
    return Page(tuple(items), None if before_id is None else write_cursor("cases", before_id))


def _with_holders(session: Session, page: Page[tuple[int, CaseRow]], actor: Actor) -> Page[CaseRow]:
    held = steps_held(session, [case_id for case_id, _row in page.items], actor=actor)
    return Page(tuple(replace(row, held=held.get(case_id, ())) for case_id, row in page.items), page.next)


def _with_hits(session: Session, search: Search, page: Page[tuple[int, CaseRow]]) -> Page[tuple[int, CaseRow]]:
    ids = [case_id for case_id, _row in page.items]
    roots = session.execute(select(Case.id, func.coalesce(Case.parent_id, Case.id)).where(Case.id.in_(ids))).all()
    hits = hits_in(session, search, {row[0]: row[1] for row in roots}) if ids else {}
    return Page(tuple((case_id, replace(row, hits=hits.get(case_id, ()))) for case_id, row in page.items), page.next)


def _all(
    session: Session,
    filters: Sequence[ColumnElement[bool]],
    holder: int | None,
    before_id: int | None,
    limit: int,
    actor: Actor,
    clock: Clock,
) -> Iterator[_Stretch]:
    """Cases part by part, each with the key below which the next part begins."""
    for _ in range(STEPS):
        newest = listed(actor, filters, before=before_id, limit=limit, holder=holder)
        page = case_rows(session, [Case.id.in_(newest)], limit, clock)
        before_id = page[-1][0] if len(page) == limit else None
        yield page, before_id
        if before_id is None:
            return


def _found(session: Session, search: Search, before_id: int | None, limit: int, clock: Clock) -> Iterator[_Stretch]:
    for found in islice(find(session, search, before=before_id, limit=limit), STEPS):
        page = case_rows(session, [Case.id.in_(found.ids)], limit, clock) if found.ids else []
        yield page, found.below


def case_rows(session: Session, conditions: Sequence[Any], limit: int, clock: Clock) -> list[tuple[int, CaseRow]]:
    """Return the newest cases that meet conditions, by their keys; whose they are is among the conditions."""
    of_case = or_(HumanTask.case_id == Case.id, and_(HumanTask.root_id == Case.id, Case.parent_id.is_(None)))
    soonest = (
        select(HumanTask.due_at, HumanTask.limit_days)
        .where(of_case, HumanTask.status.in_(OPEN), HumanTask.due_at.is_not(None))
        .order_by(HumanTask.due_at, HumanTask.id)
        .limit(1)
    )
    due, days = (
        soonest.with_only_columns(column).scalar_subquery() for column in (HumanTask.due_at, HumanTask.limit_days)
    )
    query = (
        select(Case, ProcessVersion.key, due.label("due_at"), days.label("limit_days"))
        .join(ProcessVersion, ProcessVersion.id == Case.process_version_id)
        .where(*conditions)
        .order_by(Case.id.desc())
        .limit(limit)
    )
    rows = session.execute(query).all()
    calendar, now = CALENDARS.current(session), clock.now()
    return [(row.Case.id, _case_row(row, calendar, now)) for row in rows]


def _case_row(row: Any, calendar: WorkingCalendar, now: datetime) -> CaseRow:
    case: Case = row.Case
    waits = case.status in {CaseStatus.SUSPENDED, CaseStatus.WAITING_FOR_SUPPLEMENT}
    paused = waits or (case.status not in ENDED and row.due_at is None)
    return CaseRow(
        no=case.no,
        title=case.title,
        applicant_name=case.applicant_name,
        process_key=row.key,
        measure_no=case.measure_no,
        status=case.status,
        outcome=case.outcome,
        opened_at=case.opened_at,
        closed_at=case.closed_at,
        due_at=row.due_at,
        light=light(calendar, now, row.due_at, limit_days=row.limit_days, paused=paused),
        row_version=case.rev,
        remaining=None if paused or row.due_at is None else _left(row, calendar, now),
    )


def _left(row: Any, calendar: WorkingCalendar, now: datetime) -> WorkingTime:
    return remaining(calendar, now, row.due_at, limit_days=row.limit_days)
