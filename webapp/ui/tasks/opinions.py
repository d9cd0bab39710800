"""What supporting agencies said, on the task page: the lead reads it and answers it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from webapp.translation import _
from webapp.ui.tasks.models import AnswerBox, Askable
from workflows.cases.commands import OpinionAnswer
from workflows.cases.models import TaskRole
from workflows.cases.opinions.answers import answerable_of
from workflows.cases.opinions.asking import askable
from workflows.cases.opinions.reading import list_opinions
from workflows.cases.opinions.views import OpinionRow
from workflows.cases.views import TaskRow
from workflows.clock import Clock
from workflows.errors import FieldError
from workflows.permissions import Actor, Permission

PREFIX = "answer-"
_KEPT = "answers:"
"""Where a draft keeps the answers: no field of a form has a name like this."""


def said_in(session: Session, case_no: str, *, actor: Actor, clock: Clock) -> Mapping[int, OpinionRow]:
    """Return task → what was said with it, of a case."""
    if not actor.may(Permission.CASE_READ):
        return {}
    return {row.task.id: row for row in list_opinions(session, case_no, actor=actor, clock=clock)}


def answer_boxes(
    session: Session, row: TaskRow, said: Mapping[int, OpinionRow], typed: Mapping[int, str], *, actor: Actor
) -> tuple[AnswerBox, ...]:
    """Return the boxes of a task its reader can complete, objections first."""
    if "complete" not in row.verbs or not said:
        return ()
    boxes = [
        AnswerBox(f"{PREFIX}{one.task_id}", said[one.task_id], one.must, typed.get(one.task_id, ""))
        for one in answerable_of(session, row.id, actor=actor)
        if one.task_id in said
    ]
    return tuple(sorted(boxes, key=lambda box: not box.must))


def askable_agencies(session: Session, row: TaskRow, chosen: int | None, *, actor: Actor) -> tuple[Askable, ...]:
    """Return who can be asked for a new opinion from a task its reader can complete."""
    if "complete" not in row.verbs or row.role != TaskRole.LEAD:
        return ()
    found = askable(session, row.id, actor=actor)
    return tuple(Askable(task_id, agency, task_id == chosen) for task_id, agency in found)


def read_answers(form: MultiDict[str, str]) -> Mapping[int, str]:
    """Return what was typed into the boxes: task of the objection → answer."""
    typed = {}
    for name, text in form.items():
        key = name.removeprefix(PREFIX)
        if name.startswith(PREFIX) and key.isascii() and key.isdigit() and len(key) <= 18:
            typed[int(key)] = text
    return typed


def with_answers(data: Mapping[str, Any], typed: Mapping[int, str]) -> Mapping[str, Any]:
    """Return what a draft keeps of a form and of the boxes beside it."""
    return {**data, _KEPT: {str(task_id): text for task_id, text in typed.items()}} if typed else data


def without_answers(data: Mapping[str, Any]) -> tuple[Mapping[str, Any], Mapping[int, str]]:
    """Return what `with_answers` was given."""
    kept = data.get(_KEPT, {})
    form = {name: value for name, value in data.items() if name != _KEPT}
    return form, {int(task_id): text for task_id, text in kept.items()}


def given(typed: Mapping[int, str]) -> tuple[OpinionAnswer, ...]:
    """Return the answers that were written; an empty box answers nothing."""
    return tuple(OpinionAnswer(task_id, text) for task_id, text in typed.items() if text.strip())


def at_their_boxes(errors: Sequence[FieldError], typed: Mapping[int, str]) -> tuple[FieldError, ...]:
    """Return the errors with those of answers named after the box they belong to."""
    sent = [answer.task_id for answer in given(typed)]
    return tuple(_at_box(error, sent) for error in errors)


def _at_box(error: FieldError, sent: Sequence[int]) -> FieldError:
    head, _dot, rest = error.field.partition(".")
    if head != "answers":
        return error
    task_id = error.params.get("task_id") if not rest else sent[int(rest.partition(".")[0])]
    return FieldError(f"{PREFIX}{task_id}", error.code, error.params)


def is_box(path: str) -> bool:
    """Tell whether a field is an answer box."""
    return path.startswith(PREFIX)


def label() -> str:
    """What an answer box is called among the things to mend."""
    return _("答复")
