"""Routes of cases: list, page, diagram, papers, official documents, and acts on a case as a whole."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from flask import Blueprint, Response, flash, jsonify, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from webapp import wording
from webapp.context import clock
from webapp.transaction import reading, writing
from webapp.translation import _
from webapp.ui.acting import get_actor, needs
from webapp.ui.cases.attempt import Attempt
from webapp.ui.cases.listing import known_holder, listing
from webapp.ui.cases.material_views import add_routes as add_material_routes
from webapp.ui.cases.notices import add_routes as add_notice_routes
from webapp.ui.cases.present import case_page, slip_page
from webapp.ui.cases.process import diagram_of, model_of
from webapp.ui.cases.progress import marks, node_lines
from webapp.ui.cases.signing import SigningAttempt, add_routes
from webapp.ui.problems import problems
from webapp.ui.tasks.asked import as_light
from webapp.viewings import case_opened, note_opened
from workflows.cases.lifecycle import resume_case, suspend_case, withdraw_case
from workflows.cases.listing import CaseQuery
from workflows.cases.models import CaseStatus
from workflows.cases.reading import get_case
from workflows.cases.search.grams import MAX_QUERY
from workflows.cases.views import Moved
from workflows.clock import Clock
from workflows.errors import InvalidInputError
from workflows.permissions import Actor, Permission

blueprint = Blueprint("cases", __name__)

PAGE_SIZE = 50
MAX_MEASURE = 10


@blueprint.get("/cases")
@needs(Permission.CASE_READ)
def index() -> str:
    """List the cases the reader's agency takes part in."""
    actor = get_actor()
    status, light = request.args.get("status", ""), as_light(request.args.get("light"))
    query = CaseQuery(
        status=CaseStatus(status) if status in {known.value for known in CaseStatus} else None,
        measure=request.args.get("measure", "")[:MAX_MEASURE] or None,
        light=light,
        under_way=light is not None,  # a light is a matter of what still runs
        holder=known_holder(reading(), request.args.get("holder"), actor=actor, clock=clock()),
        q=(request.args.get("q") or "").strip()[: MAX_QUERY + 1] or None,
        cursor=request.args.get("cursor"),
        limit=PAGE_SIZE,
    )
    return render_template("cases/index.html", listing=listing(reading(), query, actor=actor, clock=clock()))


@blueprint.get("/cases/<no>")
@needs(Permission.CASE_READ)
def detail(no: str) -> str:
    """Show one case, one tab of it."""
    return _page(no, Attempt())


@blueprint.get("/cases/<no>/slip")
@needs(Permission.CASE_READ)
def slip(no: str) -> str:
    """Show one case as a paper to print."""
    page = render_template("cases/slip.html", page=slip_page(reading(), no, actor=get_actor(), clock=clock()))
    note_opened(case_opened(no), get_actor())
    return page


@blueprint.get("/cases/<no>/diagram.bpmn")
@needs(Permission.CASE_READ)
def bpmn(no: str) -> Response:
    """Return the diagram the case runs on."""
    session = reading()
    xml = diagram_of(session, get_case(session, no, actor=get_actor(), clock=clock()))
    return Response(xml, mimetype="application/xml")


@blueprint.get("/cases/<no>/state.json")
@needs(Permission.CASE_READ)
def state(no: str) -> Response:
    """Return what the diagram shows: how far each step is."""
    session = reading()
    case = get_case(session, no, actor=get_actor(), clock=clock())
    model = model_of(session, case)
    return jsonify({"rev": case.row.row_version, **marks(node_lines(case, model), model)})


@blueprint.post("/cases/<no>/withdraw")
@needs(Permission.CASE_READ)
def withdraw(no: str) -> AnyResponse | tuple[str, int]:
    """The applicant no longer applies."""
    return _act(no, "withdraw", withdraw_case)


@blueprint.post("/cases/<no>/suspend")
@needs(Permission.CASE_SUSPEND)
def suspend(no: str) -> AnyResponse | tuple[str, int]:
    """Stop a case for a stated reason; its clocks stand still."""
    return _act(no, "suspend", suspend_case)


@blueprint.post("/cases/<no>/resume")
@needs(Permission.CASE_SUSPEND)
def resume(no: str) -> AnyResponse | tuple[str, int]:
    """Let a stopped case go on; due dates move by the days it stood still."""
    return _act(no, "resume", resume_case)


Act = Callable[..., Moved]


def _act(no: str, verb: str, act: Act) -> AnyResponse | tuple[str, int]:
    reason = request.form.get("reason", "")
    try:
        with writing() as session:
            moved = _call(act, session, no, reason, get_actor(), clock())
    except InvalidInputError as error:
        found = problems(error.errors, label_of=lambda _path: _("理由"), anchor_of=lambda _path: f"{verb}-reason")
        return _page(no, Attempt("overview", verb, reason, found)), 422
    flash(
        _("%(case)s现在的状态：%(status)s", case=moved.case_no, status=wording.case_status(moved.case_status)), "done"
    )
    return redirect(url_for("pages.cases.detail", no=no))


def _call(act: Act, session: Session, no: str, reason: str, actor: Actor, at: Clock) -> Moved:
    return act(session, no, reason=reason, actor=actor, clock=at)


def _page(no: str, attempt: Attempt) -> str:
    tab, cursor = request.args.get("tab"), request.args.get("cursor")
    page = case_page(reading(), no, attempt, actor=get_actor(), clock=clock(), tab=tab, cursor=cursor)
    shown = render_template("cases/detail.html", page=page)
    note_opened(case_opened(no), get_actor())
    return shown


def _signing_page(no: str, attempt: SigningAttempt) -> str:
    labels = {"agency": _("单位"), "reason": _("理由")}
    anchors = {"reason": "signer-reason"} if attempt.verb == "add-signer" else {}
    errors = [replace(error, field=anchors.get(error.field, error.field)) for error in attempt.error.errors]
    found = problems(
        errors, label_of=lambda path: labels.get(path.removeprefix("signer-"), ""), anchor_of=lambda path: path
    )
    return _page(no, Attempt("overview", problems=found, signing=attempt))


add_routes(blueprint, _signing_page)
add_notice_routes(blueprint)
add_material_routes(blueprint, _page)
