"""Opinions, signatures and the lead's answers."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from webapp.api.sentences import Language
from webapp.api.v1.content.base import Agency, Outgoing, agency_of, name_of
from webapp.api.v1.content.tasks import Decision
from workflows.cases.opinions.steps import OBJECT
from workflows.cases.opinions.views import AnswerRow, OpinionRow
from workflows.cases.views import Named


class Post(Outgoing):
    """The post a person acted in."""

    kind: str
    name: str


class GivenAnswer(Outgoing):
    """What the lead answered."""

    task_id: int
    """The lead's task whose decision it was given with."""
    answer: str
    agency: Agency | None
    person: str
    post: Post | None
    at: datetime


class OpinionItem(Outgoing):
    """What one agency said: a supporter's opinion, or a joint lead's signature."""

    task_id: int
    case_no: str
    node_id: str
    step: str
    agency: Agency | None
    role: str
    kind: Literal["opinion", "signature"]
    state: Literal["waiting", "given", "silent", "void"]
    """`silent`: the time ran out and it counts as no opinion."""
    decision: Decision | None
    opinion: str | None
    person: str | None
    post: Post | None
    at: datetime | None
    figures: dict[str, Any]
    """Field of the application → value the signature was given for."""
    void_reason: str | None
    answer_required: bool
    """An objection the lead has not answered yet."""
    answers: list[GivenAnswer]


class OpinionList(Outgoing):
    """Opinions and signatures, oldest first."""

    items: list[OpinionItem]
    next: str | None


def opinion_list(rows: tuple[OpinionRow, ...], language: Language) -> OpinionList:
    """Return opinions as content."""
    return OpinionList(items=[_opinion(row, language) for row in rows], next=None)


def _opinion(row: OpinionRow, language: Language) -> OpinionItem:
    task, objects = row.task, row.task.decision is not None and row.task.decision.code == OBJECT
    decided = None if task.decision is None else Decision(id=task.decision.code, label=name_of(task.decision, language))
    return OpinionItem(
        task_id=task.id,
        case_no=task.case_no,
        node_id=task.node_id,
        step=name_of(task.name, language),
        agency=agency_of(task.agency, language),
        role=task.role,
        kind="signature" if row.signing else "opinion",
        state=row.state,
        decision=decided,
        opinion=row.opinion,
        person=task.assignee,
        post=_post(row.post, language),
        at=task.completed_at,
        figures=dict(row.figures),
        void_reason=row.void_reason,
        answer_required=not row.signing and row.state == "given" and objects and not row.answers,
        answers=[_answer(answer, language) for answer in row.answers],
    )


def _answer(row: AnswerRow, language: Language) -> GivenAnswer:
    return GivenAnswer(
        task_id=row.task_id,
        answer=row.answer,
        agency=agency_of(row.agency, language),
        person=row.person,
        post=_post(row.post, language),
        at=row.at,
    )


def _post(post: Named | None, language: Language) -> Post | None:
    return None if post is None else Post(kind=post.code, name=name_of(post, language))
