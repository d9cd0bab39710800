"""我在等谁: where the cases lie now that an officer has passed on."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.cases.access import require
from workflows.cases.models import OPEN, HumanTask, TaskStatus
from workflows.cases.queues import task_rows_where
from workflows.cases.views import TaskRow
from workflows.clock import Clock
from workflows.permissions import Actor, Permission

LOOK_BACK = timedelta(days=180)
LATEST_CASES = 50
"""Of the cases passed on, only so many are looked at: the latest."""


def list_waiting(session: Session, *, limit: int, actor: Actor, clock: Clock) -> tuple[TaskRow, ...]:
    """Return open tasks elsewhere of the cases whose step the actor did in the acting post, the most urgent first."""
    require(actor, Permission.TASK_READ)
    latest = session.execute(
        select(HumanTask.root_id, HumanTask.completed_at)
        .where(
            HumanTask.completed_by_person_id == actor.person_id,
            HumanTask.completed_by_post_id == actor.post_id,
            HumanTask.status == TaskStatus.COMPLETED,
            HumanTask.completed_at > clock.now() - LOOK_BACK,
        )
        .order_by(HumanTask.completed_at.desc(), HumanTask.id.desc())
        .limit(LATEST_CASES)
    )
    roots = {row.root_id for row in latest}
    if not roots:
        return ()
    found = task_rows_where(session, HumanTask.root_id.in_(roots), HumanTask.status.in_(OPEN), actor=actor, clock=clock)
    elsewhere = [row for row in found if row.assignee_person_id != actor.person_id]
    return tuple(sorted(elsewhere, key=lambda row: (row.due_at is None, row.due_at or clock.now()))[:limit])
