"""Whether a task is the actor's to act on."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.agencies.models import Person
from workflows.cases.models import HumanTask, TaskStatus
from workflows.errors import ConcurrencyError, NotFoundError, StateConflictError, TaskAlreadyClaimedError
from workflows.permissions import Actor, Permission, PostKind


def holder_name(session: Session, task: HumanTask) -> str:
    """Return the name of whoever holds or has done a task, as colleagues know them."""
    person_id = task.assignee_person_id or task.completed_by_person_id
    return session.scalar(select(Person.name_zh).where(Person.id == person_id)) or ""


def require_held(session: Session, task: HumanTask, actor: Actor, wanted: str) -> None:
    """Refuse to act on a task that is not the actor's to decide, in the post they act in.

    Raises:
        TaskAlreadyClaimedError: somebody else holds it.
        StateConflictError: nobody holds it, it is over, or it was only delegated to the actor.
        NotFoundError: the actor holds it, but in another post than the one they act in.
    """
    if task.status != TaskStatus.RESERVED:
        raise StateConflictError("task", task.id, task.status, wanted)
    if task.assignee_person_id != actor.holder_id:
        raise TaskAlreadyClaimedError(task.id, holder_name(session, task))
    if task.assignee_post_id != actor.post_id:
        raise NotFoundError("task", task.id)
    if task.owner_person_id is not None:
        raise StateConflictError("task", task.id, "delegated", wanted)


def does_a_part(task: HumanTask, actor: Actor) -> bool:
    """Tell whether the task was delegated to the actor, who does a part of it and hands it back."""
    held = task.status == TaskStatus.RESERVED and task.owner_person_id is not None
    return held and (task.assignee_person_id, task.assignee_post_id) == (actor.holder_id, actor.post_id)


def require_version(task: HumanTask, row_version: int | None) -> None:
    """Refuse to act on what was read before somebody changed it.

    Raises:
        ConcurrencyError: the version differs.
    """
    if row_version is not None and row_version != task.row_version:
        raise ConcurrencyError("task", task.id)


def reassignable(task: HumanTask, actor: Actor) -> bool:
    """Tell whether a task is in a subordinate's hands, so that the actor may give it to another one."""
    in_hand = task.status == TaskStatus.RESERVED and task.owner_person_id is None
    return in_hand and task.agency_id == actor.agency_id and task.post_kind in subordinate(actor)


def subordinate(actor: Actor) -> tuple[PostKind, ...]:
    """The kinds of post whose work the actor distributes: a section head the handlers', a leader the head's too."""
    if not actor.may(Permission.TASK_ASSIGN):
        return ()
    below = (PostKind.CLERK, PostKind.HANDLER)
    return (*below, PostKind.REVIEWER) if actor.post_kind is PostKind.LEADER else below
