"""Who said what in a case, and what the lead answered."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.agencies.models import Agency, Person, Post
from workflows.cases.access import get_visible_case, require
from workflows.cases.models import HumanTask, TaskStatus
from workflows.cases.opinions.steps import asks, is_signing
from workflows.cases.opinions.tables import OpinionAnswer, SignedFigures
from workflows.cases.opinions.views import AnswerRow, OpinionRow
from workflows.cases.part_of_family import part_of
from workflows.cases.queues import task_rows_of
from workflows.cases.views import Named, TaskRow
from workflows.clock import Clock
from workflows.engine import ProcessModel
from workflows.permissions import Actor, Permission, PostKind
from workflows.processes import load_version


def list_opinions(session: Session, case_no: str, *, actor: Actor, clock: Clock) -> tuple[OpinionRow, ...]:
    """Return the opinions and signatures of a case, oldest first; applicants are told results, not these.

    Raises:
        NotFoundError: no such case for the actor.
    """
    require(actor, Permission.CASE_READ)
    case = get_visible_case(session, case_no, actor=actor)
    if actor.post_kind is PostKind.APPLICANT:
        return ()
    part = part_of(session, case, actor=actor)
    version = load_version(session, case.process_version_id)
    model = version.process.model
    if not any(asks(node) for node in model.nodes.values()):
        return ()
    rows = task_rows_of(session, part.root_id, actor=actor, clock=clock)
    return opinions_among(session, model, [part.task(row) for row in rows if row.case_id in part.case_ids])


def opinions_among(session: Session, model: ProcessModel, rows: Sequence[TaskRow]) -> tuple[OpinionRow, ...]:
    """Return what was said in those of a case's tasks that ask for it; the caller has checked that they may be seen."""
    asked = [row for row in rows if row.status != TaskStatus.EXITED and asks(model.nodes[row.node_id])]
    if not asked:
        return ()
    ids = [row.id for row in asked]
    said = {
        row.HumanTask.id: row
        for row in session.execute(
            select(HumanTask, Post.kind, Post.name_zh, Post.name_en)
            .outerjoin(Post, Post.id == HumanTask.completed_by_post_id)
            .where(HumanTask.id.in_(ids))
        )
    }
    figures = _figures(session, ids)
    answers = _answers(session, ids)
    return tuple(
        OpinionRow(
            task=row,
            opinion=said[row.id].HumanTask.opinion,
            post=Named(said[row.id].kind, said[row.id].name_zh, said[row.id].name_en) if said[row.id].kind else None,
            signing=is_signing(model.nodes[row.node_id]),
            figures=figures.get(row.id, {}),
            void_reason=said[row.id].HumanTask.void_reason,
            answers=tuple(answers.get(row.id, ())),
        )
        for row in asked
    )


def _figures(session: Session, task_ids: Collection[int]) -> Mapping[int, Mapping[str, Any]]:
    rows = session.execute(
        select(SignedFigures.task_id, SignedFigures.figures).where(SignedFigures.task_id.in_(task_ids))
    )
    return {row.task_id: row.figures for row in rows}


def _answers(session: Session, task_ids: Collection[int]) -> Mapping[int, Sequence[AnswerRow]]:
    rows = session.execute(
        select(OpinionAnswer, Agency, Person, Post)
        .join(Agency, Agency.id == OpinionAnswer.agency_id)
        .join(Person, Person.id == OpinionAnswer.person_id)
        .join(Post, Post.id == OpinionAnswer.post_id)
        .where(OpinionAnswer.opinion_task_id.in_(task_ids))
        .order_by(OpinionAnswer.id)
    )
    found: dict[int, list[AnswerRow]] = {}
    for row in rows:
        given = row.OpinionAnswer
        found.setdefault(given.opinion_task_id, []).append(
            AnswerRow(
                task_id=given.given_in_task_id,
                answer=given.answer,
                agency=Named(row.Agency.code, row.Agency.short_zh, row.Agency.short_en),
                person=row.Person.name_zh,
                person_en=row.Person.name_en,
                post=Named(row.Post.kind, row.Post.name_zh, row.Post.name_en),
                at=given.given_at,
            )
        )
    return found
