"""Routes of deciding a task: keep a draft, see where it would go, submit, and take up the next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from webapp.context import clock
from webapp.transaction import reading, writing
from webapp.translation import _
from webapp.ui.acting import get_actor, needs
from webapp.ui.cases.materials import name_papers
from webapp.ui.formats import time_of_day
from webapp.ui.forms import Filled, anchor, answers, count_rows, label_of, read
from webapp.ui.forms.places import with_places
from webapp.ui.groups import group_options
from webapp.ui.moves import after_move, outlook
from webapp.ui.problems import problems
from webapp.ui.tasks import opinions
from webapp.ui.tasks.asked import as_queue
from webapp.ui.tasks.detail import Draft
from webapp.ui.tasks.models import Confirmation
from webapp.ui.tasks.shown import show_task
from workflows.cases.commands import CompleteTask
from workflows.cases.complete_task import complete_task
from workflows.cases.desk import SaveDraft, add_phrase, discard_draft, save_draft
from workflows.cases.foresee import foresee_completion
from workflows.cases.queues import TaskQuery, list_tasks
from workflows.cases.task_detail import get_task
from workflows.cases.views import Moved, TaskDetail
from workflows.clock import office_date
from workflows.errors import ConcurrencyError, FieldError, InvalidInputError
from workflows.permissions import Permission, PostKind

blueprint = Blueprint("deciding", __name__)

Answer = Response | tuple[str, int]


@dataclass(frozen=True)
class Given:
    """The form of a decision as it was posted."""

    detail: TaskDetail
    filled: Filled
    chosen: str
    opinion: str
    row_version: int | None
    typed: Mapping[int, str]

    @property
    def schema(self) -> Mapping[str, Any]:
        """The task's own form; empty where it has none."""
        return self.detail.form_schema or {}

    def command(self) -> CompleteTask:
        """Return it as a command, without what belongs to other decisions.

        Raises:
            InvalidInputError: no decision is chosen.
        """
        if not self.chosen:
            raise InvalidInputError([FieldError("decision", "decision")])
        data = _going_with(self.chosen, self.schema, self.filled.data)
        return CompleteTask(
            task_id=self.detail.row.id,
            decision=self.chosen,
            opinion=self.opinion,
            data=data,
            row_version=self.row_version,
            answers=opinions.given(self.typed),
            missing_confirmed=request.form.get("missing_confirmed") == "yes",
        )

    def draft(self) -> Draft:
        """Return it as what the reader has entered so far."""
        return Draft(chosen=self.chosen, opinion=self.opinion, data=self.filled.data, answers=self.typed)

    def to_keep(self) -> SaveDraft:
        """Return it as a draft to keep."""
        data = opinions.with_answers(self.filled.data, self.typed)
        return SaveDraft(self.detail.row.id, self.chosen, self.opinion, data, self.row_version)


@blueprint.post("/tasks/<key:task_id>/confirm")
@needs(Permission.TASK_COMPLETE)
def confirm(task_id: int) -> Answer:
    """Name the next step and agency before anything is submitted; what was filled in is kept meanwhile."""
    given = _given(task_id)
    if "add" in request.form or "remove" in request.form:
        return show_task(task_id, _with_room(given.draft())), 200
    try:
        command = given.command()
        with writing() as session:
            moved = foresee_completion(session, command, actor=get_actor(), clock=clock())
            save_draft(session, given.to_keep(), actor=get_actor(), clock=clock())
    except (InvalidInputError, ConcurrencyError) as error:
        return _again(task_id, given, error)
    as_dialog = request.headers.get("X-Part") == "dialog"
    template = "tasks/confirm_part.html" if as_dialog else "tasks/confirm.html"
    return make_response(render_template(template, page=_confirmation(given, moved), as_dialog=as_dialog))


@blueprint.post("/tasks/<key:task_id>/complete")
@needs(Permission.TASK_COMPLETE)
def complete(task_id: int) -> Answer:
    """Submit a decision, and go on to the next task."""
    given = _given(task_id)
    try:
        command = given.command()
        with writing() as session:
            moved = complete_task(session, command, actor=get_actor(), clock=clock())
            discard_draft(session, task_id, actor=get_actor())
    except (InvalidInputError, ConcurrencyError) as error:
        return _again(task_id, given, error)
    after_move(moved)
    return redirect(_onward())


@blueprint.post("/tasks/<key:task_id>/draft")
@needs(Permission.TASK_COMPLETE)
def keep_draft(task_id: int) -> Answer:
    """Keep what is filled in so far: by itself while somebody writes, or with the button."""
    given = _given(task_id)
    if "insert" in request.form:
        given = replace(given, opinion=_joined(given.opinion, request.form.get("phrase", "")))
    try:
        with writing() as session:
            saved_at = save_draft(session, given.to_keep(), actor=get_actor(), clock=clock())
            if "keep-phrase" in request.form:
                add_phrase(session, given.opinion, actor=get_actor(), clock=clock())
    except InvalidInputError as error:
        return _again(task_id, given, error)
    said = _("%(time)s已保存草稿", time=time_of_day(saved_at))
    if request.headers.get("X-Part") == "said":
        return make_response(said)
    flash(_("已存为常用语") if "keep-phrase" in request.form else said, "done")
    return redirect(_address(task_id))


@blueprint.post("/tasks/<key:task_id>/draft/discard")
@needs(Permission.TASK_COMPLETE)
def drop_draft(task_id: int) -> Response:
    """Throw the draft away and begin anew."""
    with writing() as session:
        discard_draft(session, task_id, actor=get_actor())
    flash(_("草稿已放弃，任务未变"), "done")
    return redirect(_address(task_id))


def _given(task_id: int) -> Given:
    detail = get_task(reading(), task_id, actor=get_actor(), clock=clock())
    return Given(
        detail,
        read(detail.form_schema or {}, request.form, remove=request.form.get("remove")),
        request.form.get("decision", ""),
        request.form.get("opinion", ""),
        request.form.get("row_version", type=int),
        opinions.read_answers(request.form),
    )


def _again(task_id: int, given: Given, error: InvalidInputError | ConcurrencyError) -> Answer:
    """Show the task again with what was entered and what is wrong with it."""
    if isinstance(error, ConcurrencyError):
        return show_task(task_id, replace(given.draft(), stale=True)), 409
    wrong = (*given.filled.errors, *opinions.at_their_boxes(error.errors, given.typed))
    found = problems(wrong, label_of=_labels(given.schema), anchor_of=_anchor)
    found = name_papers(reading(), given.detail.row.case_no, found, get_actor())
    return show_task(task_id, replace(given.draft(), problems=found)), 422


def _confirmation(given: Given, moved: Moved) -> Confirmation:
    row, actor = given.detail.row, get_actor()
    said = opinions.said_in(reading(), row.case_no, actor=actor, clock=clock()) if given.typed else {}
    boxes = opinions.answer_boxes(reading(), row, said, given.typed, actor=actor)
    decision = next(option.label for option in given.detail.decisions if option.id == given.chosen)
    groups = group_options(reading(), office_date(clock().now()))
    options = with_places(groups, given.detail.application_schema, given.detail.case_data)
    return Confirmation(
        row=row,
        queue=as_queue(request.form.get("queue"), actor),
        decision=decision,
        opinion=given.opinion.strip(),
        answers=answers(given.schema, _going_with(given.chosen, given.schema, given.filled.data), options=options),
        outlook=outlook(moved),
        stops=moved.incident_id is not None,
        carried=tuple((name, value) for name, value in request.form.items() if name not in ("csrf_token", "then")),
        answered=tuple(box for box in boxes if box.value.strip()),
    )


def _onward() -> str:
    """Where to go after submitting: the next of one's tasks, else the queue."""
    if request.form.get("then") == "next":
        actor = get_actor()
        following = list_tasks(reading(), TaskQuery(queue="mine", limit=1), actor=actor, clock=clock()).items
        if following:
            return url_for("pages.tasks.detail", task_id=following[0].id, queue="mine")
    if get_actor().post_kind is PostKind.APPLICANT:
        return url_for("pages.applications.mine")
    return url_for("pages.tasks.index", queue="mine")


def _address(task_id: int) -> str:
    queue = as_queue(request.form.get("queue"), get_actor())
    return url_for("pages.tasks.detail", task_id=task_id, queue=queue)


def _going_with(decision: str, schema: Mapping[str, Any], data: Mapping[str, Any]) -> Mapping[str, Any]:
    """Leave out what belongs to other decisions: somebody may have filled it in before choosing this one."""
    needed: Mapping[str, Any] = schema.get("x-required-for", {})
    others = {name for names in needed.values() for name in names} - set(needed.get(decision, ()))
    return {name: value for name, value in data.items() if name not in others}


def _joined(opinion: str, phrase: str) -> str:
    """Put a phrase behind what is written already, as one writes in the phrase's language."""
    if phrase.isascii():
        written = opinion.rstrip().rstrip(",.;，。；")
        return f"{written}. {phrase}" if written else phrase
    written = opinion.rstrip().rstrip("，。；")
    return f"{written}，{phrase}" if written else phrase


def _with_room(draft: Draft) -> Draft:
    path = request.form.get("add")
    return replace(draft, spare_rows=count_rows(request.form, path) + 1 if path else 1)


def _labels(schema: Mapping[str, Any]) -> Any:
    own = {"decision": lambda: _("决定"), "opinion": lambda: _("意见"), "missing_confirmed": lambda: _("材料")}
    return lambda path: (
        opinions.label() if opinions.is_box(path) else own[path]() if path in own else label_of(schema, path)
    )


def _anchor(path: str) -> str:
    return path if path in ("decision", "opinion", "missing_confirmed") or opinions.is_box(path) else anchor(path)
