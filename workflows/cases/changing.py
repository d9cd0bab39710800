"""Changing who does a task: one statement that passes only in the right state, the entry for the trace, the refusal.

None of this touches the engine.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, select, update
from sqlalchemy.orm import Session

from workflows import audit
from workflows.agencies.models import Person
from workflows.agencies.posts import candidates
from workflows.cases.access import in_scope, own_task
from workflows.cases.apart import require_other_person
from workflows.cases.holding import holder_name
from workflows.cases.models import ENDED, Case, CaseStatus, HumanTask, TaskStatus
from workflows.cases.queues import task_row
from workflows.cases.texts import check_text
from workflows.cases.views import TaskRow
from workflows.clock import Clock, office_date
from workflows.engine.model import ProcessModel
from workflows.errors import (
    FieldError,
    InvalidInputError,
    NotFoundError,
    PermissionDeniedError,
    StateConflictError,
    TaskAlreadyClaimedError,
)
from workflows.events import EventType
from workflows.permissions import Actor, Permission, PostKind
from workflows.processes import get_published
from workflows.processes.models import ProcessVersion

_STILL = [*ENDED, CaseStatus.SUSPENDED]
_CASE_MOVES = ~exists().where(Case.id == HumanTask.root_id, Case.status.in_(_STILL))


def mine(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that a task is in the actor's hands to decide; of one delegated to them it is not."""
    return and_(
        HumanTask.assignee_person_id == actor.holder_id,
        HumanTask.assignee_post_id == actor.post_id,
        HumanTask.owner_person_id.is_(None),
    )


def held_by(person_id: int, post_id: int, clock: Clock) -> dict[str, Any]:
    """Return the values of a task that a person now has in hand."""
    return {
        "status": TaskStatus.RESERVED,
        "assignee_person_id": person_id,
        "assignee_post_id": post_id,
        "claimed_at": clock.now(),
    }


def colleague(session: Session, task: HumanTask, username: str, clock: Clock) -> tuple[int, int]:
    """Return person and post of somebody of the agency who could do the task.

    Raises:
        InvalidInputError: `username` holds no post that may do it (`to`).
    """
    check_text(username, "to")
    on = office_date(clock.now())
    person_id = session.scalar(select(Person.id).where(Person.username == username.strip().lower()))
    for candidate in candidates(session, task.agency_id, PostKind(task.post_kind), on):
        if candidate.person_id == person_id:
            return candidate.person_id, candidate.post_id
    raise InvalidInputError([FieldError("to", "not-in-list")])


def model_of(session: Session, task: HumanTask) -> ProcessModel:
    """Return the diagram that a task is a step of."""
    row = session.execute(
        select(ProcessVersion.id, ProcessVersion.sha256)
        .join(Case, Case.process_version_id == ProcessVersion.id)
        .where(Case.id == task.root_id)
    ).one()
    return get_published(session, row.id, row.sha256).model


def require_apart(session: Session, task: HumanTask, person_id: int, actor: Actor, *, clock: Clock) -> None:
    """Somebody given a task must be kept apart from the same steps as somebody who claims it.

    Raises:
        SamePersonError, ApplicantDecidesError: they must not do it.
    """
    model = model_of(session, task)
    given = replace(actor, person_id=person_id, on_behalf_of=None)
    require_other_person(session, model, model.nodes[task.node_id], task, given, clock=clock)


def try_change(
    session: Session,
    task_id: int,
    source: TaskStatus,
    values: Mapping[str, Any],
    actor: Actor,
    further: ColumnElement[bool] | None = None,
) -> bool:
    """Change a task of the actor's agency that is in state `source`, in a case that moves; tell whether it was."""
    statement = update(HumanTask).where(
        HumanTask.id == task_id,
        HumanTask.agency_id == actor.agency_id,
        HumanTask.status == source,
        in_scope(actor),
        _CASE_MOVES,
    )
    if further is not None:
        statement = statement.where(further)
    changed = session.execute(
        statement.values(row_version=HumanTask.row_version + 1, **values).execution_options(synchronize_session=False)
    )
    return bool(changed.rowcount == 1)  # type: ignore[attr-defined]


def change(
    session: Session,
    task_id: int,
    source: TaskStatus,
    values: Mapping[str, Any],
    actor: Actor,
    wanted: str,
    further: ColumnElement[bool] | None = None,
) -> None:
    """Change a task, or say why not.

    Raises:
        NotFoundError: no such task in the actor's agency.
        TaskAlreadyClaimedError: somebody else holds it.
        PermissionDeniedError: it is for another kind of post.
        StateConflictError: not in that state, or the case stands still.
    """
    if not try_change(session, task_id, source, values, actor, further):
        raise refusal(session, task_of(session, task_id, actor), actor, wanted)


def task_of(session: Session, task_id: int, actor: Actor) -> HumanTask:
    """Return a task of the actor's agency.

    Raises:
        NotFoundError: no such task there.
    """
    task = session.scalar(
        select(HumanTask).where(HumanTask.id == task_id, own_task(actor)).execution_options(populate_existing=True)
    )
    if task is None:
        raise NotFoundError("task", task_id)
    return task


def refusal(session: Session, task: HumanTask, actor: Actor, wanted: str) -> Exception:
    """Return why a task could not be changed."""
    if task.status == TaskStatus.RESERVED and task.assignee_person_id != actor.holder_id:
        return TaskAlreadyClaimedError(task.id, holder_name(session, task))
    status = session.scalar(select(Case.status).where(Case.id == task.root_id))
    if status in _STILL and task.status in {TaskStatus.CREATED, TaskStatus.READY, TaskStatus.RESERVED}:
        return StateConflictError("case", task.case_id, str(status), wanted)
    if task.post_kind != actor.post_kind and task.status == TaskStatus.READY:
        return PermissionDeniedError(Permission.TASK_CLAIM, f"for {task.post_kind}")
    if task.owner_person_id is not None:
        return StateConflictError("task", task.id, "delegated", wanted)
    return StateConflictError("task", task.id, task.status, wanted)


def recorded(
    session: Session, task_id: int, event: EventType, payload: Mapping[str, Any], actor: Actor, clock: Clock
) -> TaskRow:
    """Record what was done with a task, and return it as its queue shows it now."""
    row = task_row(session, task_id, actor=actor, clock=clock)
    audit.append(
        session,
        actor=actor,
        event=event,
        case_id=row.case_id,
        task_id=task_id,
        payload={"node": row.node_id, **payload},
        clock=clock,
    )
    return row
