"""存草稿: what somebody has filled in for a task they hold, kept until they submit it or forget about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from workflows.cases.access import require
from workflows.cases.complete_task import check_text
from workflows.cases.desk.models import TaskDraft
from workflows.cases.desk.upsert import put
from workflows.cases.queues import task_row
from workflows.clock import Clock
from workflows.errors import FieldError, InvalidInputError, StateConflictError
from workflows.permissions import Actor, Permission
from workflows.persistence import canonical_json

DRAFT_LIFE = timedelta(days=30)
MAX_DATA_BYTES = 200_000


@dataclass(frozen=True)
class SaveDraft:
    """What is filled in so far.

    Args:
        decision, opinion: as far as chosen and written; empty where not.
        data: the task's form, unchecked.
        row_version: of the task as the writer sees it.
    """

    task_id: int
    decision: str = ""
    opinion: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)
    row_version: int | None = None


@dataclass(frozen=True)
class TaskDraftView:
    """A draft as it was left.

    Args:
        stale: the task has changed since; what was written must be looked at again.
    """

    decision: str
    opinion: str
    data: Mapping[str, Any]
    saved_at: datetime
    stale: bool


def save_draft(session: Session, command: SaveDraft, *, actor: Actor, clock: Clock) -> datetime:
    """Keep what the actor has filled in; return when. Drafts they have forgotten go.

    Raises:
        NotFoundError: no such task in the actor's agency.
        StateConflictError: the actor does not hold it.
        InvalidInputError: a text is too long, or no database can hold it.
    """
    require(actor, Permission.TASK_COMPLETE)
    row = task_row(session, command.task_id, actor=actor, clock=clock)
    if "complete" not in row.verbs:
        raise StateConflictError("task", row.id, row.status, "save-draft")
    check_text(command.opinion, "opinion")
    check_text(command.decision[:41], "decision")
    if len(command.decision) > 40:
        raise InvalidInputError([FieldError("decision", "not-in-list")])
    _check_data(command.data)
    now = clock.now()
    session.execute(
        delete(TaskDraft).where(TaskDraft.person_id == actor.person_id, TaskDraft.saved_at < now - DRAFT_LIFE)
    )
    values = {
        "decision": command.decision,
        "opinion": command.opinion,
        "data": dict(command.data),
        "row_version": command.row_version or row.row_version,
        "saved_at": now,
    }
    put(session, TaskDraft, {"person_id": actor.person_id, "task_id": row.id}, values)
    return now


def find_draft(session: Session, task_id: int, *, actor: Actor, clock: Clock) -> TaskDraftView | None:
    """Return the actor's draft for a task they hold, if there is one that has not run out."""
    row = task_row(session, task_id, actor=actor, clock=clock)
    draft = session.scalar(
        select(TaskDraft).where(TaskDraft.person_id == actor.person_id, TaskDraft.task_id == task_id)
    )
    if draft is None or "complete" not in row.verbs or draft.saved_at < clock.now() - DRAFT_LIFE:
        return None
    return TaskDraftView(
        draft.decision, draft.opinion, draft.data, draft.saved_at, stale=draft.row_version != row.row_version
    )


def discard_draft(session: Session, task_id: int, *, actor: Actor) -> None:
    """Throw the actor's draft away; nothing happens where there is none."""
    session.execute(delete(TaskDraft).where(TaskDraft.person_id == actor.person_id, TaskDraft.task_id == task_id))


def _check_data(data: Mapping[str, Any]) -> None:
    for text in _texts(data):
        check_text(text[:2000], "data")
    if len(canonical_json(dict(data))) > MAX_DATA_BYTES:
        raise InvalidInputError([FieldError("data", "too-long", {"maximum": MAX_DATA_BYTES})])


def _texts(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, Mapping):
        return [text for key, part in value.items() for text in (str(key), *_texts(part))]
    if isinstance(value, list | tuple):
        return [text for part in value for text in _texts(part)]
    return []
