"""Official documents (公文) of a case, and the register of the caller's agency."""

from __future__ import annotations

from flask import Response

from webapp import wording
from webapp.adapters.file_kinds import DOCX, PDF
from webapp.api.endpoint import Call, Routes
from webapp.api.v1.blueprint import blueprint
from webapp.api.v1.content.base import Because, PageQuery
from webapp.api.v1.content.notices import (
    ApprovalSheet,
    Notice,
    NoticeList,
    RegisterListQuery,
    approval_content,
    notice,
    notice_list,
)
from webapp.api.v1.paging import page_of
from webapp.documents.approval import approval_sheet
from webapp.documents.making import make, make_notice
from webapp.documents.sending import Form, send_paper
from webapp.viewings import approval_opened, case_opened, note_opened, notice_opened
from workflows import cases
from workflows.cases.viewings.tables import Way
from workflows.permissions import Permission

routes = Routes(blueprint, "Official documents")


@routes.get("/cases/<case_no:no>/notices", Permission.CASE_READ, query=PageQuery, answer=NoticeList)
def list_case_notices(call: Call, no: str, query: PageQuery) -> NoticeList:
    """List the official documents of a case, oldest first."""
    rows = cases.list_case_notices(call.session, no, actor=call.actor)
    shown, following = page_of(rows, lambda row: str(row.id), query)
    found = NoticeList(items=[notice(row, call.language) for row in shown], next=following)
    note_opened(case_opened(no), call.actor)
    return found


@routes.get("/cases/<case_no:no>/notices/<key:notice_id>", Permission.CASE_READ, answer=Notice)
def get_notice(call: Call, no: str, notice_id: int) -> Notice:
    """Get an official document of a case."""
    found = notice(cases.get_notice(call.session, notice_id, actor=call.actor, case_no=no), call.language)
    note_opened(notice_opened(no, notice_id, Way.SHOWN), call.actor)
    return found


@routes.get("/cases/<case_no:no>/notices/<key:notice_id>.pdf", Permission.CASE_READ, files=(PDF.media_type,))
def get_notice_pdf(call: Call, no: str, notice_id: int) -> Response:
    """Download an official document as PDF."""
    return _send(call, no, notice_id, "pdf")


@routes.get("/cases/<case_no:no>/notices/<key:notice_id>.docx", Permission.CASE_READ, files=(DOCX.media_type,))
def get_notice_docx(call: Call, no: str, notice_id: int) -> Response:
    """Download an official document as a Word file."""
    return _send(call, no, notice_id, "docx")


@routes.get("/cases/<case_no:no>/approval", Permission.CASE_READ, answer=ApprovalSheet)
def get_approval_sheet(call: Call, no: str) -> ApprovalSheet:
    """Get the approval sheet (呈批表) of a case as it stands; there is none for applicants."""
    sheet = approval_content(approval_sheet(call.session, no, actor=call.actor, clock=call.clock))
    note_opened(approval_opened(no, Way.SHOWN), call.actor)
    return sheet


@routes.get("/cases/<case_no:no>/approval.pdf", Permission.CASE_READ, files=(PDF.media_type,))
def get_approval_pdf(call: Call, no: str) -> Response:
    """Download the approval sheet as PDF."""
    return _send_sheet(call, no, "pdf")


@routes.get("/cases/<case_no:no>/approval.docx", Permission.CASE_READ, files=(DOCX.media_type,))
def get_approval_docx(call: Call, no: str) -> Response:
    """Download the approval sheet as a Word file."""
    return _send_sheet(call, no, "docx")


def _send(call: Call, no: str, notice_id: int, form: Form) -> Response:
    row = cases.get_notice(call.session, notice_id, actor=call.actor, case_no=no)
    name = f"{row.document_no or row.case_no} {wording.notice_kind(row.kind)}"
    answer = send_paper(make_notice(row.id), form, name)
    note_opened(notice_opened(no, notice_id, Way.DOWNLOADED), call.actor)
    return answer


def _send_sheet(call: Call, no: str, form: Form) -> Response:
    sheet = approval_sheet(call.session, no, actor=call.actor, clock=call.clock)
    answer = send_paper(make(sheet), form, f"{no} 呈批表")
    note_opened(approval_opened(no, Way.DOWNLOADED), call.actor)
    return answer


@routes.get("/documents/register", Permission.REGISTER_READ, query=RegisterListQuery, answer=NoticeList)
def list_register(call: Call, query: RegisterListQuery) -> NoticeList:
    """List the register of the caller's agency, the last 文号 first; void ones stay in it."""
    asked = cases.RegisterQuery(query.year, query.kind, query.q, query.cursor, query.limit)
    return notice_list(cases.list_register(call.session, asked, actor=call.actor), call.language)


@routes.post("/documents/register/<key:notice_id>/void", Permission.REGISTER_VOID, body=Because, answer=Notice)
def void_notice(call: Call, notice_id: int, body: Because) -> Notice:
    """Void a 文号 (作废) with a reason; it is never given again."""
    row = cases.void_notice(call.session, notice_id, reason=body.reason, actor=call.actor, clock=call.clock)
    return notice(row, call.language)
