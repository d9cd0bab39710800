"""Answers from outside systems: kept once, taken once, whether they come before the question or after it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from workflows import audit
from workflows.agencies.models import Appointment
from workflows.agencies.posts import load_actor
from workflows.cases.access import require
from workflows.cases.aggregate import Family, lock_family
from workflows.cases.commands import CompleteTask, OutsideMessage
from workflows.cases.complete_task import check_text, finish
from workflows.cases.forms import unsafe_values
from workflows.cases.models import OPEN, Case, CaseForm, HumanTask, TaskStatus
from workflows.clock import Clock, office_date
from workflows.errors import FieldError, InvalidInputError, LianbanError, StateConflictError
from workflows.events import EventType
from workflows.outbox import Inbox
from workflows.permissions import Actor, Permission


def receive_message(session: Session, message: OutsideMessage, *, actor: Actor, clock: Clock) -> bool:
    """Take in an answer; a repeat with the same id changes nothing.

    Returns:
        True if a waiting step took it, False if it is kept until one does (or was kept before).

    Raises:
        PermissionDeniedError: not an integration account.
        InvalidInputError: a repeat with other content, or the waiting step refuses the content.
        StateConflictError: the step has been answered already.
    """
    require(actor, Permission.MESSAGE_DELIVER)
    _check(message)
    payload = {"decision": message.decision, "data": dict(message.data), "opinion": message.opinion}
    fresh = _keep(session, message, payload, actor, clock)
    entry = session.get_one(Inbox, message.message_id, populate_existing=True)
    if fresh:
        return _apply(session, entry, actor, clock)
    same = (entry.name, entry.case_no, entry.payload) == (message.name, message.case_no, payload)
    if not same or entry.sender_post_id != actor.post_id:
        raise InvalidInputError([FieldError("message_id", "duplicate")])
    return entry.taken_at is not None


def _keep(session: Session, message: OutsideMessage, payload: Mapping[str, Any], actor: Actor, clock: Clock) -> bool:
    """Keep a message unless its id is known; of several deliveries at once one keeps it and the others wait for it."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    kept = insert(Inbox).values(
        message_id=message.message_id,
        name=message.name,
        case_no=message.case_no,
        payload=payload,
        sender_post_id=actor.post_id,
        received_at=clock.now(),
    )
    return session.scalar(kept.on_conflict_do_nothing().returning(Inbox.message_id)) is not None


def _check(message: OutsideMessage) -> None:
    errors = []
    for field, value, maximum in (
        ("message_id", message.message_id, 100),
        ("name", message.name, 60),
        ("case_no", message.case_no, 60),
        ("decision", message.decision, 40),
    ):
        if not value:
            errors.append(FieldError(field, "required"))
        elif len(value) > maximum:
            errors.append(FieldError(field, "too-long", {"maximum": maximum}))
        elif not value.isprintable():
            errors.append(FieldError(field, "characters"))
    errors += unsafe_values(message.data, "data")
    if errors:
        raise InvalidInputError(errors)
    check_text(message.opinion or "", "opinion")


def match_inbox(session: Session, payload: Mapping[str, Any], clock: Clock) -> None:
    """Look for answers that came before the step `payload["name"]` of a case was open (outbox topic `inbox.match`)."""
    root_id = int(payload["root_id"])
    family_nos = select(Case.no).where((Case.id == root_id) | (Case.parent_id == root_id))
    waiting = session.scalars(
        select(Inbox)
        .where(
            Inbox.name == payload["name"],
            Inbox.case_no.in_(family_nos),
            Inbox.taken_at.is_(None),
            Inbox.refused.is_(None),
        )
        .order_by(Inbox.received_at, Inbox.message_id)
    ).all()
    for entry in waiting:
        try:
            with session.begin_nested():
                _require_current(session, entry, root_id)
                _apply(session, entry, _sender(session, entry, clock), clock)
        except LianbanError as error:  # kept with its reason, for the sender to look up
            entry.refused = str(error)[:2000]


def _require_current(session: Session, entry: Inbox, root_id: int) -> None:
    """What was answered before the application was corrected says nothing about the figures and accounts of now.

    Raises:
        StateConflictError: the application is younger than the answer.
    """
    saved_at = session.scalar(select(func.max(CaseForm.saved_at)).where(CaseForm.case_id == root_id))
    if saved_at is not None and saved_at > entry.received_at:
        raise StateConflictError("case", entry.case_no, "application-changed", f"receive {entry.name}")


def _require_unanswered(session: Session, family: Family, case: Case, entry: Inbox, actor: Actor) -> None:
    """A second answer is refused, not kept: it would be taken should the case ever come back to the step.

    To a sender who was never asked, the case is like one there is not.
    """
    asking = [node.id for node in family.process.model.nodes.values() if node.attributes.get("message") == entry.name]
    answered = select(HumanTask.id).where(
        HumanTask.case_id == case.id,
        HumanTask.agency_id == actor.agency_id,
        HumanTask.node_id.in_(asking),
        HumanTask.status == TaskStatus.COMPLETED,
        HumanTask.voided_at.is_(None),
    )
    if session.scalar(answered.limit(1)) is not None:
        raise StateConflictError("case", case.no, "answered", f"receive {entry.name}")


def _sender(session: Session, entry: Inbox, clock: Clock) -> Actor:
    person_id = session.scalar(select(Appointment.person_id).where(Appointment.post_id == entry.sender_post_id))
    return load_actor(session, person_id or 0, entry.sender_post_id, office_date(clock.now()))


def _apply(session: Session, entry: Inbox, actor: Actor, clock: Clock) -> bool:
    case = session.scalar(select(Case).where(Case.no == entry.case_no))
    if case is None:
        return False
    family = lock_family(session, case.parent_id or case.id)
    tasks = session.scalars(
        select(HumanTask)
        .where(
            HumanTask.case_id == case.id,
            HumanTask.agency_id == actor.agency_id,
            HumanTask.status.in_(OPEN),
        )
        .with_for_update()
    ).all()
    for task in tasks:
        if family.node(task.node_id).attributes.get("message") == entry.name:
            break
    else:
        _require_unanswered(session, family, case, entry, actor)
        return False
    command = CompleteTask(
        task_id=task.id,
        decision=entry.payload["decision"],
        opinion=entry.payload.get("opinion"),
        data=entry.payload["data"],
    )
    finish(session, family, task, command, actor=actor, clock=clock)
    entry.taken_at = clock.now()
    audit.append(
        session,
        actor=actor,
        event=EventType.MESSAGE_RECEIVED,
        case_id=case.id,
        task_id=task.id,
        payload={"message_id": entry.message_id, "name": entry.name},
        clock=clock,
    )
    return True
