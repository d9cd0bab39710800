"""Routes of official documents: the print view, and the same as Word and PDF; the approval sheet in all three."""

from __future__ import annotations

from flask import Blueprint, Response, render_template

from webapp import wording
from webapp.context import clock
from webapp.documents.approval import approval_sheet
from webapp.documents.making import make, make_notice
from webapp.documents.sending import Form, send_paper
from webapp.transaction import reading
from webapp.ui.acting import get_actor, needs
from webapp.viewings import approval_opened, note_opened, notice_opened
from workflows.cases.official.reading import get_notice
from workflows.cases.viewings.tables import Way
from workflows.permissions import Permission


def add_routes(blueprint: Blueprint) -> None:
    """Add the routes."""
    rule, file = "/cases/<no>/notices/<key:notice_id>", "<any(pdf, docx):form>"
    blueprint.add_url_rule(rule, "notice", _notice)
    blueprint.add_url_rule(f"{rule}.{file}", "notice_file", _notice_file)
    blueprint.add_url_rule("/cases/<no>/approval", "approval", _approval)
    blueprint.add_url_rule(f"/cases/<no>/approval.{file}", "approval_file", _approval_file)


@needs(Permission.CASE_READ)
def _notice(no: str, notice_id: int) -> str:
    """Show an official document, ready for the printer."""
    notice = get_notice(reading(), notice_id, actor=get_actor(), case_no=no)
    page = render_template("notices/notice.html", notice=notice, paper=make_notice(notice.id))
    note_opened(notice_opened(no, notice_id, Way.SHOWN), get_actor())
    return page


@needs(Permission.CASE_READ)
def _notice_file(no: str, notice_id: int, form: Form) -> Response:
    """Send an official document."""
    notice = get_notice(reading(), notice_id, actor=get_actor(), case_no=no)
    name = f"{notice.document_no or notice.case_no} {wording.notice_kind(notice.kind)}"
    answer = send_paper(make_notice(notice.id), form, name)
    note_opened(notice_opened(no, notice_id, Way.DOWNLOADED), get_actor())
    return answer


@needs(Permission.CASE_READ)
def _approval(no: str) -> str:
    """Show the approval sheet, ready for the printer."""
    sheet = approval_sheet(reading(), no, actor=get_actor(), clock=clock())
    page = render_template("notices/approval.html", sheet=sheet)
    note_opened(approval_opened(no, Way.SHOWN), get_actor())
    return page


@needs(Permission.CASE_READ)
def _approval_file(no: str, form: Form) -> Response:
    """Send the approval sheet as the case stands."""
    sheet = approval_sheet(reading(), no, actor=get_actor(), clock=clock())
    answer = send_paper(make(sheet), form, f"{no} 呈批表")
    note_opened(approval_opened(no, Way.DOWNLOADED), get_actor())
    return answer
