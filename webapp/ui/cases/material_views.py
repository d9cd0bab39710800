"""Routes of papers: add, download, look at, send back."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from webapp.context import clock, quota
from webapp.downloads import can_show, download, file_of, show
from webapp.transaction import reading, writing
from webapp.translation import _
from webapp.ui.acting import get_actor, needs
from webapp.ui.cases.attempt import Attempt
from webapp.ui.cases.materials import key_of
from webapp.ui.cases.uploads import Where, new_document, take_upload, where
from webapp.ui.language import pick
from webapp.ui.problems import Problem, problems
from webapp.viewings import note_opened, paper_opened
from workflows.cases.documents import add_document as add_to_case
from workflows.cases.documents import get_readable, require_room
from workflows.cases.materials.reading import list_materials
from workflows.cases.materials.send_back import SendBack, send_back, undo_send_back
from workflows.cases.viewings.tables import Way
from workflows.errors import InvalidInputError, NotFoundError
from workflows.permissions import Permission

ShowPage = Callable[[str, Attempt], str]

PREVIEW_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""As everywhere, and the paper itself in a frame."""


def add_routes(blueprint: Blueprint, show_page: ShowPage) -> None:
    """Put the routes of papers on the cases' blueprint; `show_page` shows the case with what did not pass."""

    @blueprint.post("/cases/<no>/documents")
    @needs(Permission.DOCUMENT_ADD)
    def add_document(no: str) -> AnyResponse | tuple[str, int]:
        """Add a paper to a case: on a line of its checklist, or beside it."""
        actor, place = get_actor(), where()
        require_room(reading(), no, actor=actor)
        try:
            document = new_document(take_upload(), place)
            with writing() as session:
                added = add_to_case(session, no, document, actor=actor, clock=clock(), quota=quota())
        except InvalidInputError as error:
            return show_page(no, _attempt(no, "upload", place, error)), 422
        flash(_("已上传“%(name)s”", name=added.name), "done")
        return redirect(_back(no, place))

    @blueprint.get("/cases/<no>/documents/<key:document_id>")
    @needs(Permission.CASE_READ)
    def document(no: str, document_id: int) -> Response:
        """Send a paper as a download."""
        row = get_readable(reading(), no, document_id, actor=get_actor())
        answer = download(file_of(row))
        note_opened(paper_opened(no, row, Way.DOWNLOADED), get_actor())
        return answer

    @blueprint.get("/cases/<no>/documents/<key:document_id>/preview")
    @needs(Permission.CASE_READ)
    def preview(no: str, document_id: int) -> AnyResponse:
        """Show a PDF or a picture in a page of its own."""
        row = get_readable(reading(), no, document_id, actor=get_actor())
        if not can_show(row.media_type):
            raise NotFoundError("document", document_id)
        answer = make_response(render_template("cases/preview.html", document=row, no=no))
        answer.headers["Content-Security-Policy"] = PREVIEW_POLICY
        return answer

    @blueprint.get("/cases/<no>/documents/<key:document_id>/content")
    @needs(Permission.CASE_READ)
    def content(no: str, document_id: int) -> Response:
        """Send a PDF or a picture to the frame of its page."""
        row = get_readable(reading(), no, document_id, actor=get_actor())
        answer = show(file_of(row))
        note_opened(paper_opened(no, row, Way.SHOWN), get_actor())
        return answer

    @blueprint.post("/cases/<no>/materials/send-back")
    @needs(Permission.MATERIAL_REVIEW)
    def send_material_back(no: str) -> AnyResponse | tuple[str, int]:
        """Send a line of the checklist back; the applicant is told with the decision."""
        place, form = where(), request.form
        command = SendBack(no, place.item or "", form.get("problem", ""), form.get("requirement"), place.subject)
        try:
            with writing() as session:
                send_back(session, command, actor=get_actor(), clock=clock())
        except InvalidInputError as error:
            return show_page(no, _attempt(no, "send-back", place, error)), 422
        flash(_("已标为退补；选“一次性告知补正”提交后告知申请人"), "done")
        return redirect(_back(no, place))

    @blueprint.post("/cases/<no>/materials/undo-send-back")
    @needs(Permission.MATERIAL_REVIEW)
    def undo_material_send_back(no: str) -> AnyResponse:
        """Take back a sending back."""
        place = where()
        with writing() as session:
            undo_send_back(session, no, place.item or "", subject=place.subject, actor=get_actor(), clock=clock())
        flash(_("已撤销退补"), "done")
        return redirect(_back(no, place))


def _attempt(no: str, verb: str, place: Where, error: InvalidInputError) -> Attempt:
    """What did not pass, on the line it was tried on."""
    given = list_materials(reading(), no, actor=get_actor())
    key = key_of(given, place.item, place.subject)
    title = next((line.title for line in given.lines if line.item == place.item), None)
    name = pick(title.zh, title.en) if title else _("上传材料")
    labels = {"problem": _("问题"), "requirement": _("要求")}
    found = problems(
        error.errors,
        label_of=lambda path: labels.get(path, name),
        anchor_of=lambda path: f"{key}-{path if path in labels else 'file'}",
    )
    placed = tuple(
        Problem(one.anchor, one.label, one.text, f"{key}-{one.path if one.path in labels else 'file'}") for one in found
    )
    values = {f"{key}-{name}": request.form.get(name, "") for name in labels}
    return Attempt("materials", verb=verb, problems=placed, values=values)


def _back(no: str, place: Where) -> str:
    task_id = request.form.get("task", type=int)
    if task_id is not None:
        return url_for("pages.tasks.detail", task_id=task_id, queue="mine", _anchor="materials")
    key = key_of(list_materials(reading(), no, actor=get_actor()), place.item, place.subject)
    return url_for("pages.cases.detail", no=no, tab="materials", _anchor="files" if key == "other" else key)
