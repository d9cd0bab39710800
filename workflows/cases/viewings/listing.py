"""Reading the openings, for those who watch over the watching."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from workflows.agencies.models import Agency, Person, Post
from workflows.cases.access import require
from workflows.cases.models import Case, CaseDocument, Notice
from workflows.cases.paging import check_limit, instant, read_cursor, whole, write_cursor
from workflows.cases.viewings.tables import Viewed, Viewing, Way
from workflows.cases.views import Named, Page
from workflows.cases.who_sees import find_watched_case
from workflows.clock import OFFICE_ZONE
from workflows.errors import FieldError, InvalidInputError
from workflows.permissions import Actor, Permission

MAX_TYPED = 64
EARLIEST = date(1970, 1, 1)
"""Nothing was opened before; the first days there are have no instant in UTC."""


@dataclass(frozen=True)
class ViewingQuery:
    """Which openings to list.

    Args:
        case_no: of this case, and of the parts it has.
        person: by this person, by user name or by name in full.
        from_on, to_on: on these days of the offices, both included.
        cursor: `next` of the page before.
        limit: 1 to 200.
    """

    case_no: str | None = None
    person: str | None = None
    from_on: date | None = None
    to_on: date | None = None
    cursor: str | None = None
    limit: int = 50


@dataclass(frozen=True)
class ViewingRow:
    """One opening.

    Args:
        person, post, agency: who, and the post they acted in; its `code` is the kind.
        principal: for whom, where they stood in for somebody.
        case_no: the case through which it was opened.
        kind, item_id, version, way: what was opened and how.
        name: of the paper; None for the audit administrator, who is shown nothing of a case.
        document_no: 文号 of an official document.
    """

    at: datetime
    person: Named
    post: Named
    agency: Named
    principal: Named | None
    case_no: str
    kind: Viewed
    item_id: int | None
    version: int | None
    way: Way
    name: str | None
    document_no: str | None


def list_viewings(session: Session, query: ViewingQuery, *, actor: Actor) -> Page[ViewingRow]:
    """List who opened what, the newest first.

    The supervision office may ask of a case; the audit administrator of any, or of all at once, and is shown the
    numbers of what was opened, never the case.

    Raises:
        PermissionDeniedError: the actor is neither, or supervises and names no case.
        NotFoundError: no such case.
        InvalidInputError: cursor of another list, limit out of range, the days in the wrong order (`to_on`).
    """
    conditions: list[ColumnElement[bool]] = []
    if query.case_no is None:
        require(actor, Permission.AUDIT_READ)
    else:
        case = find_watched_case(session, query.case_no, actor=actor)
        parts = select(Case.id).where(or_(Case.id == case.id, Case.parent_id == case.id))
        conditions.append(Viewing.case_id.in_(parts))
    check_limit(query.limit)
    conditions += _days(query)
    if query.person is not None:
        conditions.append(Viewing.person_id.in_(_persons(query.person)))
    after = read_cursor(query.cursor, "viewings", instant, whole)
    if after:
        at, key = after
        conditions.append(or_(Viewing.at < at, and_(Viewing.at == at, Viewing.id < key)))
    rows = session.execute(_newest(query.limit + 1).where(*conditions)).all()
    names = actor.may(Permission.CASE_SUPERVISE)
    items = tuple(_view(row, names=names) for row in rows[: query.limit])
    if len(rows) <= query.limit:
        return Page(items, None)
    last = rows[query.limit - 1].Viewing
    return Page(items, write_cursor("viewings", last.at.isoformat(), last.id))


def _days(query: ViewingQuery) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if query.from_on and query.to_on and query.to_on < query.from_on:
        raise InvalidInputError([FieldError("to_on", "before-start")])
    if query.from_on:
        found.append(Viewing.at >= datetime.combine(max(query.from_on, EARLIEST), time.min, OFFICE_ZONE))
    if query.to_on:
        found.append(Viewing.at <= datetime.combine(query.to_on, time.max, OFFICE_ZONE))
    return found


def _persons(said: str) -> Select[Any]:
    typed = said.strip() if said.isprintable() else ""
    named = or_(Person.username == typed.lower(), Person.name_zh == typed, func.lower(Person.name_en) == typed.lower())
    return select(Person.id).where(named)


def _newest(limit: int) -> Any:
    principal = aliased(Person)
    return (
        select(
            Viewing,
            Case.no,
            Person.username,
            Person.name_zh,
            Person.name_en,
            principal.username.label("principal"),
            principal.name_zh.label("principal_zh"),
            principal.name_en.label("principal_en"),
            Post.kind,
            Post.name_zh.label("post_zh"),
            Post.name_en.label("post_en"),
            Agency.code,
            Agency.short_zh,
            Agency.short_en,
            CaseDocument.name,
            Notice.document_no,
        )
        .join(Case, Case.id == Viewing.case_id)
        .join(Person, Person.id == Viewing.person_id)
        .join(Post, Post.id == Viewing.post_id)
        .join(Agency, Agency.id == Post.agency_id)
        .outerjoin(principal, principal.id == Viewing.on_behalf_of)
        .outerjoin(CaseDocument, and_(Viewing.kind == Viewed.PAPER.value, CaseDocument.id == Viewing.item_id))
        .outerjoin(Notice, and_(Viewing.kind == Viewed.NOTICE.value, Notice.id == Viewing.item_id))
        .order_by(Viewing.at.desc(), Viewing.id.desc())
        .limit(limit)
    )


def _view(row: Any, *, names: bool) -> ViewingRow:
    viewing: Viewing = row.Viewing
    return ViewingRow(
        at=viewing.at,
        person=Named(row.username, row.name_zh, row.name_en),
        post=Named(row.kind.value, row.post_zh, row.post_en),
        agency=Named(row.code, row.short_zh, row.short_en),
        principal=Named(row.principal, row.principal_zh, row.principal_en) if row.principal else None,
        case_no=row.no,
        kind=Viewed(viewing.kind),
        item_id=viewing.item_id,
        version=viewing.version,
        way=Way(viewing.way),
        name=row.name if names else None,
        document_no=row.document_no if names else None,
    )
