"""Whom to tell: the person a task was given to, those whose step is open again, those who applied."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.agencies.posts import candidates
from workflows.cases.models import OPEN, Case, HumanTask
from workflows.cases.notifications import NotificationKind, notify
from workflows.cases.views import TaskRow
from workflows.clock import Clock, office_date
from workflows.permissions import Actor, PostKind

_NOTICES = {
    "supplement": NotificationKind.SUPPLEMENT_WANTED,
    "deemed_withdrawn": NotificationKind.DEEMED_WITHDRAWN,
    "not_accepted": NotificationKind.CASE_CLOSED,
    "completion": NotificationKind.CASE_CLOSED,
}
"""Kind of an official document → what the applicant is told besides; other kinds need no telling."""


def tell_holder(
    session: Session, row: TaskRow, kind: NotificationKind, *, actor: Actor, clock: Clock, reason: str | None = None
) -> None:
    """Tell whoever has just been given a task, unless they gave it to themselves."""
    if row.assignee_person_id in (None, actor.person_id):
        return
    notify(
        session,
        person_ids=[row.assignee_person_id] if row.assignee_person_id else [],
        kind=kind,
        case_id=row.case_id,
        task_id=row.id,
        facts=facts_of(actor, reason),
        clock=clock,
    )


def tell_returned(
    session: Session,
    task: HumanTask,
    to_node_id: str,
    person_ids: Collection[int],
    *,
    actor: Actor,
    clock: Clock,
    reason: str,
) -> None:
    """Tell those who did a step that it is open again."""
    reopened = session.scalar(
        select(HumanTask.id)
        .where(HumanTask.root_id == task.root_id, HumanTask.node_id == to_node_id, HumanTask.status.in_(OPEN))
        .order_by(HumanTask.id.desc())
        .limit(1)
    )
    notify(
        session,
        person_ids=set(person_ids) - {actor.person_id},
        kind=NotificationKind.RETURNED,
        case_id=task.case_id,
        task_id=reopened,
        facts=facts_of(actor, reason),
        clock=clock,
    )


def tell_applicant(session: Session, case: Case, notice_kind: str, *, clock: Clock) -> None:
    """Tell those who applied that an official document has come."""
    kind = _NOTICES.get(notice_kind)
    if kind is None:
        return
    told = {case.opened_by_person_id} if case.parent_id is None else set()
    if case.applicant_agency_id is not None:
        own = candidates(session, case.applicant_agency_id, PostKind.APPLICANT, office_date(clock.now()))
        told |= {each.person_id for each in own}
    notify(session, person_ids=told, kind=kind, case_id=case.id, facts={"notice": notice_kind}, clock=clock)


def facts_of(actor: Actor, reason: str | None) -> dict[str, Any]:
    """Return who acted and why, as notifications keep it."""
    return {"by": actor.person_id, **({"reason": reason} if reason else {})}
