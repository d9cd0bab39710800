"""What the caller keeps on their own desk."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import Field

from webapp.api.v1.content.base import Code, FormData, Incoming, Opinion, Outgoing, RowVersion
from workflows.cases.desk import PhraseView, SavedViewRow, TaskDraftView


class NewView(Incoming):
    """A queue with its filters, to be kept under a name."""

    name: Code
    query: Code
    """As it follows the question mark in the address of the task centre."""


class View(Outgoing):
    """A queue with its filters under a name."""

    id: int
    name: str
    query: str


class ViewList(Outgoing):
    """The caller's views, by name."""

    items: list[View]
    next: None = None


class NewPhrase(Incoming):
    """A sentence for opinions."""

    text: Opinion
    decision: Code | None = None
    """The decision it goes with; any if left out."""


class Phrase(Outgoing):
    """A sentence for opinions."""

    id: int
    text: str
    decision: str | None


class PhraseList(Outgoing):
    """The caller's phrases, the oldest first."""

    items: list[Phrase]
    next: None = None


class NewDraft(Incoming):
    """What is filled in for a task so far; nothing of it is checked."""

    decision: Code | None = None
    opinion: Opinion | None = None
    data: FormData = Field(default_factory=dict)
    row_version: RowVersion | None = None


class TaskDraft(Outgoing):
    """What was filled in for a task; `stale` when the task has changed since."""

    decision: str | None
    opinion: str
    data: dict[str, Any]
    saved_at: datetime
    stale: bool


class KeptDraft(Outgoing):
    """The caller's draft for a task, if there is one."""

    draft: TaskDraft | None


def view_list(rows: tuple[SavedViewRow, ...]) -> ViewList:
    """Return views as content."""
    return ViewList(items=[View(id=row.id, name=row.name, query=row.query) for row in rows])


def phrase_list(rows: tuple[PhraseView, ...]) -> PhraseList:
    """Return phrases as content."""
    return PhraseList(items=[Phrase(id=row.id, text=row.text, decision=row.decision or None) for row in rows])


def kept_draft(kept: TaskDraftView | None) -> KeptDraft:
    """Return a draft as content."""
    if kept is None:
        return KeptDraft(draft=None)
    return KeptDraft(
        draft=TaskDraft(
            decision=kept.decision or None,
            opinion=kept.opinion,
            data=dict(kept.data),
            saved_at=kept.saved_at,
            stale=kept.stale,
        )
    )
