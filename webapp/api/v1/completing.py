"""From the content of a completion to the command, for whoever submits and whoever only asks what it would bring."""

from __future__ import annotations

from webapp.api.v1.content.tasks import Completion
from workflows.cases.commands import CompleteTask, OpinionAnswer


def completing(task_id: int, body: Completion) -> CompleteTask:
    """Return the command that a completion asks for."""
    return CompleteTask(
        task_id,
        body.decision,
        body.opinion,
        body.data,
        body.row_version,
        tuple(OpinionAnswer(given.task_id, given.answer) for given in body.answers),
        missing_confirmed=body.missing_confirmed,
    )
