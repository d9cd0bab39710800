"""通知: what one person should know of their cases; told once, read by nobody else.

A notification never moves anything: whoever does not read it misses nothing that the queues do not show too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, func, insert, literal, or_, select, update
from sqlalchemy.orm import Session

from workflows.agencies.models import Person
from workflows.cases.access import require, visible_among
from workflows.cases.collaboration.tables import Notification
from workflows.cases.models import Case, HumanTask
from workflows.cases.names import node_name
from workflows.cases.paging import check_limit, read_cursor, whole, write_cursor
from workflows.cases.views import Named, NotificationRow, Page
from workflows.clock import Clock
from workflows.errors import NotFoundError
from workflows.permissions import Actor, Permission
from workflows.persistence import table_of
from workflows.processes import get_published
from workflows.processes.models import ProcessVersion

COUNT_CAP = 100
_LIST = "notifications"


class NotificationKind(StrEnum):
    """What a notification is about; stored, so never renamed."""

    ASSIGNED = "assigned"
    TRANSFERRED = "transferred"
    DELEGATED = "delegated"
    DELEGATE_DONE = "delegate_done"
    DELEGATION_STARTED = "delegation_started"
    DELEGATION_ENDED = "delegation_ended"
    ABSENCE_RECORDED = "absence_recorded"
    ABSENCE_ENDED = "absence_ended"
    BACKUP_NAMED = "backup_named"
    BACKUP_OF_POST = "backup_of_post"
    BACKUP_ENDED = "backup_ended"
    RETURNED = "returned"
    URGED = "urged"
    COPIED = "copied"
    DUE_SOON = "due_soon"
    OVERDUE = "overdue"
    DEEMED_NO_OPINION = "deemed_no_opinion"
    DEEMED_WITHDRAWN = "deemed_withdrawn"
    CASE_CLOSED = "case_closed"
    HANDED_OVER = "handed_over"
    HANDED_AWAY = "handed_away"
    HANDED_ON = "handed_on"
    TAKEN_AWAY = "taken_away"
    NOBODY_TO_DO_IT = "nobody_to_do_it"
    PASSED_BY_RULE = "passed_by_rule"
    OFFERED_HIGHER = "offered_higher"
    SUPPLEMENT_WANTED = "supplement_wanted"
    PAPER_BLOCKED = "paper_blocked"
    LEADS_NOW = "leads_now"
    RULES_REQUESTED = "rules_requested"
    RULES_APPROVED = "rules_approved"
    RULES_REJECTED = "rules_rejected"
    RULES_WITHDRAWN = "rules_withdrawn"


def notify(
    session: Session,
    *,
    person_ids: Iterable[int],
    kind: NotificationKind,
    clock: Clock,
    case_id: int | None = None,
    task_id: int | None = None,
    facts: Mapping[str, Any] | None = None,
) -> None:
    """Tell people something, in the transaction that makes it true; each is told once.

    Args:
        session: the transaction.
        person_ids: who is told.
        kind: what it is about.
        clock: tells when.
        case_id: the case (or child case) concerned; it is shown only to those who may see that case.
        task_id: the task it leads to.
        facts: JSON values the sentence needs: `by` is the key of the person who acted, `reason` their words; of a
            hand-over `number` of things, or `to` whom (`zh`, `en`); of a change of lead `line` and `number` of tasks.
    """
    row = {
        "kind": kind.value,
        "case_id": case_id,
        "task_id": task_id,
        "facts": dict(facts or {}),
        "created_at": clock.now(),
    }
    rows = [{"person_id": person_id, **row} for person_id in sorted(set(person_ids))]
    if rows:
        session.flush()  # what it speaks of may have been added a moment ago
        session.connection().execute(insert(table_of(Notification)), rows)


def list_notifications(
    session: Session, *, actor: Actor, clock: Clock, cursor: str | None = None, limit: int = 50
) -> Page[NotificationRow]:
    """List the actor's own notifications, newest first, less those of cases the acting post may not see.

    Raises:
        InvalidInputError: cursor of another list, limit out of range.
    """
    require(actor, Permission.NOTIFICATION_READ)
    check_limit(limit)
    query = _rows().where(*_own(actor)).order_by(Notification.id.desc()).limit(limit + 1)
    after = read_cursor(cursor, _LIST, whole)
    if after:
        query = query.where(Notification.id < after[0])
    rows = session.execute(query).all()
    people = _people(session, (row.Notification.facts.get("by") for row in rows))
    items = tuple(_view(session, row, people) for row in rows[:limit])
    return Page(items, write_cursor(_LIST, items[-1].id) if len(rows) > limit else None)


def get_notification(session: Session, notification_id: int, *, actor: Actor) -> NotificationRow:
    """Return one of the actor's own notifications.

    Raises:
        NotFoundError: no such notification of the actor's, or its case is not the acting post's to see.
    """
    require(actor, Permission.NOTIFICATION_READ)
    row = session.execute(_rows().where(Notification.id == notification_id, *_own(actor))).one_or_none()
    if row is None:
        raise NotFoundError("notification", notification_id)
    return _view(session, row, _people(session, [row.Notification.facts.get("by")]))


def count_unread(session: Session, *, actor: Actor) -> int:
    """Count the actor's own unread notifications, up to `COUNT_CAP`."""
    require(actor, Permission.NOTIFICATION_READ)
    capped = (
        select(literal(1).label("one"))
        .select_from(Notification)
        .outerjoin(Case, Case.id == Notification.case_id)
        .where(*_own(actor), Notification.read_at.is_(None))
        .limit(COUNT_CAP)
    )
    return session.scalar(select(func.count()).select_from(capped.subquery())) or 0


def mark_read(session: Session, ids: Sequence[int] | None, *, actor: Actor, clock: Clock) -> None:
    """Mark own notifications as read, or all of them with None; one read before stays as it is.

    Nothing of a case changes by it, so that it leaves no audit entry.

    Raises:
        NotFoundError: one of `ids` is not the actor's; then none is marked.
    """
    require(actor, Permission.NOTIFICATION_READ)
    own = Notification.person_id == actor.person_id
    if ids is not None:
        found = set(session.scalars(select(Notification.id).where(own, Notification.id.in_(set(ids)))))
        missing = [key for key in ids if key not in found]
        if missing:
            raise NotFoundError("notification", missing[0])
    statement = update(Notification).where(own, Notification.read_at.is_(None))
    if ids is not None:
        statement = statement.where(Notification.id.in_(set(ids)))
    session.execute(statement.values(read_at=clock.now()).execution_options(synchronize_session=False))


def _own(actor: Actor) -> tuple[ColumnElement[bool], ...]:
    seen = or_(Notification.case_id.is_(None), visible_among(actor))
    return Notification.person_id == actor.person_id, seen


def _rows() -> Any:
    return (
        select(
            Notification,
            Case.no,
            Case.title,
            HumanTask.node_id,
            ProcessVersion.id.label("version_id"),
            ProcessVersion.sha256,
        )
        .outerjoin(Case, Case.id == Notification.case_id)
        .outerjoin(ProcessVersion, ProcessVersion.id == Case.process_version_id)
        .outerjoin(HumanTask, HumanTask.id == Notification.task_id)
    )


def _people(session: Session, ids: Iterable[object]) -> Mapping[object, Named]:
    wanted = {key for key in ids if isinstance(key, int)}
    people = session.scalars(select(Person).where(Person.id.in_(wanted))) if wanted else ()
    return {person.id: Named(person.username, person.name_zh, person.name_en) for person in people}


def _view(session: Session, row: Any, people: Mapping[object, Named]) -> NotificationRow:
    told: Notification = row.Notification
    task_name = None
    if row.node_id is not None:
        node = get_published(session, row.version_id, row.sha256).model.nodes.get(row.node_id)
        task_name = node_name(node) if node else None
    return NotificationRow(
        id=told.id,
        kind=told.kind,
        case_no=row.no,
        case_title=row.title,
        task_id=told.task_id,
        task_name=task_name,
        by=people.get(told.facts.get("by")),
        facts=told.facts,
        created_at=told.created_at,
        read_at=told.read_at,
    )
