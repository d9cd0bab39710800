"""A post becomes empty, or somebody comes: open tasks there are looked at again, by the worker, each once."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.agencies.emptied import REVIEW_TOPIC, queue_review_of_ended
from workflows.cases.aggregate import current_form, lock_family
from workflows.cases.assignment.offering import review_tasks
from workflows.cases.models import OPEN, HumanTask
from workflows.clock import Clock

__all__ = ["REVIEW_TOPIC", "queue_review_of_ended", "review_open_tasks"]


def review_open_tasks(session: Session, payload: Mapping[str, Any], clock: Clock) -> None:
    """Look again at the open tasks of one kind of post in an agency, or of a case (outbox topic `assignment.review`).

    Of a suspended case nothing moves: it is looked at when it goes on.
    """
    waiting = select(HumanTask.root_id, HumanTask.id).where(HumanTask.status.in_(OPEN))
    if "root_id" in payload:
        waiting = waiting.where(HumanTask.root_id == int(payload["root_id"]))
    else:
        waiting = waiting.where(
            HumanTask.agency_id == int(payload["agency_id"]), HumanTask.post_kind == str(payload["post_kind"])
        )
    of_case: dict[int, list[int]] = {}
    for root_id, task_id in session.execute(waiting.order_by(HumanTask.root_id, HumanTask.id)):
        of_case.setdefault(root_id, []).append(task_id)
    for root_id, task_ids in of_case.items():
        family = lock_family(session, root_id)
        if not family.is_running:
            continue
        form = partial(current_form, session, root_id)
        review_tasks(session, family, task_ids, actor=None, clock=clock, form=form)
