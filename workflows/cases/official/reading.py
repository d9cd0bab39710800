"""Official documents as pages and API show them: those told to the reader, those of a case, one of them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from workflows.agencies.models import Agency
from workflows.cases.access import get_visible_case, require, visible_among
from workflows.cases.models import Case, Notice
from workflows.cases.paging import check_limit, read_cursor, whole, write_cursor
from workflows.cases.views import Named, NoticeRow, Page
from workflows.errors import NotFoundError
from workflows.permissions import Actor, Permission

_Issuer = aliased(Agency)


def list_notices(session: Session, *, actor: Actor, cursor: str | None = None, limit: int = 50) -> Page[NoticeRow]:
    """List the official documents told to the actor's agency, newest first.

    Raises:
        InvalidInputError: cursor of another list, limit out of range.
    """
    require(actor, Permission.CASE_READ)
    check_limit(limit)
    query = notice_rows().where(Notice.to_agency_id == actor.agency_id).order_by(Notice.id.desc()).limit(limit + 1)
    after = read_cursor(cursor, "notices", whole)
    if after:
        query = query.where(Notice.id < after[0])
    rows = session.execute(query).all()
    items = tuple(notice_view(row) for row in rows[:limit])
    return Page(items, write_cursor("notices", items[-1].id) if len(rows) > limit else None)


def list_case_notices(session: Session, case_no: str, *, actor: Actor) -> tuple[NoticeRow, ...]:
    """List the official documents of a case, oldest first.

    Raises:
        NotFoundError: no such case for the actor.
    """
    require(actor, Permission.CASE_READ)
    return notices_of(session, get_visible_case(session, case_no, actor=actor))


def get_notice(session: Session, notice_id: int, *, actor: Actor, case_no: str | None = None) -> NoticeRow:
    """Return one official document of a case the actor may see.

    Args:
        session: read only.
        notice_id: the document.
        actor: who reads.
        case_no: the case it must belong to, if that is said.

    Raises:
        NotFoundError: no such document for the actor.
    """
    require(actor, Permission.CASE_READ)
    row = session.execute(notice_rows().where(Notice.id == notice_id, visible_among(actor))).one_or_none()
    if row is None or case_no not in (None, row.no):
        raise NotFoundError("notice", notice_id)
    return notice_view(row)


def notices_of(session: Session, case: Case) -> tuple[NoticeRow, ...]:
    """Return the documents of a case; the caller has checked that the reader may see it."""
    rows = session.execute(notice_rows().where(Notice.case_id == case.id).order_by(Notice.id))
    return tuple(notice_view(row) for row in rows)


def notice_rows() -> Any:
    """Return the query of documents with their cases and issuers."""
    return (
        select(Notice, Case.no, Case.applicant_name, _Issuer.code, _Issuer.short_zh, _Issuer.short_en)
        .join(Case, Case.id == Notice.case_id)
        .outerjoin(_Issuer, _Issuer.id == Notice.issuer_agency_id)
    )


def notice_view(row: Any) -> NoticeRow:
    """Return a row of `notice_rows` as it is shown."""
    notice: Notice = row.Notice
    return NoticeRow(
        id=notice.id,
        case_no=row.no,
        kind=notice.kind,
        number=notice.number,
        facts=notice.facts,
        issued_at=notice.issued_at,
        document_no=notice.document_no,
        issuer=Named(row.code, row.short_zh, row.short_en) if row.code else None,
        to=(notice.content or {}).get("to") or row.applicant_name,
        voided_at=notice.voided_at,
        void_reason=notice.void_reason,
    )
