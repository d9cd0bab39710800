"""The register of an agency's documents: what was issued under which 文号, and what was voided why."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows import audit
from workflows.cases.access import require
from workflows.cases.complete_task import check_text
from workflows.cases.models import Case, Notice
from workflows.cases.official.reading import notice_rows, notice_view
from workflows.cases.paging import check_limit, read_cursor, whole, write_cursor
from workflows.cases.searching import contains
from workflows.cases.views import NoticeRow, Page
from workflows.clock import Clock
from workflows.errors import FieldError, InvalidInputError, NotFoundError, StateConflictError
from workflows.events import EventType
from workflows.permissions import Actor, Permission

_LIST = "register"


@dataclass(frozen=True)
class RegisterQuery:
    """Which lines of the register.

    Args:
        year: only those of one year's register.
        kind: only documents of one kind, such as `acceptance`.
        q: part of a 文号, a case number or the addressee.
        cursor: `next` of the page before.
        limit: 1 to 200.
    """

    year: int | None = None
    kind: str | None = None
    q: str | None = None
    cursor: str | None = None
    limit: int = 50


def list_register(session: Session, query: RegisterQuery, *, actor: Actor) -> Page[NoticeRow]:
    """List the register of the actor's agency, the last number first, void ones included.

    Raises:
        InvalidInputError: cursor of another list, limit out of range.
    """
    require(actor, Permission.REGISTER_READ)
    check_limit(query.limit)
    statement = notice_rows().where(Notice.issuer_agency_id == actor.agency_id, Notice.register_year.is_not(None))
    if query.year is not None:
        statement = statement.where(Notice.register_year == query.year)
    if query.kind is not None:
        statement = statement.where(Notice.kind == query.kind)
    if query.q and query.q.strip():
        statement = statement.where(contains(query.q.strip(), Notice.document_no, Case.no, Case.applicant_name))
    after = read_cursor(query.cursor, _LIST, whole, whole)
    if after:
        year, number = after
        beyond = (Notice.register_year == year) & (Notice.register_number < number)
        statement = statement.where((Notice.register_year < year) | beyond)
    rows = session.execute(
        statement.order_by(Notice.register_year.desc(), Notice.register_number.desc()).limit(query.limit + 1)
    ).all()
    shown = rows[: query.limit]
    last: Notice | None = shown[-1].Notice if shown else None
    more = last is not None and len(rows) > query.limit
    cursor = write_cursor(_LIST, last.register_year, last.register_number) if more and last else None
    return Page(tuple(notice_view(row) for row in shown), cursor)


def void_notice(session: Session, notice_id: int, *, reason: str, actor: Actor, clock: Clock) -> NoticeRow:
    """作废: a number is void from now on, stays in the register with the reason, and is never given again.

    Raises:
        NotFoundError: no such line in the register of the actor's agency.
        StateConflictError: void already.
        InvalidInputError: no reason, or one too long.
    """
    require(actor, Permission.REGISTER_VOID)
    text = reason.strip()
    if not text:
        raise InvalidInputError([FieldError("reason", "required")])
    check_text(text, "reason")
    notice = session.scalar(
        select(Notice).where(Notice.id == notice_id, Notice.issuer_agency_id == actor.agency_id).with_for_update()
    )
    if notice is None or notice.register_year is None:
        raise NotFoundError("notice", notice_id)
    if notice.voided_at is not None:
        raise StateConflictError("notice", notice.document_no, "void", "void")
    notice.voided_at, notice.voided_by_person_id, notice.void_reason = clock.now(), actor.person_id, text
    session.flush()
    audit.append(
        session,
        actor=actor,
        event=EventType.NOTICE_VOIDED,
        case_id=notice.case_id,
        payload={"notice": notice.kind, "no": notice.document_no, "reason": text},
        clock=clock,
    )
    return notice_view(session.execute(notice_rows().where(Notice.id == notice_id)).one())
