"""取回: an officer takes back what they submitted, as long as nobody has taken it up."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.cases.access import require
from workflows.cases.aggregate import Family, lock_family_of_task
from workflows.cases.assignment.rules import passed_by_rule
from workflows.cases.complete_task import check_text
from workflows.cases.incidents import or_incident
from workflows.cases.models import OPEN, HumanTask, TaskStatus
from workflows.cases.return_task import decided_since, go_back, targets_of
from workflows.cases.views import Moved
from workflows.cases.ways import after
from workflows.clock import Clock
from workflows.errors import FieldError, InvalidInputError, StateConflictError
from workflows.events import EventType
from workflows.permissions import Actor, Permission


def recall_task(session: Session, task_id: int, *, reason: str, actor: Actor, clock: Clock) -> Moved:
    """Take back what one has submitted.

    Raises:
        NotFoundError: no such task in the actor's agency.
        StateConflictError: not completed by the actor, the next step has been taken up, or what others decided would
            be void with it.
        InvalidInputError: no reason.
    """
    require(actor, Permission.TASK_COMPLETE)
    text = reason.strip()
    if not text:
        raise InvalidInputError([FieldError("reason", "reason-required")])
    check_text(text, "reason")
    family, task = lock_family_of_task(session, task_id, actor=actor)
    family.require_running("recall")
    if task.status != TaskStatus.COMPLETED or task.completed_by_person_id != actor.person_id:
        raise StateConflictError("task", task.id, task.status, "recall")
    if task.voided_at is not None:
        raise StateConflictError("task", task.id, "voided", "recall")
    following = _following(session, family, task)
    if not following or any(_taken_up(later) for later in following):
        raise StateConflictError("task", task.id, "taken-up", "recall")
    if task.node_id not in targets_of(session, family, following[0]):
        raise StateConflictError("task", task.id, "no-way-back", "recall")
    since = decided_since(session, family, following[0], task.node_id)
    if any(done.id != task.id and not passed_by_rule(done.rule) for done in since):
        raise StateConflictError("task", task.id, "others-decided", "recall")
    payload = {"node": task.node_id, "reason": text}

    def back() -> Moved:
        return go_back(
            session, family, following[0], task.node_id, payload, EventType.TASK_RECALLED, actor=actor, clock=clock
        )

    attempt = {"act": "recall", "task_id": task.id, "reason": text}
    return or_incident(session, family, task, attempt, back, actor=actor, clock=clock)


def _following(session: Session, family: Family, task: HumanTask) -> Sequence[HumanTask]:
    """Return the open tasks that came of a completion: created with it or later, behind its step."""
    query = select(HumanTask).where(
        HumanTask.root_id == family.id,
        HumanTask.status.in_(OPEN),
        HumanTask.created_at >= task.completed_at,
        HumanTask.node_id.in_(after(family, task.node_id) - {task.node_id}),
    )
    if task.case_id != task.root_id:
        query = query.where(HumanTask.case_id.in_({task.case_id, task.root_id}))
    return session.scalars(query.order_by(HumanTask.id)).all()


def _taken_up(later: HumanTask) -> bool:
    """Claimed by somebody, or signed for by an agency that signs for its work."""
    received = later.received_at is not None and later.received_at > later.created_at
    return later.status == TaskStatus.RESERVED or received
