"""The part of a task that a colleague does: what they hand back, and that it counts as theirs."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import ColumnElement, exists, or_, select, update
from sqlalchemy.orm import Session

from workflows import audit
from workflows.agencies.models import Person
from workflows.cases.collaboration.tables import TaskPart
from workflows.cases.models import HumanTask, TaskStatus
from workflows.cases.notifications import NotificationKind, notify
from workflows.cases.views import Named, PartView, Proposal
from workflows.clock import Clock
from workflows.events import EventType
from workflows.permissions import Actor


def hand_back(session: Session, task: HumanTask, proposal: Proposal, *, actor: Actor, clock: Clock) -> None:
    """Give a locked task back to whoever delegated it, with what the delegate proposes."""
    part = open_part(session, task.id)
    part.handed_back_at, part.handed_back_by_person_id = clock.now(), actor.person_id
    part.note, part.decision, part.opinion = proposal.note, proposal.decision, proposal.opinion
    part.data = dict(proposal.data) or None
    give_to_owner(session, task, clock)
    said = {"note": proposal.note, "decision": proposal.decision, "opinion": proposal.opinion}
    payload = {"node": task.node_id, **{name: value for name, value in said.items() if value}}
    audit.append(
        session,
        actor=actor,
        event=EventType.TASK_HANDED_BACK,
        case_id=task.case_id,
        task_id=task.id,
        payload=payload,
        clock=clock,
    )
    notify(
        session,
        person_ids=[part.owner_person_id],
        kind=NotificationKind.DELEGATE_DONE,
        case_id=task.case_id,
        task_id=task.id,
        facts={"by": actor.person_id, **({"reason": proposal.note} if proposal.note else {})},
        clock=clock,
    )


def give_to_owner(session: Session, task: HumanTask, clock: Clock) -> None:
    """Put a delegated task back into the hands of its owner."""
    session.execute(
        update(HumanTask)
        .where(HumanTask.id == task.id)
        .values(
            assignee_person_id=HumanTask.owner_person_id,
            assignee_post_id=HumanTask.owner_post_id,
            owner_person_id=None,
            owner_post_id=None,
            claimed_at=clock.now(),
            row_version=HumanTask.row_version + 1,
        )
        .execution_options(synchronize_session=False)
    )


def open_part(session: Session, task_id: int) -> TaskPart:
    """Return the delegation of a task that is away."""
    return session.scalars(
        select(TaskPart)
        .where(TaskPart.task_id == task_id, TaskPart.handed_back_at.is_(None), TaskPart.taken_back_at.is_(None))
        .order_by(TaskPart.id.desc())
        .limit(1)
    ).one()


def did_a_part(person_ids: Collection[int]) -> ColumnElement[bool]:
    """Return the condition on `HumanTask` that one of these persons did a part of it and handed that back."""
    return exists().where(
        TaskPart.task_id == HumanTask.id,
        TaskPart.handed_back_at.is_not(None),
        or_(TaskPart.delegate_person_id.in_(person_ids), TaskPart.handed_back_by_person_id.in_(person_ids)),
    )


def part_seen_by(session: Session, task: HumanTask, actor: Actor) -> PartView | None:
    """Return the last delegation of a task in hand, for whoever delegated it and whoever does it."""
    owned = (task.owner_person_id, task.owner_post_id) == (actor.holder_id, actor.post_id)
    held = (task.assignee_person_id, task.assignee_post_id) == (actor.holder_id, actor.post_id)
    return _last_part(session, task.id) if task.status == TaskStatus.RESERVED and (owned or held) else None


def _last_part(session: Session, task_id: int) -> PartView | None:
    part = session.scalars(
        select(TaskPart).where(TaskPart.task_id == task_id).order_by(TaskPart.id.desc()).limit(1)
    ).one_or_none()
    if part is None or part.taken_back_at is not None:
        return None
    people = {
        person.id: Named(person.username, person.name_zh, person.name_en)
        for person in session.scalars(
            select(Person).where(Person.id.in_({part.owner_person_id, part.delegate_person_id}))
        )
    }
    returned = part.handed_back_at is not None
    return PartView(
        owner=people[part.owner_person_id],
        delegate=people[part.delegate_person_id],
        reason=part.reason,
        delegated_at=part.delegated_at,
        handed_back_at=part.handed_back_at,
        proposal=Proposal(part.note, part.decision, part.opinion, part.data or {}) if returned else None,
    )
