"""Routes of an application that is being put together: its form, its papers, the check, the sending."""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from webapp.context import clock, config, quota
from webapp.scanning import scan_rule
from webapp.transaction import reading, writing
from webapp.translation import _
from webapp.ui.acting import get_actor, needs
from webapp.ui.applications.filling import Answer, fill_in, form_page, problems_of
from webapp.ui.applications.models import DraftPage
from webapp.ui.applications.process import applicable, first_agency
from webapp.ui.cases.uploads import Where, take_upload, where
from webapp.ui.forms import answers
from webapp.ui.groups import group_options
from webapp.ui.language import pick
from webapp.ui.problems import Problem, problems
from workflows.cases.materials.drafts import (
    DraftView,
    NewPaper,
    add_paper,
    discard_application,
    get_application,
    remove_paper,
    require_application,
    submit_application,
)
from workflows.clock import office_date
from workflows.errors import FieldError, InvalidInputError
from workflows.permissions import Permission

PAPER = "materials."


def add_routes(blueprint: Blueprint) -> None:
    """Put the routes on the applications' blueprint."""

    @blueprint.route("/apply/drafts/<key:draft_id>/form", methods=["GET", "POST"])
    @needs(Permission.CASE_OPEN)
    def edit(draft_id: int) -> Answer:
        """Change what was filled in."""
        draft = get_application(reading(), draft_id, actor=get_actor())
        if draft.case_no is not None:
            return _to_receipt(draft.case_no)
        return fill_in(applicable(reading(), draft.process_key), draft_id, draft.data)

    @blueprint.get("/apply/drafts/<key:draft_id>")
    @needs(Permission.CASE_OPEN)
    def papers(draft_id: int) -> Answer:
        """Lay the papers to it, one by one."""
        draft = get_application(reading(), draft_id, actor=get_actor())
        if draft.case_no is not None:
            return _to_receipt(draft.case_no)
        return _papers(draft)

    @blueprint.post("/apply/drafts/<key:draft_id>/papers")
    @needs(Permission.CASE_OPEN)
    def lay(draft_id: int) -> Answer:
        """Lay a paper to it."""
        actor, place = get_actor(), where()
        require_application(reading(), draft_id, actor=actor)
        try:
            taken = take_upload()
            paper = NewPaper(
                item=place.item or "",
                subject=place.subject,
                name=taken.name,
                media_type=taken.media_type,
                size=taken.stored.size,
                sha256=taken.stored.sha256,
                scan=scan_rule(),
            )
            with writing() as session:
                add_paper(session, draft_id, paper, actor=actor, clock=clock(), quota=quota())
        except InvalidInputError as error:
            draft = get_application(reading(), draft_id, actor=actor)
            errors = [replace(one, field=_path(place)) for one in error.errors]
            return _papers(draft, _problems(draft, errors)), 422
        flash(_("已上传“%(name)s”", name=taken.name), "done")
        draft = get_application(reading(), draft_id, actor=actor)
        return redirect(url_for("pages.applications.papers", draft_id=draft_id, _anchor=_anchor(draft, _path(place))))

    @blueprint.post("/apply/drafts/<key:draft_id>/papers/<key:paper_id>/remove")
    @needs(Permission.CASE_OPEN)
    def take_off(draft_id: int, paper_id: int) -> Response:
        """Take a paper off again."""
        with writing() as session:
            remove_paper(session, draft_id, paper_id, actor=get_actor())
        flash(_("已删去，没有提交"), "done")
        return redirect(url_for("pages.applications.papers", draft_id=draft_id))

    @blueprint.get("/apply/drafts/<key:draft_id>/check")
    @needs(Permission.CASE_OPEN)
    def check(draft_id: int) -> Answer:
        """Show everything once more before it is sent."""
        draft = get_application(reading(), draft_id, actor=get_actor())
        return _to_receipt(draft.case_no) if draft.case_no is not None else _check(draft)

    @blueprint.post("/apply/drafts/<key:draft_id>/submit")
    @needs(Permission.CASE_OPEN)
    def send(draft_id: int) -> Answer:
        """Open the case with its papers; sent twice, it leads to the same receipt."""
        actor = get_actor()
        try:
            with writing() as session:
                draft = get_application(session, draft_id, actor=actor)
                number = draft.case_no or submit_application(session, draft_id, actor=actor, clock=clock()).case_no
        except InvalidInputError as error:
            draft = get_application(reading(), draft_id, actor=actor)
            if any(one.field.startswith(PAPER) for one in error.errors):
                return _papers(draft, _problems(draft, error.errors)), 422
            process = applicable(reading(), draft.process_key)
            return form_page(process, draft.data, problems_of(process, error), draft_id=draft_id), 422
        return _to_receipt(number)

    @blueprint.post("/apply/drafts/<key:draft_id>/discard")
    @needs(Permission.CASE_OPEN)
    def discard(draft_id: int) -> Response:
        """Throw it away."""
        with writing() as session:
            discard_application(session, draft_id, actor=get_actor())
        flash(_("已删去未提交的申请"), "done")
        return redirect(url_for("pages.applications.mine"))


def _papers(draft: DraftView, found: tuple[Problem, ...] = ()) -> str:
    return render_template("applications/papers.html", page=_page(draft, found))


def _check(draft: DraftView) -> str:
    transaction, at = reading(), clock()
    process = applicable(transaction, draft.process_key)
    options = group_options(transaction, office_date(at.now()))
    page = replace(
        _page(draft, ()),
        answers=answers(process.schema, draft.data, options=options),
        first_agency=first_agency(transaction, process, at),
    )
    return render_template("applications/check_draft.html", page=page)


def _page(draft: DraftView, found: tuple[Problem, ...]) -> DraftPage:
    name = pick(draft.process_name.zh, draft.process_name.en)
    return DraftPage(draft=draft, name=name, problems=found, max_mb=config().upload_max_bytes >> 20)


def _path(place: Where) -> str:
    return f"{PAPER}{place.item}" + (f".{place.subject}" if place.subject else "")


def _anchor(draft: DraftView, path: str) -> str:
    return next((f"p{number}" for number, line in enumerate(draft.lines, 1) if line.path == path), "papers")


def _problems(draft: DraftView, errors: list[FieldError] | tuple[FieldError, ...]) -> tuple[Problem, ...]:
    titles = {line.path: pick(line.title.zh, line.title.en) for line in draft.lines}
    return problems(
        errors, label_of=lambda path: titles.get(path, ""), anchor_of=lambda path: f"{_anchor(draft, path)}-file"
    )


def _to_receipt(number: str) -> Response:
    return redirect(url_for("pages.applications.receipt", no=number))
