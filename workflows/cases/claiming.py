"""签收, 认领, 取消认领, 指派, 转办: who of the agency does a task. None of these touches the engine.

Claiming is one statement that changes the row only if nobody holds it: of any number of officers at the same instant
one wins, and the others are told who.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, exists, select, update
from sqlalchemy.orm import Session

from workflows import audit
from workflows.agencies.models import Person
from workflows.agencies.posts import candidates
from workflows.cases.access import require
from workflows.cases.complete_task import check_text, require_other_person
from workflows.cases.holding import holder_name
from workflows.cases.limits import CALENDARS, start_limit
from workflows.cases.models import ENDED, Case, CaseStatus, HumanTask, TaskStatus
from workflows.cases.notifications import NotificationKind
from workflows.cases.queues import task_row
from workflows.cases.telling import tell_holder
from workflows.cases.views import Named, TaskRow
from workflows.clock import Clock, office_date
from workflows.engine.model import Node
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


def receive_task(session: Session, task_id: int, *, actor: Actor, clock: Clock) -> TaskRow:
    """签收: the agency takes the task in, and its limit starts.

    Raises:
        NotFoundError: no such task in the actor's agency.
        StateConflictError: received already, or over.
    """
    require(actor, Permission.TASK_RECEIVE)
    now = clock.now()
    limit_days = session.scalar(
        select(HumanTask.limit_days).where(HumanTask.id == task_id, HumanTask.agency_id == actor.agency_id)
    )
    limit = start_limit(CALENDARS.current(session), limit_days, now)
    values = {
        "status": TaskStatus.READY,
        "received_at": now,
        "due_at": limit.due_at,
        "calendar_version": limit.calendar_version,
        "queue_at": limit.queue_at,
    }
    _change(session, task_id, TaskStatus.CREATED, values, actor, "receive")
    return _recorded(session, task_id, EventType.TASK_RECEIVED, {}, actor, clock)


def claim_task(session: Session, task_id: int, *, actor: Actor, clock: Clock) -> TaskRow:
    """认领: take a task of one's agency and post into one's own hands; claiming one's own again changes nothing.

    Raises:
        NotFoundError: no such task in the actor's agency.
        PermissionDeniedError: the task is for another kind of post.
        TaskAlreadyClaimedError: somebody was first.
        SamePersonError: the actor did a step that must be kept apart from this one.
        StateConflictError: not received yet, over, or the case stands still.
    """
    require(actor, Permission.TASK_CLAIM)
    _require_eligible(session, task_id, actor)
    values = {
        "status": TaskStatus.RESERVED,
        "assignee_person_id": actor.person_id,
        "assignee_post_id": actor.post_id,
        "claimed_at": clock.now(),
    }
    mine = HumanTask.post_kind == actor.post_kind
    if not _try_change(session, task_id, TaskStatus.READY, values, actor, mine):
        task = _task(session, task_id, actor)
        if task.status == TaskStatus.RESERVED and task.assignee_person_id == actor.person_id:
            return task_row(session, task_id, actor=actor, clock=clock)
        raise _refusal(session, task, actor, "claim")
    return _recorded(session, task_id, EventType.TASK_CLAIMED, {}, actor, clock)


def release_task(session: Session, task_id: int, *, actor: Actor, clock: Clock) -> TaskRow:
    """取消认领: put a task back for one's colleagues.

    Raises:
        NotFoundError: no such task in the actor's agency.
        TaskAlreadyClaimedError: somebody else holds it.
        StateConflictError: nobody holds it, or the case stands still.
    """
    require(actor, Permission.TASK_CLAIM)
    values = {
        "status": TaskStatus.READY,
        "assignee_person_id": None,
        "assignee_post_id": None,
        "claimed_at": None,
    }
    mine = (HumanTask.assignee_person_id == actor.person_id) & (HumanTask.assignee_post_id == actor.post_id)
    _change(session, task_id, TaskStatus.RESERVED, values, actor, "release", mine)
    return _recorded(session, task_id, EventType.TASK_RELEASED, {}, actor, clock)


def assign_task(
    session: Session, task_id: int, *, to_username: str, actor: Actor, clock: Clock, reason: str | None = None
) -> TaskRow:
    """指派: a head gives a waiting task to somebody who may do it.

    Raises:
        NotFoundError: no such task in the actor's agency.
        InvalidInputError: `to_username` holds no post that may do it.
        StateConflictError: somebody holds it already, or the case stands still.
    """
    require(actor, Permission.TASK_ASSIGN)
    check_text(reason or "", "reason")
    task = _task(session, task_id, actor)
    person_id, post_id = _colleague(session, task, to_username, clock)
    _require_apart(session, task, person_id, actor)
    _change(session, task_id, TaskStatus.READY, _held_by(person_id, post_id, clock), actor, "assign")
    payload = {"to": to_username, **({"reason": reason} if reason else {})}
    row = _recorded(session, task_id, EventType.TASK_ASSIGNED, payload, actor, clock)
    tell_holder(session, row, NotificationKind.ASSIGNED, reason=reason, actor=actor, clock=clock)
    return row


def transfer_task(
    session: Session, task_id: int, *, to_username: str, actor: Actor, clock: Clock, reason: str | None = None
) -> TaskRow:
    """转办: hand one's own task over to a colleague for good; the limit goes on.

    Raises:
        NotFoundError: no such task in the actor's agency.
        InvalidInputError: `to_username` holds no post that may do it, or no reason is given.
        TaskAlreadyClaimedError: somebody else holds it.
        StateConflictError: nobody holds it, or the case stands still.
    """
    require(actor, Permission.TASK_COMPLETE)
    text = (reason or "").strip()
    if not text:
        raise InvalidInputError([FieldError("reason", "reason-required")])
    check_text(text, "reason")
    task = _task(session, task_id, actor)
    person_id, post_id = _colleague(session, task, to_username, clock)
    _require_apart(session, task, person_id, actor)
    mine = (HumanTask.assignee_person_id == actor.person_id) & (HumanTask.assignee_post_id == actor.post_id)
    values = _held_by(person_id, post_id, clock)
    _change(session, task_id, TaskStatus.RESERVED, values, actor, "transfer", mine)
    payload = {"to": to_username, "reason": text}
    row = _recorded(session, task_id, EventType.TASK_TRANSFERRED, payload, actor, clock)
    tell_holder(session, row, NotificationKind.TRANSFERRED, reason=text, actor=actor, clock=clock)
    return row


def colleagues(session: Session, task_id: int, *, actor: Actor, clock: Clock) -> tuple[Named, ...]:
    """List who else of the agency could be given the task, seat by seat; `code` is the username.

    Raises:
        NotFoundError: no such task in the actor's agency.
    """
    task = _task(session, task_id, actor)
    found = candidates(session, task.agency_id, PostKind(task.post_kind), office_date(clock.now()))
    others = {each.username: each for each in found if each.person_id != task.assignee_person_id}
    return tuple(Named(each.username, each.name_zh, each.name_en) for each in others.values())


def _held_by(person_id: int, post_id: int, clock: Clock) -> dict[str, Any]:
    return {
        "status": TaskStatus.RESERVED,
        "assignee_person_id": person_id,
        "assignee_post_id": post_id,
        "claimed_at": clock.now(),
    }


def _colleague(session: Session, task: HumanTask, username: str, clock: Clock) -> tuple[int, int]:
    check_text(username, "to")
    on = office_date(clock.now())
    person_id = session.scalar(select(Person.id).where(Person.username == username.strip().lower()))
    for candidate in candidates(session, task.agency_id, PostKind(task.post_kind), on):
        if candidate.person_id == person_id:
            return candidate.person_id, candidate.post_id
    raise InvalidInputError([FieldError("to", "not-in-list")])


def _node(session: Session, task: HumanTask) -> Node:
    row = session.execute(
        select(ProcessVersion.id, ProcessVersion.sha256)
        .join(Case, Case.process_version_id == ProcessVersion.id)
        .where(Case.id == task.root_id)
    ).one()
    return get_published(session, row.id, row.sha256).model.nodes[task.node_id]


def _require_eligible(session: Session, task_id: int, actor: Actor) -> None:
    task = _task(session, task_id, actor)
    if task.status == TaskStatus.READY:
        if task.post_kind != actor.post_kind:
            raise PermissionDeniedError(Permission.TASK_CLAIM, f"for {task.post_kind}")
        require_other_person(session, _node(session, task), task, actor)


def _require_apart(session: Session, task: HumanTask, person_id: int, actor: Actor) -> None:
    """Somebody given a task must be kept apart from the same steps as somebody who claims it."""
    from dataclasses import replace

    require_other_person(session, _node(session, task), task, replace(actor, person_id=person_id))


def _try_change(
    session: Session,
    task_id: int,
    source: TaskStatus,
    values: Mapping[str, Any],
    actor: Actor,
    further: ColumnElement[bool] | None = None,
) -> bool:
    statement = update(HumanTask).where(
        HumanTask.id == task_id,
        HumanTask.agency_id == actor.agency_id,
        HumanTask.status == source,
        _CASE_MOVES,
    )
    if further is not None:
        statement = statement.where(further)
    changed = session.execute(
        statement.values(row_version=HumanTask.row_version + 1, **values).execution_options(synchronize_session=False)
    )
    return bool(changed.rowcount == 1)  # type: ignore[attr-defined]


def _change(
    session: Session,
    task_id: int,
    source: TaskStatus,
    values: Mapping[str, Any],
    actor: Actor,
    wanted: str,
    further: ColumnElement[bool] | None = None,
) -> None:
    if not _try_change(session, task_id, source, values, actor, further):
        raise _refusal(session, _task(session, task_id, actor), actor, wanted)


def _task(session: Session, task_id: int, actor: Actor) -> HumanTask:
    task = session.scalar(
        select(HumanTask)
        .where(HumanTask.id == task_id, HumanTask.agency_id == actor.agency_id)
        .execution_options(populate_existing=True)
    )
    if task is None:
        raise NotFoundError("task", task_id)
    return task


def _refusal(session: Session, task: HumanTask, actor: Actor, wanted: str) -> Exception:
    if task.status == TaskStatus.RESERVED and task.assignee_person_id != actor.person_id:
        return TaskAlreadyClaimedError(task.id, holder_name(session, task))
    status = session.scalar(select(Case.status).where(Case.id == task.root_id))
    if status in _STILL and task.status in {TaskStatus.CREATED, TaskStatus.READY, TaskStatus.RESERVED}:
        return StateConflictError("case", task.case_id, str(status), wanted)
    if task.post_kind != actor.post_kind and task.status == TaskStatus.READY:
        return PermissionDeniedError(Permission.TASK_CLAIM, f"for {task.post_kind}")
    return StateConflictError("task", task.id, task.status, wanted)


def _recorded(
    session: Session, task_id: int, event: EventType, payload: Mapping[str, Any], actor: Actor, clock: Clock
) -> TaskRow:
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
