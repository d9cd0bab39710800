"""委派: have a colleague do a task for one; it comes back, and whoever delegated it decides and submits."""

from __future__ import annotations

from sqlalchemy.orm import Session

from workflows.cases.access import require
from workflows.cases.aggregate import lock_family_of_task
from workflows.cases.apart import require_other_person
from workflows.cases.changing import change, colleague, mine, recorded, require_apart, task_of
from workflows.cases.collaboration.parts import give_to_owner, hand_back, open_part
from workflows.cases.collaboration.tables import TaskPart
from workflows.cases.complete_task import check_text
from workflows.cases.holding import does_a_part, holder_name, require_held, require_version
from workflows.cases.models import HumanTask, TaskStatus
from workflows.cases.notifications import NotificationKind
from workflows.cases.queues import task_row
from workflows.cases.telling import tell_holder
from workflows.cases.views import Proposal, TaskRow
from workflows.clock import Clock
from workflows.errors import FieldError, InvalidInputError, StateConflictError, TaskAlreadyClaimedError
from workflows.events import EventType
from workflows.permissions import Actor, Permission


def delegate_task(
    session: Session, task_id: int, *, to_username: str, reason: str, actor: Actor, clock: Clock
) -> TaskRow:
    """Give one's own task to a colleague who hands it back; the limit goes on.

    Raises:
        NotFoundError: no such task in the actor's agency.
        InvalidInputError: `to_username` is the actor, holds no post that may do it, or no reason is given.
        SamePersonError: the colleague did a step that must be kept apart from this one.
        TaskAlreadyClaimedError: somebody else holds it.
        StateConflictError: nobody holds it, it is itself delegated to the actor, or the case stands still.
    """
    require(actor, Permission.TASK_DELEGATE)
    text = required_reason(reason)
    task = task_of(session, task_id, actor)
    person_id, post_id = colleague(session, task, to_username, clock)
    if person_id in actor.person_ids:
        raise InvalidInputError([FieldError("to", "oneself")])
    require_apart(session, task, person_id, actor, clock=clock)
    values = {
        "assignee_person_id": person_id,
        "assignee_post_id": post_id,
        "owner_person_id": HumanTask.assignee_person_id,
        "owner_post_id": HumanTask.assignee_post_id,
        "claimed_at": clock.now(),
    }
    change(session, task_id, TaskStatus.RESERVED, values, actor, "delegate", mine(actor))
    session.add(
        TaskPart(
            task_id=task_id,
            owner_person_id=actor.holder_id,
            owner_post_id=actor.post_id,
            delegate_person_id=person_id,
            delegate_post_id=post_id,
            reason=text,
            delegated_at=clock.now(),
        )
    )
    payload = {"to": to_username.strip().lower(), "reason": text}
    row = recorded(session, task_id, EventType.TASK_DELEGATED, payload, actor, clock)
    tell_holder(session, row, NotificationKind.DELEGATED, reason=text, actor=actor, clock=clock)
    return row


def hand_back_task(
    session: Session,
    task_id: int,
    *,
    note: str,
    actor: Actor,
    clock: Clock,
    opinion: str | None = None,
    row_version: int | None = None,
) -> TaskRow:
    """交回: give a task that was delegated to one back to whoever delegated it, with a note and a draft opinion.

    Raises:
        NotFoundError: no such task in the actor's agency.
        InvalidInputError: no note.
        TaskAlreadyClaimedError: somebody else holds it.
        StateConflictError: it was not delegated to the actor, or the case stands still.
        ConcurrencyError: `row_version` is stale.
        SamePersonError, ApplicantDecidesError: the actor, standing in for the colleague, must not do it.
    """
    require(actor, Permission.TASK_DELEGATE)
    text = note.strip()
    if not text:
        raise InvalidInputError([FieldError("note", "required")])
    check_text(text, "note")
    check_text(opinion or "", "opinion")
    family, task = lock_family_of_task(session, task_id, actor=actor)
    if not does_a_part(task, actor):
        require_held(session, task, actor, "hand-back")
        raise StateConflictError("task", task_id, "not-delegated", "hand-back")
    require_version(task, row_version)
    family.require_running("hand-back")
    model = family.process.model
    require_other_person(session, model, model.nodes[task.node_id], task, actor, clock=clock)
    hand_back(session, task, Proposal(text, opinion=(opinion or "").strip() or None), actor=actor, clock=clock)
    return task_row(session, task_id, actor=actor, clock=clock)


def take_back_task(session: Session, task_id: int, *, actor: Actor, clock: Clock) -> TaskRow:
    """收回委派: take a task one has delegated back before the colleague hands it back.

    Raises:
        NotFoundError: no such task in the actor's agency.
        TaskAlreadyClaimedError: it is somebody else's.
        StateConflictError: it is not away, or the case stands still.
    """
    require(actor, Permission.TASK_DELEGATE)
    family, task = lock_family_of_task(session, task_id, actor=actor)
    family.require_running("take-back")
    if task.status != TaskStatus.RESERVED or task.owner_person_id is None:
        raise StateConflictError("task", task_id, "not-delegated", "take-back")
    if (task.owner_person_id, task.owner_post_id) != (actor.holder_id, actor.post_id):
        raise TaskAlreadyClaimedError(task_id, holder_name(session, task))
    open_part(session, task_id).taken_back_at = clock.now()
    give_to_owner(session, task, clock)
    return recorded(session, task_id, EventType.TASK_TAKEN_BACK, {}, actor, clock)


def required_reason(reason: str) -> str:
    """Return a reason without outer blanks.

    Raises:
        InvalidInputError: there is none, it is too long, or no database could hold it.
    """
    text = reason.strip()
    if not text:
        raise InvalidInputError([FieldError("reason", "reason-required")])
    check_text(text, "reason")
    return text
