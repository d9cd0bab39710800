"""签收, 认领, 取消认领, 指派, 转办: who of the agency does a task. None of these touches the engine.

Claiming is one statement that changes the row only if nobody holds it: of any number of officers at the same instant
one wins, and the others are told who.
"""

from __future__ import annotations

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from workflows.agencies.posts import candidates
from workflows.cases.access import require
from workflows.cases.apart import require_other_person
from workflows.cases.assignment.offering import settle
from workflows.cases.changing import (
    change,
    colleague,
    held_by,
    mine,
    model_of,
    recorded,
    refusal,
    require_apart,
    task_of,
    try_change,
)
from workflows.cases.holding import reassignable
from workflows.cases.limits import CALENDARS, start_limit
from workflows.cases.models import HumanTask, TaskStatus
from workflows.cases.notifications import NotificationKind, notify
from workflows.cases.queues import task_row
from workflows.cases.telling import facts_of, tell_holder
from workflows.cases.texts import check_text
from workflows.cases.views import Named, TaskRow
from workflows.clock import Clock, office_date
from workflows.deadlines import TimerKind, schedule
from workflows.errors import FieldError, InvalidInputError, PermissionDeniedError
from workflows.events import EventType
from workflows.permissions import Actor, Permission, PostKind


def receive_task(session: Session, task_id: int, *, actor: Actor, clock: Clock) -> TaskRow:
    """签收: the agency takes the task in, and its limit starts.

    Raises:
        NotFoundError: no such task in the actor's agency.
        StateConflictError: received already, or over.
    """
    require(actor, Permission.TASK_RECEIVE)
    now = clock.now()
    task = session.execute(
        select(HumanTask.limit_days, HumanTask.root_id, HumanTask.token).where(
            HumanTask.id == task_id, HumanTask.agency_id == actor.agency_id
        )
    ).one_or_none()
    limit = start_limit(CALENDARS.current(session), task.limit_days if task else None, now)
    values = {
        "status": TaskStatus.READY,
        "received_at": now,
        "due_at": limit.due_at,
        "calendar_version": limit.calendar_version,
        "queue_at": limit.queue_at,
    }
    change(session, task_id, TaskStatus.CREATED, values, actor, "receive")
    if task and limit.due_at:
        due = limit.due_at
        schedule(session, case_id=task.root_id, kind=TimerKind.TASK_EXPIRY, token=task.token, due_at=due, now=now)
    return recorded(session, task_id, EventType.TASK_RECEIVED, {}, actor, clock)


def claim_task(session: Session, task_id: int, *, actor: Actor, clock: Clock) -> TaskRow:
    """认领: take a task of one's agency and post into one's own hands; claiming one's own again changes nothing.

    Raises:
        NotFoundError: no such task in the actor's agency.
        PermissionDeniedError: the task is for another kind of post.
        TaskAlreadyClaimedError: somebody was first.
        SamePersonError: the actor did a step that must be kept apart from this one.
        ApplicantDecidesError: the actor is the applicant.
        StateConflictError: not received yet, over, or the case stands still.
    """
    require(actor, Permission.TASK_CLAIM)
    waiting = _require_eligible(session, task_id, actor, clock)
    values = held_by(actor.holder_id, actor.post_id, clock)
    for_this_post = HumanTask.post_kind == actor.post_kind
    if not try_change(session, task_id, TaskStatus.READY, values, actor, for_this_post):
        task = task_of(session, task_id, actor)
        if task.status == TaskStatus.RESERVED and task.assignee_person_id == actor.holder_id:
            return task_row(session, task_id, actor=actor, clock=clock)
        raise refusal(session, task, actor, "claim")
    settle(session, waiting, actor=actor, clock=clock)
    return recorded(session, task_id, EventType.TASK_CLAIMED, {}, actor, clock)


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
    change(session, task_id, TaskStatus.RESERVED, values, actor, "release", mine(actor))
    return recorded(session, task_id, EventType.TASK_RELEASED, {}, actor, clock)


def assign_task(
    session: Session, task_id: int, *, to_username: str, actor: Actor, clock: Clock, reason: str | None = None
) -> TaskRow:
    """指派: a head gives a task to somebody who may do it: one that waits, or one that a subordinate has in hand.

    Whoever had it in hand is told; the limit goes on.

    Raises:
        NotFoundError: no such task in the actor's agency.
        InvalidInputError: `to_username` holds no post that may do it, or has it already (`to`).
        SamePersonError, ApplicantDecidesError: they must not do it.
        TaskAlreadyClaimedError: somebody holds it who is no subordinate.
        StateConflictError: it is over, away with a colleague for a part, or the case stands still.
    """
    require(actor, Permission.TASK_ASSIGN)
    check_text(reason or "", "reason")
    task = task_of(session, task_id, actor)
    person_id, post_id = colleague(session, task, to_username, clock)
    require_apart(session, task, person_id, actor, clock=clock)
    loser = task.assignee_person_id if reassignable(task, actor) else None
    if loser == person_id:
        raise InvalidInputError([FieldError("to", "holds-it")])
    source = TaskStatus.READY if loser is None else TaskStatus.RESERVED
    still = None if loser is None else and_(HumanTask.assignee_person_id == loser, HumanTask.owner_person_id.is_(None))
    change(session, task_id, source, held_by(person_id, post_id, clock), actor, "assign", still)
    settle(session, task, actor=actor, clock=clock)
    payload = {"to": to_username, **({"reason": reason} if reason else {})}
    if loser is not None:
        notify(
            session,
            person_ids={loser} - {actor.person_id},
            kind=NotificationKind.TAKEN_AWAY,
            case_id=task.case_id,
            task_id=task.id,
            facts=facts_of(actor, reason),
            clock=clock,
        )
    row = recorded(session, task_id, EventType.TASK_ASSIGNED, payload, actor, clock)
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
    task = task_of(session, task_id, actor)
    person_id, post_id = colleague(session, task, to_username, clock)
    require_apart(session, task, person_id, actor, clock=clock)
    values = held_by(person_id, post_id, clock)
    change(session, task_id, TaskStatus.RESERVED, values, actor, "transfer", mine(actor))
    payload = {"to": to_username, "reason": text}
    row = recorded(session, task_id, EventType.TASK_TRANSFERRED, payload, actor, clock)
    tell_holder(session, row, NotificationKind.TRANSFERRED, reason=text, actor=actor, clock=clock)
    return row


def colleagues(session: Session, task_id: int, *, actor: Actor, clock: Clock) -> tuple[Named, ...]:
    """List who else of the agency could be given the task, seat by seat; `code` is the username.

    Raises:
        NotFoundError: no such task in the actor's agency.
    """
    task = task_of(session, task_id, actor)
    found = candidates(session, task.agency_id, PostKind(task.post_kind), office_date(clock.now()))
    others = {each.username: each for each in found if each.person_id != task.assignee_person_id}
    return tuple(Named(each.username, each.name_zh, each.name_en) for each in others.values())


def _require_eligible(session: Session, task_id: int, actor: Actor, clock: Clock) -> HumanTask:
    task = task_of(session, task_id, actor)
    if task.status == TaskStatus.READY:
        if task.post_kind != actor.post_kind:
            raise PermissionDeniedError(Permission.TASK_CLAIM, f"for {task.post_kind}")
        model = model_of(session, task)
        require_other_person(session, model, model.nodes[task.node_id], task, actor, clock=clock)
    return task
