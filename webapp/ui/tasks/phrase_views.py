"""Routes of a person's own phrases."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from webapp.context import clock
from webapp.transaction import reading, writing
from webapp.translation import _
from webapp.ui.acting import get_actor, needs
from webapp.ui.problems import Problem, problems
from workflows.cases.desk import add_phrase, list_phrases, remove_phrase
from workflows.errors import InvalidInputError
from workflows.permissions import Permission

blueprint = Blueprint("phrases", __name__)


@blueprint.get("/my/phrases")
@needs(Permission.TASK_COMPLETE)
def index() -> str:
    """Show the reader's phrases."""
    return _page(())


@blueprint.post("/my/phrases")
@needs(Permission.TASK_COMPLETE)
def add() -> Response | tuple[str, int]:
    """Keep one more."""
    try:
        with writing() as session:
            add_phrase(session, request.form.get("text", ""), actor=get_actor(), clock=clock())
    except InvalidInputError as error:
        found = problems(error.errors, label_of=lambda _path: _("常用语"), anchor_of=lambda path: path)
        return _page(found), 422
    flash(_("已存为常用语"), "done")
    return redirect(url_for("pages.phrases.index"))


@blueprint.post("/my/phrases/<key:phrase_id>/remove")
@needs(Permission.TASK_COMPLETE)
def remove(phrase_id: int) -> Response:
    """Throw one away."""
    with writing() as session:
        remove_phrase(session, phrase_id, actor=get_actor())
    flash(_("常用语已删去"), "done")
    return redirect(url_for("pages.phrases.index"))


def _page(found: tuple[Problem, ...]) -> str:
    phrases = list_phrases(reading(), actor=get_actor())
    return render_template("tasks/phrases.html", phrases=phrases, problems=found, text=request.form.get("text", ""))
