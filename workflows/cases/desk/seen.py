"""未读: which tasks of a list somebody has not opened yet."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.cases.desk.models import TaskSeen
from workflows.cases.desk.upsert import put
from workflows.clock import Clock
from workflows.permissions import Actor


def unseen(session: Session, task_ids: Collection[int], *, actor: Actor) -> frozenset[int]:
    """Return those of the tasks that the actor has not opened."""
    if not task_ids:
        return frozenset()
    query = select(TaskSeen.task_id).where(TaskSeen.person_id == actor.person_id, TaskSeen.task_id.in_(task_ids))
    return frozenset(task_ids) - set(session.scalars(query))


def mark_seen(session: Session, task_id: int, *, actor: Actor, clock: Clock) -> None:
    """Note that the actor has opened a task, which the caller has shown them."""
    put(session, TaskSeen, {"person_id": actor.person_id, "task_id": task_id}, {"seen_at": clock.now()})
