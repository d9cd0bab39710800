"""Official documents and the register their numbers come from."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

from flask_babel import force_locale
from pydantic import Field

from webapp import wording
from webapp.api.sentences import Language
from webapp.api.v1.content.base import Agency, Code, Outgoing, PageQuery, QueryInt, agency_of
from webapp.documents.fields import ApprovalSheet as Sheet
from workflows.cases.views import NoticeRow, Page

Kind = Literal["acceptance", "supplement", "not_accepted", "completion", "withdrawn", "deemed_withdrawn"]


class Notice(Outgoing):
    """An official document told to the applicant."""

    id: int
    case_no: str
    kind: str
    title: str
    """Its kind in words."""
    document_no: str | None
    """Its 文号, from the issuer's register."""
    issuer: Agency | None
    to: str
    number: int
    """Counts the documents of one kind in one case."""
    facts: dict[str, Any]
    issued_at: datetime
    voided_at: datetime | None
    void_reason: str | None


class NoticeList(Outgoing):
    """Official documents."""

    items: list[Notice]
    next: str | None


class RegisterListQuery(PageQuery):
    """Which lines of the register."""

    year: Annotated[QueryInt, Field(ge=1990, le=9999)] | None = None
    kind: Kind | None = None
    q: Code | None = None
    """Part of a 文号, a case number or the addressee."""


class ApprovalNote(Outgoing):
    """What somebody wrote on a case."""

    text: str
    by: str
    on: date


class ApprovalSheet(Outgoing):
    """The approval sheet (呈批表) of a case as it stands; its words are Chinese, as the sheet is."""

    case_no: str
    title: str
    sender: str
    document_no: str
    received_on: date
    leads: str
    supports: str
    handler: str
    due_on: date | None
    summary: str
    attachments: str
    draft: list[ApprovalNote]
    countersign: list[ApprovalNote]
    review: list[ApprovalNote]
    instruction: list[ApprovalNote]
    result: list[ApprovalNote]


def approval_content(sheet: Sheet) -> ApprovalSheet:
    """Return an approval sheet as content."""
    notes = {
        section: [ApprovalNote(text=note.text, by=note.by, on=note.on) for note in found]
        for section, found in sheet.notes.items()
    }
    facts = {name: getattr(sheet, name) for name in ApprovalSheet.model_fields if name not in notes}
    return ApprovalSheet.model_validate({**facts, **notes})


def notice(row: NoticeRow, language: Language) -> Notice:
    """Return a document as content."""
    with force_locale(language):
        title = wording.notice_kind(row.kind)
    return Notice(
        id=row.id,
        case_no=row.case_no,
        kind=row.kind,
        title=title,
        document_no=row.document_no,
        issuer=agency_of(row.issuer, language),
        to=row.to,
        number=row.number,
        facts=dict(row.facts),
        issued_at=row.issued_at,
        voided_at=row.voided_at,
        void_reason=row.void_reason,
    )


def notice_list(page: Page[NoticeRow], language: Language) -> NoticeList:
    """Return a page of documents as content."""
    return NoticeList(items=[notice(row, language) for row in page.items], next=page.next)
