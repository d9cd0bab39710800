"""Routes of the task centre's own affairs: several tasks at once, and views kept under a name."""

from __future__ import annotations

from urllib.parse import parse_qsl

from flask import Blueprint, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from webapp import wording
from webapp.context import clock
from webapp.transaction import writing
from webapp.translation import _
from webapp.ui.acting import get_actor, needs
from webapp.ui.language import local_address
from webapp.ui.tasks.asked import as_text, read_asked
from webapp.ui.tasks.bulk import RUNS, Given, bulk_acts, do_all
from workflows.cases.desk import remove_view, save_view
from workflows.errors import InvalidInputError
from workflows.permissions import Permission

blueprint = Blueprint("desk", __name__)


@blueprint.post("/tasks/bulk")
@needs(Permission.TASK_READ)
def bulk() -> Response:
    """Do one thing with each chosen task; each act asks for its own permission."""
    verb = request.form.get("verb", "")
    chosen = [int(key) for key in request.form.getlist("task") if key.isascii() and key.isdigit() and len(key) < 19]
    given = Given(request.form.get(f"{verb}-to", "").strip(), request.form.get(f"{verb}-reason", "").strip())
    lacking = _lacking(verb, chosen, given)
    if lacking:
        flash(lacking, "warning")
    else:
        do_all(verb, chosen, given)
    return redirect(_back())


@blueprint.post("/tasks/views")
@needs(Permission.TASK_READ)
def keep_view() -> Response:
    """Keep the filters as they are under a name."""
    here, name = request.form.get("here", ""), request.form.get("name", "")
    asked = read_asked(dict(parse_qsl(here[:2000])), get_actor())
    try:
        with writing() as session:
            save_view(session, name, as_text(asked), actor=get_actor(), clock=clock())
    except InvalidInputError as error:
        flash(_("视图没有保存：%(why)s", why=wording.field_sentence(error.errors[0])), "warning")
    else:
        flash(_("已保存视图“%(name)s”，在“我的视图”打开", name=" ".join(name.split())), "done")
    return redirect(_back())


@blueprint.post("/tasks/views/<key:view_id>/remove")
@needs(Permission.TASK_READ)
def drop_view(view_id: int) -> Response:
    """Throw a view away."""
    with writing() as session:
        remove_view(session, view_id, actor=get_actor())
    flash(_("视图已删去，任务不受影响"), "done")
    return redirect(_back())


def _lacking(verb: str, chosen: list[int], given: Given) -> str | None:
    """Say what is missing before anything is tried."""
    act = next((act for act in bulk_acts() if act.verb == verb), None)
    if act is None or verb not in RUNS:
        return _("没有这种操作，任务未变")
    if not chosen:
        return _("没有选择任务，请先勾选")
    if act.to and not given.to:
        return _("请选择交给谁，任务未变")
    if act.reason and not given.reason:
        return _("请填写理由，任务未变")
    return None


def _back() -> str:
    return local_address(request.form.get("back"), otherwise=url_for("pages.tasks.index"))
