"""工作交接: everything a leaver holds goes to somebody else, row by row; what cannot go is named and stays."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from workflows import audit
from workflows.agencies.deputies.rules import find_person
from workflows.agencies.deputies.tables import Delegation
from workflows.agencies.models import Person
from workflows.agencies.posts import candidates, posts_of
from workflows.cases.changing import require_apart
from workflows.cases.collaboration.delegate import required_reason
from workflows.cases.collaboration.holdings import (
    begun_drafts,
    find_leaver,
    hands_over_anywhere,
    held_delegations,
    held_tasks,
    started_cases,
)
from workflows.cases.collaboration.parts import give_to_owner, open_part
from workflows.cases.materials.drafts import require_room
from workflows.cases.materials.models import ApplicationDraft
from workflows.cases.models import Case, HumanTask
from workflows.cases.names import node_name
from workflows.cases.notifications import NotificationKind, notify
from workflows.cases.telling import facts_of
from workflows.cases.views import Named
from workflows.clock import Clock, office_date
from workflows.errors import FieldError, InvalidInputError, LianbanError
from workflows.events import EventType
from workflows.permissions import GRANTS, Actor, Permission, PostKind
from workflows.processes import load_version


@dataclass(frozen=True)
class HandedOver:
    """What came of one thing a leaver held.

    Args:
        kind: `task`, `delegation`, `case` or `draft`.
        key: of the thing.
        refused: why it stays, or None.
        case_no: of the task's or case's case, for those who see cases; administrators see none.
        step: the task's step, likewise.
    """

    kind: str
    key: int
    refused: LianbanError | None = None
    case_no: str | None = None
    step: Named | None = None


def hand_over(
    session: Session, username: str, *, to_username: str, reason: str, actor: Actor, clock: Clock
) -> tuple[HandedOver, ...]:
    """Give a person's open tasks, started cases and drafts to a colleague, and end their delegations.

    An officer does so for themselves, to a colleague in the same kind of post; a head inside the agency; the system
    administrator for all that the account holds. The receiver is told once how much it is; the leaver, and for their
    own hand-over the heads, that it has gone. Cases are locked before tasks, as by every other act.

    Raises:
        PermissionDeniedError: the actor hands nothing over, or only stands in for somebody who does (`on-behalf`).
        NotFoundError: nobody of that name who is the actor's to hand over for.
        InvalidInputError: there is no such receiver, it is the leaver, or nobody an officer may choose (`to`); no
            reason (`reason`).
    """
    leaver = find_leaver(session, username, actor)
    text = required_reason(reason)
    receiver = find_person(session, to_username, "to")
    if receiver.id == leaver.id:
        raise InvalidInputError([FieldError("to", "oneself")])
    if not hands_over_anywhere(actor) and not actor.may(Permission.TASK_ASSIGN):
        same = candidates(session, actor.agency_id, actor.post_kind, office_date(clock.now()))
        if receiver.id not in {each.person_id for each in same}:
            raise InvalidInputError([FieldError("to", "not-in-list")])
    tasks, started = _locked(session, leaver, actor)
    parts = {task.id for task in tasks if _is_part(task, leaver)}
    known = _cases(session, tasks, started) if actor.may(Permission.CASE_READ) else {}
    done = [
        _each(session, _of_task(session, task, known), _task(session, task, leaver, receiver, text, actor, clock))
        for task in tasks
    ]
    given = session.scalars(held_delegations(leaver.id, actor, clock).order_by(Delegation.id)).all()
    done += [
        _each(session, HandedOver("delegation", each.id), _delegation(session, each, text, actor, clock))
        for each in given
    ]
    done += [
        _each(
            session,
            HandedOver("case", each.id, case_no=known[each.id].no if known else None),
            _case(session, each, leaver, receiver, text, actor, clock),
        )
        for each in started
    ]
    drafts = session.scalars(begun_drafts(leaver.id, actor).order_by(ApplicationDraft.id).with_for_update()).all()
    done += [
        _each(session, HandedOver("draft", each.id), _draft(session, each, leaver, receiver, text, actor, clock))
        for each in drafts
    ]
    gone = [each for each in done if each.refused is None and each.kind != "delegation"]
    number = sum(1 for each in gone if each.kind != "task" or each.key not in parts)
    if number:
        _tell(session, leaver, receiver, number, text, actor, clock)
    return tuple(done)


def _locked(session: Session, leaver: Person, actor: Actor) -> tuple[Sequence[HumanTask], Sequence[Case]]:
    """What the leaver holds, with the families of all of it locked, in order of their keys."""
    roots = {
        *session.scalars(held_tasks(leaver.id, actor).with_only_columns(HumanTask.root_id)),
        *session.scalars(started_cases(leaver.id, actor).with_only_columns(Case.id)),
    }
    session.execute(select(Case.id).where(Case.id.in_(roots)).order_by(Case.id).with_for_update()).all()
    tasks = held_tasks(leaver.id, actor).where(HumanTask.root_id.in_(roots))
    cases = started_cases(leaver.id, actor).where(Case.id.in_(roots))
    return (
        session.scalars(tasks.order_by(HumanTask.id).with_for_update()).all(),
        session.scalars(cases.order_by(Case.id)).all(),
    )


def _cases(session: Session, tasks: Sequence[HumanTask], started: Sequence[Case]) -> Mapping[int, Case]:
    ids = {*(task.case_id for task in tasks), *(case.id for case in started)}
    return {case.id: case for case in session.scalars(select(Case).where(Case.id.in_(ids)))}


def _of_task(session: Session, task: HumanTask, known: Mapping[int, Case]) -> HandedOver:
    if task.case_id not in known:
        return HandedOver("task", task.id)
    case = known[task.case_id]
    node = load_version(session, case.process_version_id).process.model.nodes[task.node_id]
    return HandedOver("task", task.id, case_no=case.no, step=node_name(node))


def _is_part(task: HumanTask, leaver: Person) -> bool:
    """Tell whether only a part of the task was the leaver's to do: it goes back to whoever delegated it."""
    return task.owner_person_id not in (None, leaver.id)


def _each(session: Session, thing: HandedOver, act: Callable[[], None]) -> HandedOver:
    try:
        with session.begin_nested():
            act()
    except LianbanError as error:
        return replace(thing, refused=error)
    return thing


def _task(
    session: Session, task: HumanTask, leaver: Person, receiver: Person, reason: str, actor: Actor, clock: Clock
) -> Callable[[], None]:
    def act() -> None:
        if _is_part(task, leaver):
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


def _tell(
    session: Session, leaver: Person, receiver: Person, number: int, reason: str, actor: Actor, clock: Clock
) -> None:
    facts = facts_of(actor, reason)
    whom = {**facts, "to": {"zh": receiver.name_zh, "en": receiver.name_en}}
    heads: set[int] = set()
    if leaver.id == actor.person_id:
        on = office_date(clock.now())
        kinds = (PostKind.REVIEWER, PostKind.LEADER)
        heads = {each.person_id for kind in kinds for each in candidates(session, actor.agency_id, kind, on)}
    for told, kind, about in (
        ({receiver.id}, NotificationKind.HANDED_OVER, {**facts, "number": number}),
        ({leaver.id}, NotificationKind.HANDED_AWAY, whom),
        (heads - {receiver.id}, NotificationKind.HANDED_ON, whom),
    ):
        notify(session, person_ids=told - {actor.person_id}, kind=kind, facts=about, clock=clock)


def _delegation(session: Session, given: Delegation, reason: str, actor: Actor, clock: Clock) -> Callable[[], None]:
    def act() -> None:
        given.ended_at, given.ended_by_id = clock.now(), actor.person_id
        session.flush()
        principal, deputy = (session.get_one(Person, key) for key in (given.principal_id, given.deputy_id))
        payload = {
            "delegation": given.id,
            "principal": principal.username,
            "deputy": deputy.username,
            "handed_over": True,
            "reason": reason,
        }
        audit.append(session, actor=actor, event=EventType.DELEGATION_ENDED, payload=payload, clock=clock)
        notify(
            session,
            person_ids={given.deputy_id, given.principal_id} - {actor.person_id},
            kind=NotificationKind.DELEGATION_ENDED,
            facts={"by": given.principal_id},
            clock=clock,
        )

    return act


def _case(
    session: Session, case: Case, leaver: Person, receiver: Person, reason: str, actor: Actor, clock: Clock
) -> Callable[[], None]:
    def act() -> None:
        _require_post_in(session, receiver, case.opened_by_agency_id, clock)
        session.execute(
            update(Case)
            .where(Case.id == case.id)
            .values(opened_by_person_id=receiver.id)
            .execution_options(synchronize_session=False)
        )
        payload = {"from": leaver.username, "to": receiver.username, "reason": reason}
        audit.append(
            session, actor=actor, event=EventType.CASE_HANDED_OVER, case_id=case.id, payload=payload, clock=clock
        )

    return act


def _draft(
    session: Session,
    draft: ApplicationDraft,
    leaver: Person,
    receiver: Person,
    reason: str,
    actor: Actor,
    clock: Clock,
) -> Callable[[], None]:
    def act() -> None:
        _require_post_in(session, receiver, draft.agency_id, clock)
        require_room(session, receiver.id, receiver.name_zh)
        draft.person_id = receiver.id
        session.flush()
        payload = {"draft": draft.id, "from": leaver.username, "to": receiver.username, "reason": reason}
        audit.append(session, actor=actor, event=EventType.DRAFT_HANDED_OVER, payload=payload, clock=clock)

    return act


def _require_post_in(session: Session, receiver: Person, agency_id: int, clock: Clock) -> None:
    """Refuse a receiver who could not open cases there themselves."""
    posts = posts_of(session, receiver.id, office_date(clock.now()))
    if not any(post.agency_id == agency_id and Permission.CASE_OPEN in GRANTS[post.kind] for post in posts):
        raise InvalidInputError([FieldError("to", "not-in-list")])
