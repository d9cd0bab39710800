"""Route of asking one supporting agency for a new opinion."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from webapp.context import clock
from webapp.transaction import reading, writing
from webapp.translation import _
from webapp.ui.acting import get_actor, needs
from webapp.ui.moves import after_move
from webapp.ui.problems import problems
from webapp.ui.tasks.asked import as_queue
from webapp.ui.tasks.detail import Draft, task_page
from workflows.cases.commands import AskAgain
from workflows.cases.opinions.asking import ask_again
from workflows.errors import ConcurrencyError, InvalidInputError
from workflows.permissions import Permission

blueprint = Blueprint("asking", __name__)


@blueprint.post("/tasks/<key:task_id>/ask-again")
@needs(Permission.TASK_COMPLETE)
def ask(task_id: int) -> Response | tuple[str, int]:
    """Ask one supporting agency for a new opinion."""
    reason, version = request.form.get("reason", ""), request.form.get("row_version", type=int)
    opinion = request.form.get("opinion_task_id", type=int)
    command = AskAgain(task_id, opinion or 0, reason, version)
    try:
        with writing() as session:
            moved = ask_again(session, command, actor=get_actor(), clock=clock())
    except InvalidInputError as error:
        labels = {"reason": _("理由"), "opinion_task_id": _("单位")}
        found = problems(error.errors, label_of=lambda path: labels.get(path, path), anchor_of=lambda path: path)
        return _page(task_id, Draft(reason=reason, ask_of=opinion, asking=True, problems=found)), 422
    except ConcurrencyError:
        return _page(task_id, Draft(reason=reason, ask_of=opinion, asking=True, stale=True)), 409
    after_move(moved, returned=True)
    return redirect(url_for("pages.tasks.index", queue="mine"))


def _page(task_id: int, draft: Draft) -> str:
    actor = get_actor()
    queue = as_queue(request.form.get("queue"), actor)
    page = task_page(reading(), task_id, queue, draft, actor=actor, clock=clock())
    return render_template("tasks/detail.html", page=page)
