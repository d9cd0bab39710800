"""The page of B角: who acts in which post of the agency while its holder is away, named by a head with dates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from webapp import wording
from webapp.context import clock
from webapp.transaction import reading, writing
from webapp.translation import _
from webapp.ui.acting import get_actor, needs
from webapp.ui.problems import Problem, problems
from webapp.ui.together.present import officers_of
from workflows.agencies import deputies
from workflows.agencies.deputies import BackupView, NewBackup
from workflows.agencies.people import PostView, list_posts
from workflows.cases.collaboration.deputising import dismiss_backup, name_backup
from workflows.cases.views import Named
from workflows.errors import FieldError, InvalidInputError, PermissionDeniedError, StateConflictError
from workflows.permissions import Permission

blueprint = Blueprint("backups", __name__)

MOST_POSTS = 200
_LABELS = {
    "post": lambda: _("岗位"),
    "to": lambda: _("B角"),
    "from_on": lambda: _("开始日期"),
    "to_on": lambda: _("结束日期"),
}


@dataclass(frozen=True)
class BackupsPage:
    """What the page shows; `posts` and `officers` are empty for who is no head and only reads."""

    rows: tuple[BackupView, ...]
    posts: tuple[PostView, ...]
    officers: tuple[Named, ...]
    entered: Mapping[str, str]
    problems: tuple[Problem, ...] = ()

    @property
    def errors(self) -> Mapping[str, str]:
        """Field → what is wrong."""
        return {problem.path: problem.text for problem in self.problems}


@blueprint.get("/backups")
@needs(Permission.DELEGATION_MAKE)
def index() -> str:
    """Show the B角 of the agency's posts."""
    return _page()


@blueprint.post("/backups")
@needs(Permission.TASK_ASSIGN)
def name() -> Response | tuple[str, int]:
    """Name a B角."""
    try:
        wanted = _wanted()
        with writing() as session:
            name_backup(session, wanted, actor=get_actor(), clock=clock())
    except InvalidInputError as error:
        found = problems(
            error.errors,
            label_of=lambda path: _LABELS[path]() if path in _LABELS else "",
            anchor_of=lambda path: path,
        )
        return _page(found), 422
    except PermissionDeniedError as error:
        flash(wording.error_sentence(error), "warning")
        return redirect(url_for("pages.backups.index"))
    flash(_("已指定B角，岗位上的人请假、外出或委托期间可以顶岗"), "done")
    return redirect(url_for("pages.backups.index"))


@blueprint.post("/backups/<number:backup_id>/end")
@needs(Permission.TASK_ASSIGN)
def end(backup_id: int) -> Response:
    """Let somebody be B角 no longer."""
    try:
        with writing() as session:
            dismiss_backup(session, backup_id, actor=get_actor(), clock=clock())
        flash(_("已取消B角"), "done")
    except (StateConflictError, PermissionDeniedError) as error:
        flash(wording.error_sentence(error), "warning")
    return redirect(url_for("pages.backups.index"))


def _wanted() -> NewBackup:
    errors, days = [], dict[str, date | None]()
    for field in ("from_on", "to_on"):
        text = request.form.get(field, "").strip()
        try:
            days[field] = date.fromisoformat(text) if text else None
        except ValueError:
            errors.append(FieldError(field, "date"))
    if "from_on" in days and days["from_on"] is None:
        errors.append(FieldError("from_on", "required"))
    post = request.form.get("post", "")
    if post not in {str(each.id) for each in _posts()}:
        errors.append(FieldError("post", "not-in-list"))
    first = days.get("from_on")
    if errors or first is None:
        raise InvalidInputError(errors)
    return NewBackup(int(post), request.form.get("to", ""), first, days["to_on"])


def _posts() -> tuple[PostView, ...]:
    return list_posts(reading(), clock=clock(), agency_code=get_actor().agency_code, limit=MOST_POSTS).items


def _page(found: tuple[Problem, ...] = ()) -> str:
    session, actor, at = reading(), get_actor(), clock()
    head = actor.may(Permission.TASK_ASSIGN)
    page = BackupsPage(
        rows=deputies.list_backups(session, actor=actor, clock=at),
        posts=_posts() if head else (),
        officers=officers_of(session, actor, at) if head else (),
        entered=request.form,
        problems=found,
    )
    return render_template("together/backups.html", page=page)
