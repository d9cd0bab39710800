"""答复: the lead decides, and answers every objection of a supporting agency before it does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows import audit
from workflows.agencies.models import Agency
from workflows.cases.access import require
from workflows.cases.aggregate import Family, lock_family_of_task
from workflows.cases.commands import OpinionAnswer as Answering
from workflows.cases.holding import does_a_part
from workflows.cases.models import HumanTask, TaskRole, TaskStatus
from workflows.cases.opinions.steps import CONDITIONS, OBJECT, gives_opinion
from workflows.cases.opinions.tables import OpinionAnswer
from workflows.cases.texts import check_text
from workflows.cases.views import Named
from workflows.cases.ways import follows
from workflows.clock import Clock
from workflows.errors import FieldError, InvalidInputError, ObjectionsUnansweredError
from workflows.events import EventType
from workflows.permissions import Actor, Permission


@dataclass(frozen=True)
class Answerable:
    """An objection or condition before a lead's step.

    Args:
        task_id, case_id, node_id: of the task it was given with.
        agency: whose it is.
        must: it is an objection without an answer yet.
    """

    task_id: int
    case_id: int
    node_id: str
    agency: Named
    must: bool


def answerable(session: Session, family: Family, task: HumanTask) -> Sequence[Answerable]:
    """Return the objections and conditions that a task's decision may answer, oldest first; none unless it is a lead's.

    A step of one child case answers what was said of that child and of the whole.
    """
    asking = _asking_nodes(family, task)
    if not asking:
        return ()
    query = (
        select(HumanTask.id, HumanTask.case_id, HumanTask.node_id, HumanTask.decision, Agency)
        .join(Agency, Agency.id == HumanTask.agency_id)
        .where(
            HumanTask.root_id == family.id,
            HumanTask.node_id.in_(asking),
            HumanTask.role == TaskRole.SUPPORT,
            HumanTask.status == TaskStatus.COMPLETED,
            HumanTask.decision.in_((OBJECT, CONDITIONS)),
            HumanTask.voided_at.is_(None),
        )
        .order_by(HumanTask.id)
    )
    if task.case_id != family.id:
        query = query.where(HumanTask.case_id.in_((task.case_id, family.id)))
    rows = session.execute(query).all()
    if not rows:
        return ()
    answered = _answered(session, family.id)
    return tuple(
        Answerable(
            row.id,
            row.case_id,
            row.node_id,
            Named(row.Agency.code, row.Agency.short_zh, row.Agency.short_en),
            must=row.decision == OBJECT and row.id not in answered,
        )
        for row in rows
    )


def answerable_of(session: Session, task_id: int, *, actor: Actor) -> Sequence[Answerable]:
    """Return what the decision of a task of the actor's may answer; whoever only does a part of it decides nothing.

    Raises:
        NotFoundError: no such task in the actor's agency.
    """
    require(actor, Permission.TASK_COMPLETE)
    family, task = lock_family_of_task(session, task_id, actor=actor, for_update=False)
    return () if does_a_part(task, actor) else answerable(session, family, task)


def _asking_nodes(family: Family, task: HumanTask) -> Sequence[str]:
    """The steps before a lead's at which somebody may object."""
    if task.role != TaskRole.LEAD:
        return ()
    return [
        node.id
        for node in family.process.model.nodes.values()
        if gives_opinion(node) and follows(family, task.node_id, node.id)
    ]


def _answered(session: Session, root_id: int) -> set[int]:
    return set(session.scalars(select(OpinionAnswer.opinion_task_id).where(OpinionAnswer.root_id == root_id)))


def check_answers(
    session: Session, family: Family, task: HumanTask, given: Sequence[Answering]
) -> Mapping[Answerable, str]:
    """Return what is answered to whom, once every objection has its answer.

    Raises:
        InvalidInputError: an answer is empty, too long, given twice, or to nothing that was said before this step.
        ObjectionsUnansweredError: an objection is left without an answer.
    """
    found = {each.task_id: each for each in answerable(session, family, task)}
    answers: dict[Answerable, str] = {}
    for index, one in enumerate(given):
        text = one.answer.strip()
        said = found.get(one.task_id)
        if said is None:
            raise InvalidInputError([FieldError(f"answers.{index}.task_id", "not-in-list")])
        if said in answers:
            raise InvalidInputError([FieldError(f"answers.{index}.task_id", "duplicate")])
        if not text:
            raise InvalidInputError([FieldError(f"answers.{index}.answer", "required")])
        check_text(text, f"answers.{index}.answer")
        answers[said] = text
    left = [said for said in found.values() if said.must and said not in answers]
    if left:
        raise ObjectionsUnansweredError({said.task_id: (said.agency.zh, said.agency.en) for said in left})
    return answers


def record_answers(
    session: Session, task: HumanTask, answers: Mapping[Answerable, str], *, actor: Actor, clock: Clock
) -> None:
    """Keep the answers given with a task's decision, each with its entry in the trace."""
    for said, text in answers.items():
        session.add(
            OpinionAnswer(
                root_id=task.root_id,
                opinion_task_id=said.task_id,
                given_in_task_id=task.id,
                answer=text,
                agency_id=actor.agency_id,
                person_id=actor.person_id,
                post_id=actor.post_id,
                given_at=clock.now(),
            )
        )
        audit.append(
            session,
            actor=actor,
            event=EventType.OBJECTION_ANSWERED,
            case_id=said.case_id,
            task_id=said.task_id,
            payload={
                "node": said.node_id,
                "to": [said.agency.code, said.agency.zh, said.agency.en],
                "given_with": task.id,
                "opinion": text,
            },
            clock=clock,
        )
