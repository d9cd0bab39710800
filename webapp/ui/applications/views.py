"""Routes of applying: choose, fill in, check, send, receipt; and the applicant's own page."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from webapp.api import idempotency
from webapp.api.intake import fingerprint
from webapp.context import clock
from webapp.transaction import reading, writing
from webapp.translation import _, ngettext
from webapp.ui.acting import get_actor, needs
from webapp.ui.applications.draft_views import add_routes
from webapp.ui.applications.filling import Answer, fill_in, form_page, problems_of
from webapp.ui.applications.models import MyApplications, ProcessChoice, Receipt
from webapp.ui.applications.process import applicable, check_answers
from webapp.ui.cases.listing import found_cases
from webapp.ui.formats import named
from webapp.ui.forms import read
from webapp.ui.language import pick
from webapp.ui.tasks.models import SupplyList
from webapp.ui.tasks.supplying import supply_list
from workflows.cases.commands import OpenCase
from workflows.cases.listing import CaseQuery
from workflows.cases.materials.drafts import list_applications
from workflows.cases.models import TaskRole
from workflows.cases.open_case import open_case
from workflows.cases.queues import TaskQuery, list_tasks
from workflows.cases.reading import get_case
from workflows.cases.search.grams import MAX_QUERY
from workflows.cases.task_detail import get_task
from workflows.cases.views import NextStep, TaskRow
from workflows.clock import Clock
from workflows.errors import InvalidInputError
from workflows.permissions import Actor, Permission
from workflows.processes import list_processes

blueprint = Blueprint("applications", __name__)

PAGE_SIZE = 20
WAITING = 10
_ONCE = re.compile(r"[0-9a-f]{16}")


@blueprint.get("/apply")
@needs(Permission.CASE_OPEN)
def choose() -> str:
    """List what can be applied for."""
    found = list_processes(reading())
    choices = tuple(ProcessChoice(p.key, pick(p.name_zh, p.name_en), p.measure_no) for p in found)
    return render_template("applications/choose.html", processes=choices)


@blueprint.route("/apply/<key>", methods=["GET", "POST"])
@needs(Permission.CASE_OPEN)
def form(key: str) -> Answer:
    """Fill in the form; sent with "check", it shows the answers or what to mend."""
    return fill_in(applicable(reading(), key))


@blueprint.post("/apply/<key>/submit")
@needs(Permission.CASE_OPEN)
def submit(key: str) -> Response | tuple[str, int]:
    """Open the case; the same answers sent again lead to the same receipt."""
    process = applicable(reading(), key)
    filled = read(process.schema, request.form)
    try:
        check_answers(reading(), process, filled, clock=clock())
        with writing() as transaction:
            number = _open_once(transaction, key, filled.data, get_actor(), clock())
    except InvalidInputError as error:
        return form_page(process, filled.data, problems_of(process, error)), 422
    return redirect(url_for("pages.applications.receipt", no=number))


def _open_once(transaction: Session, key: str, data: Mapping[str, Any], actor: Actor, at: Clock) -> str:
    """Open the case unless these answers have been sent before; return its number.

    The database keeps what was sent: of two clicks at once neither has yet seen the other's cookie.
    """
    once = request.form.get("once", "")
    if not _ONCE.fullmatch(once):
        return open_case(transaction, OpenCase(key, data), actor=actor, clock=at).case_no
    sent = idempotency.Request(actor.person_id, f"page-{once}", "apply", fingerprint(once.encode()))
    before = idempotency.begin(transaction, sent, clock=at)
    if before is not None:
        return before.content.decode()
    number = open_case(transaction, OpenCase(key, data), actor=actor, clock=at).case_no
    idempotency.finish(transaction, sent, idempotency.Reply(HTTPStatus.FOUND, number.encode()))
    return number


@blueprint.get("/apply/receipt/<no>")
@needs(Permission.CASE_READ)
def receipt(no: str) -> str:
    """Show the receipt of an application."""
    case = get_case(reading(), no, actor=get_actor(), clock=clock())
    steps = tuple(NextStep(t.name, t.agency, None, t.limit_days, None) for t in case.open_tasks)
    page = Receipt(
        no=case.row.no,
        title=case.row.title,
        applicant=case.row.applicant_name,
        agency=named(case.leads[0]) if case.leads else "—",
        received_at=case.row.opened_at,
        next_steps=steps,
    )
    return render_template("applications/receipt.html", page=page)


@blueprint.get("/my/applications")
@needs(Permission.CASE_READ)
def mine() -> str:
    """Show an applicant's own applications, what waits for them first."""
    actor, at = get_actor(), clock()
    transaction = reading()
    waiting = tuple(
        task
        for queue in ("mine", "available")
        for task in list_tasks(
            transaction,
            TaskQuery(queue=queue, limit=WAITING),
            actor=actor,
            clock=at,
        ).items
    )
    words = request.args.get("q", "").strip()[: MAX_QUERY + 1]
    query = CaseQuery(q=words or None, cursor=request.args.get("cursor"), limit=PAGE_SIZE)
    page, refused = found_cases(transaction, query, actor=actor, clock=at)
    title = ngettext("有%(num)s项等您办理", "有%(num)s项等您办理", len(waiting)) if waiting else _("您的申请")
    following = url_for("pages.applications.mine", q=query.q, cursor=page.next) if page.next else None
    drafts = list_applications(transaction, actor=actor) if actor.may(Permission.CASE_OPEN) else ()
    supplies = _supplies(transaction, waiting, actor, at)
    mine_page = MyApplications(title, waiting, page.items, following, drafts, words, refused, supplies)
    return render_template("applications/mine.html", page=mine_page)


def _supplies(transaction: Session, waiting: Sequence[TaskRow], actor: Actor, at: Clock) -> Mapping[int, SupplyList]:
    found = {
        task.id: supply_list(transaction, get_task(transaction, task.id, actor=actor, clock=at), actor)
        for task in waiting
        if task.role == TaskRole.APPLICANT
    }
    return {task_id: supplies for task_id, supplies in found.items() if supplies is not None}


add_routes(blueprint)
