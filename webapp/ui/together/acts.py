"""Routes of 委派, 催办 and 抄送: what passes goes back to where the reader was, what does not is shown on a page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from webapp import wording
from webapp.context import clock
from webapp.transaction import reading, writing
from webapp.translation import _, ngettext
from webapp.ui.acting import get_actor, needs
from webapp.ui.formats import holder, named
from webapp.ui.problems import problems
from webapp.ui.together.models import Act
from webapp.ui.together.present import case_copies
from workflows.cases.claiming import colleagues
from workflows.cases.collaboration.copies import acknowledge_copy, send_copies, withdraw_copy
from workflows.cases.collaboration.delegate import delegate_task, hand_back_task, take_back_task
from workflows.cases.collaboration.urge import Urged, urge_task
from workflows.cases.queues import task_row
from workflows.cases.views import TaskRow
from workflows.errors import FieldError, InvalidInputError, PermissionDeniedError, StateConflictError
from workflows.permissions import Permission

blueprint = Blueprint("together", __name__)

Answer = Response | tuple[str, int]


@blueprint.post("/tasks/<key:task_id>/delegate")
@needs(Permission.TASK_DELEGATE)
def delegate(task_id: int) -> Answer:
    """Have a colleague do a task and hand it back."""
    to, reason = request.form.get("to", ""), request.form.get("reason", "")

    def act(session: Session) -> TaskRow:
        return delegate_task(session, task_id, to_username=to, reason=reason, actor=get_actor(), clock=clock())

    def again(error: InvalidInputError) -> Act:
        row = task_row(reading(), task_id, actor=get_actor(), clock=clock())
        return Act(
            verb="delegate",
            title=_("委派“%(task)s”", task=named(row.name)),
            address=url_for("pages.together.delegate", task_id=task_id),
            back=_back_to_task(row),
            consequence=_("同事办完交回，由本人核对后提交；期限不变"),
            button=_("委派"),
            choices=colleagues(reading(), task_id, actor=get_actor(), clock=clock()),
            entered={"reason": reason},
            chosen=(to,),
            problems=_problems(error),
        )

    def done(row: TaskRow) -> str:
        flash(_("“%(task)s”已委派%(who)s代办，办完交回", task=named(row.name), who=holder(row)), "done")
        return url_for("pages.tasks.index", queue="delegated")

    return _carry_out(act, again, done, refused=lambda: _task_address(task_id))


@blueprint.post("/tasks/<key:task_id>/hand-back")
@needs(Permission.TASK_DELEGATE)
def hand_back(task_id: int) -> Answer:
    """Give a delegated task back with a note and a draft opinion."""
    note, opinion = request.form.get("note", ""), request.form.get("opinion", "")

    def act(session: Session) -> TaskRow:
        return hand_back_task(session, task_id, note=note, opinion=opinion, actor=get_actor(), clock=clock())

    def again(error: InvalidInputError) -> Act:
        row = task_row(reading(), task_id, actor=get_actor(), clock=clock())
        return Act(
            verb="hand-back",
            title=_("交回“%(task)s”", task=named(row.name)),
            address=url_for("pages.together.hand_back", task_id=task_id),
            back=_back_to_task(row),
            consequence=_("交回后由委派人核对并提交"),
            button=_("交回"),
            entered={"note": note, "opinion": opinion},
            problems=_problems(error),
        )

    def done(row: TaskRow) -> str:
        flash(_("“%(task)s”已交回%(who)s", task=named(row.name), who=holder(row)), "done")
        return url_for("pages.tasks.index", queue="mine")

    return _carry_out(act, again, done, refused=lambda: _task_address(task_id))


@blueprint.post("/tasks/<key:task_id>/take-back")
@needs(Permission.TASK_DELEGATE)
def take_back(task_id: int) -> Answer:
    """Take a delegated task back."""

    def act(session: Session) -> TaskRow:
        return take_back_task(session, task_id, actor=get_actor(), clock=clock())

    def done(row: TaskRow) -> str:
        flash(_("已收回“%(task)s”，由本人办理", task=named(row.name)), "done")
        return url_for("pages.tasks.detail", task_id=task_id, queue="mine")

    return _carry_out(act, None, done, refused=lambda: _task_address(task_id))


@blueprint.post("/cases/<no>/tasks/<key:task_id>/urge")
@needs(Permission.TASK_URGE)
def urge(no: str, task_id: int) -> Answer:
    """Remind whoever has a task of the case."""
    reason = request.form.get("reason", "")

    def again(error: InvalidInputError) -> Act:
        return Act(
            verb="urge",
            title=_("催办"),
            address=url_for("pages.together.urge", no=no, task_id=task_id),
            back=(_case_address(no), no),
            consequence=_("催办记入办理记录，不改期限；同一任务每人每天一次"),
            button=_("催办"),
            entered={"reason": reason},
            problems=_problems(error),
        )

    def done(sent: Urged) -> str:
        if sent.told:
            flash(ngettext("已催办，通知已送达%(num)s人", "已催办，通知已送达%(num)s人", sent.told), "done")
        else:
            flash(_("已记入办理记录，但此岗位现在无人在任，没有人收到通知"), "warning")
        return _case_address(no)

    def act(session: Session) -> Urged:
        return urge_task(session, task_id, reason=reason, actor=get_actor(), clock=clock())

    return _carry_out(act, again, done, refused=lambda: _case_address(no))


@blueprint.post("/cases/<no>/copies")
@needs(Permission.CASE_COPY)
def copy(no: str) -> Answer:
    """Copy a case to agencies and colleagues."""
    to, note = request.form.getlist("to"), request.form.get("note", "")

    def act(session: Session) -> object:
        return send_copies(session, no, to=to, note=note, actor=get_actor(), clock=clock())

    def again(error: InvalidInputError) -> Act:
        found = case_copies(reading(), no, actor=get_actor(), clock=clock())
        return Act(
            verb="copy",
            title=_("抄送"),
            address=url_for("pages.together.copy", no=no),
            back=(_copies_address(no), no),
            consequence=_("收到抄送的可以查看此办件，不能办理"),
            button=_("抄送"),
            choices=(*found.agencies, *found.colleagues),
            entered={"note": note},
            chosen=tuple(to),
            problems=_problems(InvalidInputError(_of_the_list(error))),
        )

    def done(_rows: object) -> str:
        flash(_("已抄送，收到后可以查看此办件"), "done")
        return _copies_address(no)

    return _carry_out(act, again, done, refused=lambda: _copies_address(no))


@blueprint.post("/cases/<no>/copies/<key:copy_id>/withdraw")
@needs(Permission.CASE_COPY)
def withdraw(no: str, copy_id: int) -> Answer:
    """Take a copy back."""

    def done(_row: object) -> str:
        flash(_("已收回抄送，对方不能再查看此办件"), "done")
        return _copies_address(no)

    def act(session: Session) -> object:
        return withdraw_copy(session, no, copy_id, actor=get_actor(), clock=clock())

    return _carry_out(act, None, done, refused=lambda: _copies_address(no))


@blueprint.post("/copies/<key:copy_id>/acknowledge")
@needs(Permission.CASE_COPY)
def acknowledge(copy_id: int) -> Answer:
    """Note that a copy was read."""

    def done(_row: object) -> str:
        flash(_("已阅知"), "done")
        return url_for("pages.tasks.index", queue="cc")

    def act(session: Session) -> object:
        return acknowledge_copy(session, copy_id, actor=get_actor(), clock=clock())

    return _carry_out(act, None, done, refused=lambda: url_for("pages.tasks.index", queue="cc"))


def _carry_out(
    act: Callable[[Session], Any],
    again: Callable[[InvalidInputError], Act] | None,
    done: Callable[[Any], str],
    *,
    refused: Callable[[], str],
) -> Answer:
    """Do it in one transaction; show a form that is filled in wrongly again; say why it cannot be done."""
    try:
        with writing() as session:
            given = act(session)
    except InvalidInputError as error:
        if again is None:
            raise
        return render_template("together/act.html", page=again(error)), 422
    except (StateConflictError, PermissionDeniedError) as error:
        flash(wording.error_sentence(error), "warning")
        return redirect(refused())
    return redirect(done(given))


def _problems(error: InvalidInputError) -> Any:
    labels = {"to": _("交给"), "reason": _("理由"), "note": _("说明"), "opinion": _("拟办意见")}
    return problems(error.errors, label_of=lambda path: labels.get(path, path), anchor_of=lambda path: path)


def _of_the_list(error: InvalidInputError) -> list[FieldError]:
    """The receivers are one field of the page: what is wrong with any of them is said there."""
    return [
        FieldError("to", found.code, found.params) if found.field.startswith("to.") else found for found in error.errors
    ]


def _back_to_task(row: TaskRow) -> tuple[str, str]:
    return _task_address(row.id), _("%(case)s %(task)s", case=row.case_no, task=named(row.name))


def _task_address(task_id: int) -> str:
    return url_for("pages.tasks.detail", task_id=task_id, queue="mine")


def _case_address(no: str) -> str:
    return url_for("pages.cases.detail", no=no)


def _copies_address(no: str) -> str:
    return url_for("pages.cases.detail", no=no, tab="copies")
