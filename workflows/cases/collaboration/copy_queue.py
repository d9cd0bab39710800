"""抄送我: the copies an officer has been sent, as rows of a queue."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, func, literal, select
from sqlalchemy.orm import Session, aliased

from workflows.agencies.models import Agency, Person
from workflows.cases.collaboration.tables import CaseCopy
from workflows.cases.grounds import copied_to
from workflows.cases.models import Case, TaskRole
from workflows.cases.paging import read_cursor, whole, write_cursor
from workflows.cases.searching import contains
from workflows.cases.views import Named, Page, TaskRow
from workflows.deadlines import Light
from workflows.permissions import Actor, Permission

COPY_KEYS = 2**52
"""Queues name a copy by its key plus this, so that no copy is ever taken for a task; still exact as a JSON number."""

COPIED = "copied"
ACKNOWLEDGED = "acknowledged"
_NAME = Named("cc", "抄送", "Copy")

_Sender, _Reader, _ToPerson = aliased(Agency), aliased(Person), aliased(Person)


def list_copied(
    session: Session,
    *,
    actor: Actor,
    measure: str | None = None,
    q: str | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> Page[TaskRow]:
    """List what was copied to the actor or their agency, the newest first; one walk along one index.

    A row's key names the copy (`COPY_KEYS`), its status tells whether it was read.

    Raises:
        InvalidInputError: cursor of another list.
    """
    query = _rows().where(*copied_to(actor)).order_by(CaseCopy.id.desc()).limit(limit + 1)
    if measure is not None:
        query = query.where(Case.measure_no == measure)
    if q and q.strip():
        query = query.where(contains(q.strip(), Case.no, Case.applicant_name, Case.title))
    after = read_cursor(cursor, "cc", whole)
    if after:
        query = query.where(CaseCopy.id < after[0] - COPY_KEYS)
    rows = session.execute(query).all()
    items = tuple(_view(row, actor) for row in rows[:limit])
    return Page(items, write_cursor("cc", items[-1].id) if len(rows) > limit else None)


def copied_count(cap: int, *, actor: Actor) -> ColumnElement[int]:
    """Return the number of what was copied to the actor or their agency and not yet read, up to `cap`, as a column."""
    unread: ColumnElement[bool] = CaseCopy.acknowledged_at.is_(None)
    capped = select(literal(1).label("one")).select_from(CaseCopy).where(*copied_to(actor), unread).limit(cap)
    return select(func.count()).select_from(capped.subquery()).scalar_subquery()


def _rows() -> Any:
    return (
        select(CaseCopy, Case, Agency, _Sender, _Reader, _ToPerson)
        .join(Case, Case.id == CaseCopy.case_id)
        .join(Agency, Agency.id == CaseCopy.agency_id)
        .join(_Sender, _Sender.id == CaseCopy.sent_by_agency_id)
        .outerjoin(_Reader, _Reader.id == CaseCopy.acknowledged_by_person_id)
        .outerjoin(_ToPerson, _ToPerson.id == CaseCopy.person_id)
    )


def _view(row: Any, actor: Actor) -> TaskRow:
    copy, case, agency, sender, reader, to = row
    person = reader or to
    unread = copy.acknowledged_at is None
    return TaskRow(
        id=COPY_KEYS + copy.id,
        case_id=case.id,
        case_no=case.no,
        case_title=case.title,
        applicant_name=case.applicant_name,
        measure_no=case.measure_no,
        node_id="cc",
        name=_NAME,
        agency=Named(agency.code, agency.short_zh, agency.short_en),
        from_agency=Named(sender.code, sender.short_zh, sender.short_en),
        role=TaskRole.CC,
        status=COPIED if unread else ACKNOWLEDGED,
        assignee=person.name_zh if person else None,
        assignee_en=person.name_en if person else None,
        assignee_person_id=person.id if person else None,
        claimed_at=None,
        created_at=copy.sent_at,
        completed_at=copy.acknowledged_at,
        voided=False,
        decision=None,
        limit_days=None,
        due_at=None,
        overdue_at=None,
        light=Light.GREEN,
        remaining=None,
        row_version=1 if unread else 2,
        actions=(),
        verbs=("acknowledge",) if unread and actor.may(Permission.CASE_COPY) else (),
    )
