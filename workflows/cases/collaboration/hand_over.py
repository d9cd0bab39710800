"""工作交接: everything a leaver holds goes to somebody else, row by row; what cannot go is named and stays."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from workflows import audit
from workflows.agencies.dating import held
from workflows.agencies.deputies.rules import find_person
from workflows.agencies.deputies.tables import Delegation
from workflows.agencies.models import Appointment, Person, Post
from workflows.agencies.posts import candidates
from workflows.cases.access import require
from workflows.cases.changing import require_apart
from workflows.cases.collaboration.delegate import required_reason
from workflows.cases.collaboration.holdings import find_leaver, held_delegations, held_tasks, started_cases
from workflows.cases.collaboration.parts import give_to_owner, open_part
from workflows.cases.models import Case, HumanTask
from workflows.cases.notifications import NotificationKind, notify
from workflows.cases.telling import facts_of
from workflows.clock import Clock, office_date
from workflows.errors import FieldError, InvalidInputError, LianbanError
from workflows.events import EventType
from workflows.permissions import Actor, Permission, PostKind


@dataclass(frozen=True)
class HandedOver:
    """What came of one thing a leaver held.

    Args:
        kind: `task`, `delegation` or `case`.
        key: of the thing; never what it is about, since administrators see no case.
        refused: why it stays, or None.
    """

    kind: str
    key: int
    refused: LianbanError | None = None


def hand_over(
    session: Session, username: str, *, to_username: str, reason: str, actor: Actor, clock: Clock
) -> tuple[HandedOver, ...]:
    """Give a person's open tasks and started cases to a colleague, and end their delegations.

    A head does so inside the agency; the system administrator for all that the account holds.

    Raises:
        NotFoundError: nobody of that name who is the actor's to hand over for.
        InvalidInputError: there is no such receiver, or it is the leaver (`to`); no reason (`reason`).
    """
    require(actor, Permission.WORK_HAND_OVER)
    text = required_reason(reason)
    leaver = find_leaver(session, username, actor)
    receiver = find_person(session, to_username, "to")
    if receiver.id == leaver.id:
        raise InvalidInputError([FieldError("to", "oneself")])
    tasks = session.scalars(held_tasks(leaver.id, actor).order_by(HumanTask.id).with_for_update()).all()
    done = [
        _each(session, "task", task.id, _task(session, task, leaver, receiver, text, actor, clock)) for task in tasks
    ]
    given = session.scalars(held_delegations(leaver.id, actor, clock).order_by(Delegation.id)).all()
    done += [_each(session, "delegation", each.id, _delegation(session, each, actor, clock)) for each in given]
    started = session.scalars(started_cases(leaver.id, actor).order_by(Case.id)).all()
    done += [_each(session, "case", each.id, _case(session, each, receiver, text, actor, clock)) for each in started]
    return tuple(done)


def _each(session: Session, kind: str, key: int, act: Callable[[], None]) -> HandedOver:
    try:
        with session.begin_nested():
            act()
    except LianbanError as error:
        return HandedOver(kind, key, error)
    return HandedOver(kind, key)


def _task(
    session: Session, task: HumanTask, leaver: Person, receiver: Person, reason: str, actor: Actor, clock: Clock
) -> Callable[[], None]:
    def act() -> None:
        if task.owner_person_id not in (None, leaver.id):  # only a part of it was the leaver's to do
            open_part(session, task.id).taken_back_at = clock.now()
            give_to_owner(session, task, clock)
            _record(session, task, leaver, None, reason, actor, clock)
            return
        on = office_date(clock.now())
        able = candidates(session, task.agency_id, PostKind(task.post_kind), on)
        place = next((each for each in able if each.person_id == receiver.id), None)
        if place is None:
            raise InvalidInputError([FieldError("to", "not-in-list")])
        require_apart(session, task, receiver.id, actor, clock=clock)
        if task.owner_person_id is not None:  # it lies with a colleague, who now hands it back to the receiver
            open_part(session, task.id).taken_back_at = clock.now()
        values = {
            "assignee_person_id": receiver.id,
            "assignee_post_id": place.post_id,
            "owner_person_id": None,
            "owner_post_id": None,
            "claimed_at": clock.now(),
        }
        session.execute(
            update(HumanTask)
            .where(HumanTask.id == task.id)
            .values(row_version=HumanTask.row_version + 1, **values)
            .execution_options(synchronize_session=False)
        )
        _record(session, task, leaver, receiver, reason, actor, clock)

    return act


def _record(
    session: Session, task: HumanTask, leaver: Person, receiver: Person | None, reason: str, actor: Actor, clock: Clock
) -> None:
    payload = {"node": task.node_id, "from": leaver.username, "reason": reason}
    if receiver is not None:
        payload["to"] = receiver.username
    audit.append(
        session,
        actor=actor,
        event=EventType.TASK_HANDED_OVER,
        case_id=task.case_id,
        task_id=task.id,
        payload=payload,
        clock=clock,
    )
    if receiver is not None:
        notify(
            session,
            person_ids={receiver.id} - {actor.person_id},
            kind=NotificationKind.HANDED_OVER,
            case_id=task.case_id,
            task_id=task.id,
            facts=facts_of(actor, reason),
            clock=clock,
        )


def _delegation(session: Session, given: Delegation, actor: Actor, clock: Clock) -> Callable[[], None]:
    def act() -> None:
        given.ended_at, given.ended_by_id = clock.now(), actor.person_id
        session.flush()
        payload = {"delegation": given.id, "handed_over": True}
        audit.append(session, actor=actor, event=EventType.DELEGATION_ENDED, payload=payload, clock=clock)

    return act


def _case(
    session: Session, case: Case, receiver: Person, reason: str, actor: Actor, clock: Clock
) -> Callable[[], None]:
    def act() -> None:
        on = office_date(clock.now())
        own = select(Post.id).join(Appointment, Appointment.post_id == Post.id)
        own = own.where(Appointment.person_id == receiver.id, Post.agency_id == case.opened_by_agency_id)
        if session.scalar(own.where(held(on)).limit(1)) is None:
            raise InvalidInputError([FieldError("to", "not-in-list")])
        session.execute(
            update(Case)
            .where(Case.id == case.id)
            .values(opened_by_person_id=receiver.id)
            .execution_options(synchronize_session=False)
        )
        payload = {"to": receiver.username, "reason": reason}
        audit.append(
            session, actor=actor, event=EventType.CASE_HANDED_OVER, case_id=case.id, payload=payload, clock=clock
        )

    return act
