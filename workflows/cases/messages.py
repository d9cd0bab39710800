"""Answers from outside systems: kept once, taken once, whether they come before the question or after it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows import audit
from workflows.agencies.models import Appointment
from workflows.agencies.posts import load_actor
from workflows.cases.access import require
from workflows.cases.aggregate import lock_family
from workflows.cases.commands import CompleteTask, OutsideMessage
from workflows.cases.complete_task import check_text, finish
from workflows.cases.models import OPEN, Case, HumanTask
from workflows.clock import Clock, office_date
from workflows.errors import FieldError, InvalidInputError, LianbanError
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
    """
    require(actor, Permission.MESSAGE_DELIVER)
    check_text(message.opinion or "", "opinion")
    payload = {"decision": message.decision, "data": dict(message.data), "opinion": message.opinion}
    known = session.get(Inbox, message.message_id)
    if known is not None:
        same = (known.name, known.case_no, known.payload) == (message.name, message.case_no, payload)
        if not same or known.sender_post_id != actor.post_id:
            raise InvalidInputError([FieldError("message_id", "duplicate")])
        return known.taken_at is not None
    entry = Inbox(
        message_id=message.message_id,
        name=message.name,
        case_no=message.case_no,
        payload=payload,
        sender_post_id=actor.post_id,
        received_at=clock.now(),
    )
    session.add(entry)
    session.flush()
    return _apply(session, entry, actor, clock)


def match_inbox(session: Session, payload: Mapping[str, Any], clock: Clock) -> None:
    """Look for answers that came before the step `payload["name"]` of a case was open (outbox topic `inbox.match`)."""
    root_id = int(payload["root_id"])
    family_nos = select(Case.no).where((Case.id == root_id) | (Case.parent_id == root_id))
    waiting = session.scalars(
        select(Inbox).where(
            Inbox.name == payload["name"],
            Inbox.case_no.in_(family_nos),
            Inbox.taken_at.is_(None),
            Inbox.refused.is_(None),
        )
    ).all()
    for entry in waiting:
        sender = _sender(session, entry, clock)
        try:
            with session.begin_nested():
                _apply(session, entry, sender, clock)
        except LianbanError as error:  # kept with its reason, for the sender to look up
            entry.refused = str(error)[:2000]


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
