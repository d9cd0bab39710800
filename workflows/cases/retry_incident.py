"""Trying again what failed, once its cause is gone."""

from __future__ import annotations

from functools import partial
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows import audit
from workflows.agencies.deputies import load_acting
from workflows.cases.access import require
from workflows.cases.aggregate import current_form, lock_family, lock_family_of_task
from workflows.cases.assignment.offering import review_tasks
from workflows.cases.assignment.rules import Rule
from workflows.cases.commands import AskAgain, ChangeSigner, CompleteTask, OpinionAnswer, ReturnTask
from workflows.cases.complete_task import complete_task, finish
from workflows.cases.models import OPEN, Case, Incident
from workflows.cases.opinions.asking import ask_again
from workflows.cases.recall_task import recall_task
from workflows.cases.return_task import return_task
from workflows.cases.signers import add_signer, remove_signer
from workflows.cases.timers import retry_timer
from workflows.cases.views import Moved
from workflows.clock import Clock, office_date
from workflows.errors import LianbanError, NotFoundError, StateConflictError
from workflows.events import EventType
from workflows.permissions import Actor, Permission


def retry_incident(session: Session, incident_id: int, *, actor: Actor, clock: Clock) -> Moved:
    """Try again what failed, as the officer who did it then.

    Raises:
        NotFoundError: no such incident.
        StateConflictError: it is resolved already, or the task has moved on.
    """
    require(actor, Permission.INCIDENT_RETRY)
    incident = _lock(session, incident_id)
    if "timer_id" in incident.attempt:
        return retry_timer(session, incident, actor=actor, clock=clock)
    if "rule" in incident.attempt:
        return _offer_again(session, incident, actor, clock)
    try:
        officer = load_acting(session, incident.actor_person_id or 0, incident.actor_post_id, office_date(clock.now()))
        moved = _again(session, dict(incident.attempt), officer, clock)
    except StateConflictError:
        raise
    except LianbanError as error:
        raise StateConflictError("incident", incident_id, str(error), "retry") from error
    if moved.incident_id is None:
        _name_retrier(session, incident, actor, clock)
    return moved


def _offer_again(session: Session, incident: Incident, actor: Actor, clock: Clock) -> Moved:
    """Look whether somebody may do the step by now.

    Raises:
        StateConflictError: still nobody (kind `rule`, its key the cause), or the case stands still.
    """
    case = session.get_one(Case, incident.case_id)
    family = lock_family(session, case.root_id or case.id)
    family.require_running("retry")
    form = partial(current_form, session, family.id)
    held = review_tasks(session, family, [incident.task_id or 0], actor=actor, clock=clock, form=form)
    refused = next((each for each in held if each.rule is Rule.REFUSE), None)
    if refused is not None:
        raise StateConflictError("rule", refused.cause.value, "nobody", "retry")
    return Moved(family.no, family.status, task_id=incident.task_id, row_version=family.rev)


def _name_retrier(session: Session, incident: Incident, actor: Actor, clock: Clock) -> None:
    """The act itself is on record as the officer's; that it was somebody else who set it going must be, too."""
    session.refresh(incident)
    incident.resolved_by_person_id = actor.person_id
    audit.append(
        session,
        actor=actor,
        event=EventType.INCIDENT_RESOLVED,
        case_id=incident.case_id,
        task_id=incident.task_id,
        payload={"incident": incident.id, "retried": True},
        clock=clock,
    )


def _again(session: Session, attempt: dict[str, Any], officer: Actor, clock: Clock) -> Moved:
    match attempt.pop("act", "complete"):
        case "return":
            return return_task(session, ReturnTask(**{**attempt, "row_version": None}), actor=officer, clock=clock)
        case "recall":
            return recall_task(session, attempt["task_id"], reason=attempt["reason"], actor=officer, clock=clock)
        case "ask-again":
            return ask_again(session, AskAgain(**{**attempt, "row_version": None}), actor=officer, clock=clock)
        case "add-signer":
            return add_signer(session, ChangeSigner(**attempt), actor=officer, clock=clock)
        case "remove-signer":
            return remove_signer(session, ChangeSigner(**attempt), actor=officer, clock=clock)
    answers = tuple(OpinionAnswer(**answer) for answer in attempt.get("answers", ()))
    command = CompleteTask(**{**attempt, "row_version": None, "answers": answers})
    if officer.may(Permission.MESSAGE_DELIVER):
        return _answer(session, command, officer, clock)
    return complete_task(session, command, actor=officer, clock=clock)


def _lock(session: Session, incident_id: int) -> Incident:
    """The case's lock comes first, as in every act on a case: completing its task closes the incident, too."""
    incident = session.get(Incident, incident_id, populate_existing=True)
    if incident is None:
        raise NotFoundError("incident", incident_id)
    root_id = session.scalar(select(Case.root_id).where(Case.id == incident.case_id))
    lock_family(session, root_id or incident.case_id)
    session.refresh(incident)
    if incident.resolved_at is not None:
        raise StateConflictError("incident", incident_id, "resolved", "retry")
    return incident


def _answer(session: Session, command: CompleteTask, sender: Actor, clock: Clock) -> Moved:
    """What an outside system answered is nobody's to claim."""
    family, task = lock_family_of_task(session, command.task_id, actor=sender)
    if task.status not in OPEN:
        raise StateConflictError("task", task.id, task.status, "retry")
    return finish(session, family, task, command, actor=sender, clock=clock)
