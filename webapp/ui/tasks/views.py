"""Routes of the task centre and the task page: authorise, parse, call, commit, render."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from webapp import wording
from webapp.context import clock
from webapp.identity.flask import current_login
from webapp.transaction import reading, writing
from webapp.translation import _
from webapp.ui.acting import get_actor, needs
from webapp.ui.errors import status_of
from webapp.ui.formats import holder, named
from webapp.ui.moves import after_move
from webapp.ui.problems import Problem, problems
from webapp.ui.tasks.asked import as_queue, read_asked
from webapp.ui.tasks.bulk import take_result
from webapp.ui.tasks.centre import centre
from webapp.ui.tasks.detail import Draft, restored
from webapp.ui.tasks.models import Taken
from webapp.ui.tasks.shown import show_task
from workflows.cases.claiming import assign_task, claim_task, receive_task, release_task, transfer_task
from workflows.cases.commands import ReturnTask
from workflows.cases.desk import find_draft, mark_seen, unseen
from workflows.cases.queues import task_row
from workflows.cases.recall_task import recall_task
from workflows.cases.return_task import return_task
from workflows.cases.views import TaskRow
from workflows.errors import (
    ConcurrencyError,
    InvalidInputError,
    PermissionDeniedError,
    StateConflictError,
    TaskAlreadyClaimedError,
)
from workflows.permissions import Permission

blueprint = Blueprint("tasks", __name__)

_ANCHOR = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,99}")


@blueprint.get("/tasks")
@needs(Permission.TASK_READ)
def index() -> str:
    """Show one queue."""
    actor, login = get_actor(), current_login()
    result = take_result(reading(), actor=actor, at=clock())
    page = centre(reading(), read_asked(request.args, actor), login, clock=clock(), result=result)
    return render_template("tasks/index.html", centre=page)


@blueprint.get("/tasks/<key:task_id>")
@needs(Permission.TASK_READ)
def detail(task_id: int) -> str:
    """Show one task with all that is needed to decide it; from now on the reader has seen it."""
    saved = find_draft(reading(), task_id, actor=get_actor(), clock=clock())
    page = show_task(task_id, restored(saved) if saved else Draft())
    if unseen(reading(), [task_id], actor=get_actor()):
        with writing() as session:
            mark_seen(session, task_id, actor=get_actor(), clock=clock())
    return page


@blueprint.post("/tasks/<key:task_id>/receive")
@needs(Permission.TASK_RECEIVE)
def receive(task_id: int) -> Response:
    """Sign for a task: the agency's limit starts."""
    try:
        with writing() as session:
            row = receive_task(session, task_id, actor=get_actor(), clock=clock())
    except (StateConflictError, PermissionDeniedError) as error:
        return _refused(task_id, error)
    return _answer(row, _("已签收“%(task)s”，时限起算，可以认领", task=_label(row)))


@blueprint.post("/tasks/<key:task_id>/claim")
@needs(Permission.TASK_CLAIM)
def claim(task_id: int) -> Response:
    """Take a task; if a colleague was faster, the row says who."""
    try:
        with writing() as session:
            row = claim_task(session, task_id, actor=get_actor(), clock=clock())
    except (StateConflictError, PermissionDeniedError) as error:
        return _refused(task_id, error)
    return _answer(row, _("已认领“%(task)s”，请办理", task=_label(row)))


@blueprint.post("/tasks/<key:task_id>/release")
@needs(Permission.TASK_CLAIM)
def release(task_id: int) -> Response:
    """Put a task back for one's colleagues."""
    with writing() as session:
        row = release_task(session, task_id, actor=get_actor(), clock=clock())
    flash(_("已取消认领“%(task)s”，回到待认领", task=_label(row)), "done")
    return redirect(url_for("pages.tasks.index", queue="available"))


@blueprint.post("/tasks/<key:task_id>/return")
@needs(Permission.TASK_COMPLETE)
def send_back(task_id: int) -> Response | tuple[str, int]:
    """Send the case back to an earlier step."""
    reason, to_node = request.form.get("reason", ""), request.form.get("to_node") or None
    command = ReturnTask(task_id, reason, to_node, request.form.get("row_version", type=int))
    draft = Draft(reason=reason, return_to=to_node, returning=True)
    try:
        with writing() as session:
            moved = return_task(session, command, actor=get_actor(), clock=clock())
    except InvalidInputError as error:
        found = problems(error.errors, label_of=lambda _path: _("理由"), anchor_of=lambda path: path)
        return show_task(task_id, _with_problems(draft, found)), 422
    except ConcurrencyError:
        return show_task(task_id, _with_problems(draft, (), stale=True)), 409
    after_move(moved, returned=True)
    return redirect(url_for("pages.tasks.index", queue="mine"))


@blueprint.post("/tasks/<key:task_id>/assign")
@needs(Permission.TASK_ASSIGN)
def assign(task_id: int) -> Response | tuple[str, int]:
    """Give a waiting task to a colleague."""
    return _hand_over(task_id, assign_task)


@blueprint.post("/tasks/<key:task_id>/transfer")
@needs(Permission.TASK_COMPLETE)
def transfer(task_id: int) -> Response | tuple[str, int]:
    """Hand one's own task over to a colleague."""
    return _hand_over(task_id, transfer_task)


def _hand_over(task_id: int, act: Callable[..., TaskRow]) -> Response | tuple[str, int]:
    to, reason = request.form.get("to", ""), request.form.get("reason", "")
    draft = Draft(to=to, reason=reason, handing_over=True)
    try:
        with writing() as session:
            row = act(session, task_id, to_username=to, reason=reason, actor=get_actor(), clock=clock())
    except InvalidInputError as error:
        labels = {"to": _("交给"), "reason": _("理由")}
        found = problems(error.errors, label_of=lambda path: labels.get(path, path), anchor_of=lambda path: path)
        return show_task(task_id, _with_problems(draft, found)), 422
    except (StateConflictError, PermissionDeniedError) as error:
        return _refused(task_id, error)
    flash(_("“%(task)s”已交%(who)s办理，期限不变", task=_label(row), who=holder(row)), "done")
    return redirect(url_for("pages.tasks.index", queue=as_queue(request.form.get("queue"), get_actor())))


@blueprint.post("/tasks/<key:task_id>/recall")
@needs(Permission.TASK_COMPLETE)
def recall(task_id: int) -> Response | tuple[str, int]:
    """Take back what one has submitted, before the next step was taken up."""
    reason = request.form.get("reason", "")
    try:
        with writing() as session:
            moved = recall_task(session, task_id, reason=reason, actor=get_actor(), clock=clock())
    except InvalidInputError as error:
        found = problems(error.errors, label_of=lambda _path: _("理由"), anchor_of=lambda path: path)
        return show_task(task_id, Draft(reason=reason, problems=found)), 422
    except StateConflictError:
        flash(_("下一环节已经接手，不能取回"), "warning")
        return redirect(url_for("pages.tasks.detail", task_id=task_id, queue="done"))
    after_move(moved, returned=True)
    return redirect(url_for("pages.tasks.index", queue="mine"))


def _label(row: TaskRow) -> str:
    return _("%(case)s %(task)s", case=row.case_no, task=named(row.name))


def _wants_row() -> bool:
    return request.headers.get("HX-Request") == "true"


def _answer(row: TaskRow, sentence: str) -> Response:
    """Answer with the row alone where a script asked for it, else go on to the page that is useful next."""
    if _wants_row():
        return _row(row, None, 200)
    flash(sentence, "done")
    if request.form.get("back") == "task":
        at = request.form.get("at", "")  # the place on the page somebody was on their way to
        anchor = at if _ANCHOR.fullmatch(at) else None
        return redirect(url_for("pages.tasks.detail", task_id=row.id, queue="mine", _anchor=anchor))
    return redirect(url_for("pages.tasks.index", queue=as_queue(request.form.get("queue"), get_actor())))


def _refused(task_id: int, error: StateConflictError | PermissionDeniedError) -> Response:
    """Say in the row, or above the list, why the task could not be taken: who was faster, or what keeps it apart."""
    row = task_row(reading(), task_id, actor=get_actor(), clock=clock())
    sentence = wording.error_sentence(error)
    if isinstance(error, TaskAlreadyClaimedError):
        sentence = wording.claimed_by(error.holder, row.claimed_at)
    if _wants_row():
        return _row(row, Taken(sentence), status_of(error))
    flash(_("%(who)s，请选择其他任务", who=sentence), "warning")
    return redirect(url_for("pages.tasks.index", queue=as_queue(request.form.get("queue"), get_actor())))


def _row(row: TaskRow, taken: Taken | None, status: int) -> Response:
    queue = as_queue(request.form.get("queue"), get_actor())
    shown = {"row": row, "queue": queue, "taken": taken, "just_claimed": taken is None}
    html = render_template("tasks/row.html", **shown, choosable="choosable" in request.form)
    return make_response(html, status)


def _with_problems(draft: Draft, found: tuple[Problem, ...], *, stale: bool = False) -> Draft:
    return replace(draft, problems=found, stale=stale)
