"""委托 as cases see it: the measure must be one, the deputy is told, and whoever leaves is warned of what falls due."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.agencies import deputies
from workflows.agencies.deputies import (
    AbsenceView,
    BackupView,
    DelegationView,
    NewAbsence,
    NewBackup,
    NewDelegation,
    StandIn,
)
from workflows.agencies.models import Person
from workflows.agencies.posts import HeldPost, act_in, holders_of, posts_of
from workflows.cases.access import require
from workflows.cases.models import HumanTask, TaskStatus
from workflows.cases.notifications import NotificationKind, notify
from workflows.cases.paging import check_limit, read_cursor, whole, write_cursor
from workflows.cases.queues import QueueName, TaskQuery, count_tasks, list_tasks
from workflows.cases.views import Named, Page, TaskRow
from workflows.clock import OFFICE_ZONE, Clock, office_date
from workflows.errors import FieldError, InvalidInputError
from workflows.permissions import Actor, Permission
from workflows.policies.measures import list_measures

MOST_WARNINGS = 50
_AT_WORK: tuple[QueueName, ...] = ("inbox", "available", "mine")


@dataclass(frozen=True)
class PostAtWork:
    """A post somebody can act in, and what waits there, each count up to `queues.COUNT_CAP`.

    Args:
        actor: the person in that post.
        held: the post.
        principal: for whom they would act; None in a post of their own.
        counts: queue → tasks.
    """

    actor: Actor
    held: HeldPost
    principal: Named | None
    counts: Mapping[str, int]


def delegate_work(
    session: Session, wanted: NewDelegation, *, actor: Actor, clock: Clock
) -> tuple[DelegationView, tuple[TaskRow, ...]]:
    """Delegate the work of one's acting post over dates; return it, and what one holds that falls due meanwhile.

    Raises:
        As `deputies.make_delegation`; `scope` must name a measure of the policy.
    """
    _require_measure(session, wanted.scope, office_date(clock.now()))
    made = deputies.make_delegation(session, wanted, actor=actor, clock=clock)
    notify(
        session,
        person_ids=[made.deputy_id],
        kind=NotificationKind.DELEGATION_STARTED,
        facts={"by": actor.person_id, "from_on": made.from_on.isoformat(), "to_on": made.to_on.isoformat()},
        clock=clock,
    )
    return made, due_between(session, made.from_on, made.to_on, actor=actor, clock=clock)


def stop_delegation(session: Session, delegation_id: int, *, actor: Actor, clock: Clock) -> DelegationView:
    """End a delegation early, and tell the deputy, and the principal if a head did it.

    Raises:
        As `deputies.end_delegation`.
    """
    ended = deputies.end_delegation(session, delegation_id, actor=actor, clock=clock)
    notify(
        session,
        person_ids={ended.deputy_id, ended.principal_id} - {actor.person_id},
        kind=NotificationKind.DELEGATION_ENDED,
        facts={"by": ended.principal_id},
        clock=clock,
    )
    return ended


def record_absence(session: Session, wanted: NewAbsence, *, actor: Actor, clock: Clock) -> AbsenceView:
    """Record that somebody is away, and tell them if it is their head who does.

    Raises:
        As `deputies.add_absence`.
    """
    away = deputies.add_absence(session, wanted, actor=actor, clock=clock)
    _tell(session, {away.person_id}, NotificationKind.ABSENCE_RECORDED, actor, clock)
    return away


def cut_absence_short(session: Session, absence_id: int, *, actor: Actor, clock: Clock) -> AbsenceView:
    """End an absence, and tell whoever was away if it is their head who does.

    Raises:
        As `deputies.end_absence`.
    """
    away = deputies.end_absence(session, absence_id, actor=actor, clock=clock)
    _tell(session, {away.person_id}, NotificationKind.ABSENCE_ENDED, actor, clock)
    return away


def name_backup(session: Session, wanted: NewBackup, *, actor: Actor, clock: Clock) -> BackupView:
    """Name the B角 of a post, and tell them and whoever holds the post.

    Raises:
        As `deputies.add_backup`.
    """
    named = deputies.add_backup(session, wanted, actor=actor, clock=clock)
    _tell(session, {named.person_id}, NotificationKind.BACKUP_NAMED, actor, clock)
    _tell(session, holders_of(session, named.post_id, _today(clock)), NotificationKind.BACKUP_OF_POST, actor, clock)
    return named


def dismiss_backup(session: Session, backup_id: int, *, actor: Actor, clock: Clock) -> BackupView:
    """End a B角, and tell them and whoever holds the post.

    Raises:
        As `deputies.end_backup`.
    """
    ended = deputies.end_backup(session, backup_id, actor=actor, clock=clock)
    concerned = {ended.person_id, *holders_of(session, ended.post_id, _today(clock))}
    _tell(session, concerned, NotificationKind.BACKUP_ENDED, actor, clock)
    return ended


def _tell(session: Session, person_ids: Collection[int], kind: NotificationKind, actor: Actor, clock: Clock) -> None:
    others = set(person_ids) - {actor.person_id}
    notify(session, person_ids=others, kind=kind, facts={"by": actor.person_id}, clock=clock)


def _today(clock: Clock) -> date:
    return office_date(clock.now())


def delegations_page(
    session: Session, *, actor: Actor, clock: Clock, cursor: str | None = None, limit: int = 50
) -> Page[DelegationView]:
    """List the delegations that concern the actor, the newest first.

    Raises:
        InvalidInputError: cursor of another list, limit out of range.
    """
    check_limit(limit)
    after = read_cursor(cursor, "delegations", whole)
    before_id = after[0] if after else None
    rows = deputies.list_delegations(session, actor=actor, clock=clock, before_id=before_id, limit=limit + 1)
    following = write_cursor("delegations", rows[limit - 1].id) if len(rows) > limit else None
    return Page(rows[:limit], following)


def due_between(session: Session, from_on: date, to_on: date, *, actor: Actor, clock: Clock) -> tuple[TaskRow, ...]:
    """Return the tasks in the actor's hands that fall due on these days, or before them, the first of them."""
    require(actor, Permission.TASK_READ)
    end = datetime.combine(to_on, time.max, OFFICE_ZONE)
    page = list_tasks(session, TaskQuery("mine", due_by=end, limit=MOST_WARNINGS), actor=actor, clock=clock)
    return tuple(row for row in page.items if row.due_at is not None)


def holds_tasks(session: Session, person_id: int) -> int:
    """Count the open tasks a person holds or has delegated."""
    held = select(HumanTask.id).where(
        HumanTask.status == TaskStatus.RESERVED,
        (HumanTask.assignee_person_id == person_id) | (HumanTask.owner_person_id == person_id),
    )
    return len(session.scalars(held).all())


def count_by_post(session: Session, person_id: int, *, clock: Clock) -> tuple[PostAtWork, ...]:
    """Return every post a person can act in today, their own first, with what waits in each."""
    person, on = session.get_one(Person, person_id), office_date(clock.now())
    own = [_at_work(session, act_in(person, held), held, None) for held in posts_of(session, person_id, on)]
    for_others = [
        _at_work(session, deputies.act_for(person_id, person.name_zh, each), each.held, each)
        for each in deputies.stand_ins(session, person_id, on)
    ]
    return tuple(each for each in (*own, *for_others) if each is not None)


def _at_work(session: Session, actor: Actor, held: HeldPost, stand_in: StandIn | None) -> PostAtWork | None:
    if not actor.may(Permission.TASK_READ):
        return None
    principal = Named(stand_in.username, stand_in.name_zh, stand_in.name_en) if stand_in else None
    return PostAtWork(actor, held, principal, count_tasks(session, actor=actor, queues=_AT_WORK))


def _require_measure(session: Session, scope: str, on: date) -> None:
    number = scope.removeprefix("measure:")
    if number != scope and number not in {line.no for line in list_measures(session, on)}:
        raise InvalidInputError([FieldError("scope", "not-in-list")])
