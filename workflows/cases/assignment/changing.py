"""Changing the deployment's rules takes two persons: one asks, another approves or rejects."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from workflows import audit
from workflows.agencies.dating import held
from workflows.agencies.models import Appointment, Person, Post
from workflows.cases.access import require
from workflows.cases.assignment.changes import Change, get_change
from workflows.cases.assignment.defaults import current_defaults
from workflows.cases.assignment.tables import AssignmentChange, AssignmentDefault, ChangeStatus
from workflows.cases.notifications import NotificationKind, notify
from workflows.clock import Clock, office_date
from workflows.engine.assignment import CAUSES, RULES
from workflows.errors import (
    ConcurrencyError,
    FieldError,
    InvalidInputError,
    NotFoundError,
    SamePersonError,
    StateConflictError,
)
from workflows.events import EventType
from workflows.permissions import GRANTS, Actor, Permission

MAX_NOTE = 200


def request_change(
    session: Session, rules: Mapping[str, str], *, note: str, number: int, actor: Actor, clock: Clock
) -> Change:
    """Ask for the next version of the deployment's rules; nothing of it is in force before another person approves.

    Args:
        session: a writing transaction.
        rules: cause → rule, all three.
        note: why, up to 200 characters.
        number: of the version they are to replace, as it was read.
        actor: a system administrator.
        clock: tells when.

    Raises:
        PermissionDeniedError: another post.
        InvalidInputError: a cause is missing or no rule (the cause's name), no note or too long a one (`note`), or
            nothing would change (`nobody`).
        ConcurrencyError: other rules have been put in force since.
        StateConflictError: another change waits for its decision.
    """
    require(actor, Permission.PROCESS_DRAFT)
    errors = [FieldError(cause, "not-in-list") for cause in CAUSES if rules.get(cause) not in RULES]
    text = _words(note, "note", errors)
    if errors:
        raise InvalidInputError(errors)
    current = current_defaults(session)
    if current.number != number:
        raise ConcurrencyError("assignment-rules", number)
    if all(current.rules[cause] == rules[cause] for cause in CAUSES):
        raise InvalidInputError([FieldError(next(iter(CAUSES)), "changes-nothing")])
    row = AssignmentChange(
        replaces=number,
        **{cause: rules[cause] for cause in CAUSES},
        note=text,
        requested_by=actor.person_id,
        requested_for=actor.on_behalf_of,
        requested_at=clock.now(),
    )
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:  # one waits at a time
        raise StateConflictError("assignment-rules", number, ChangeStatus.REQUESTED.value, "request-change") from None
    change = get_change(session, row.id, actor=actor)
    _audit(session, EventType.ASSIGNMENT_RULES_REQUESTED, change, actor, clock)
    told = _who_may(session, Permission.PROCESS_APPROVE, clock)
    _tell(session, told, NotificationKind.RULES_REQUESTED, change, actor, clock)
    return change


def approve_change(session: Session, change_id: int, *, actor: Actor, clock: Clock) -> Change:
    """Put in force what another person asked for, for steps that begin from now on.

    Args:
        session: a writing transaction.
        change_id: the change.
        actor: a security administrator, neither whoever asked nor standing in for them, nor they for the actor.
        clock: tells when.

    Raises:
        PermissionDeniedError: another post.
        SamePersonError: the actor asked for it, in person or through a deputy, or stands in for whoever did.
        NotFoundError: no such change.
        StateConflictError: it has been decided or withdrawn already.
        ConcurrencyError: other rules have been put in force since it was asked for.
    """
    row = _waiting(session, change_id, "approve", actor=actor)
    if current_defaults(session).number != row.replaces:
        raise ConcurrencyError("assignment-rules", row.replaces)
    number = row.replaces + 1
    _decide(session, row, ChangeStatus.APPROVED, actor=actor, clock=clock, number=number)
    session.add(
        AssignmentDefault(
            number=number,
            **{cause: getattr(row, cause) for cause in CAUSES},
            note=row.note,
            set_at=clock.now(),
            set_by_person_id=actor.person_id,
        )
    )
    session.flush()
    change = get_change(session, change_id, actor=actor)
    _audit(session, EventType.ASSIGNMENT_RULES_SET, change, actor, clock)
    _tell(session, {row.requested_by}, NotificationKind.RULES_APPROVED, change, actor, clock)
    return change


def reject_change(session: Session, change_id: int, *, reason: str, actor: Actor, clock: Clock) -> Change:
    """Reject what another person asked for, saying why; raises as `approve_change`, and for want of a `reason`."""
    row = _waiting(session, change_id, "reject", actor=actor)
    why = _reason(reason)
    _decide(session, row, ChangeStatus.REJECTED, actor=actor, clock=clock, reason=why)
    change = get_change(session, change_id, actor=actor)
    _audit(session, EventType.ASSIGNMENT_RULES_REJECTED, change, actor, clock)
    _tell(session, {row.requested_by}, NotificationKind.RULES_REJECTED, change, actor, clock)
    return change


def withdraw_change(session: Session, change_id: int, *, reason: str, actor: Actor, clock: Clock) -> Change:
    """Take back what was asked for and nobody has decided yet; any system administrator may.

    Raises:
        PermissionDeniedError: another post.
        NotFoundError: no such change.
        StateConflictError: it has been decided or withdrawn already.
        InvalidInputError: no reason, or too long a one.
    """
    require(actor, Permission.PROCESS_DRAFT)
    row = _lock(session, change_id, "withdraw")
    row.status, row.reason, row.decided_at = ChangeStatus.WITHDRAWN.value, _reason(reason), clock.now()
    session.flush()
    change = get_change(session, change_id, actor=actor)
    _audit(session, EventType.ASSIGNMENT_RULES_WITHDRAWN, change, actor, clock)
    told = _who_may(session, Permission.PROCESS_APPROVE, clock) | {row.requested_by}
    _tell(session, told, NotificationKind.RULES_WITHDRAWN, change, actor, clock)
    return change


def may_decide(change: Change, actor: Actor) -> bool:
    """Tell whether the actor may approve or reject a change that waits, as far as its persons go."""
    return actor.may(Permission.PROCESS_APPROVE) and actor.person_ids.isdisjoint(change.askers)


def _waiting(session: Session, change_id: int, verb: str, *, actor: Actor) -> AssignmentChange:
    require(actor, Permission.PROCESS_APPROVE)
    row = _lock(session, change_id, verb)
    if actor.person_ids & {row.requested_by, row.requested_for}:
        raise SamePersonError(verb, "request-change")
    return row


def _lock(session: Session, change_id: int, verb: str) -> AssignmentChange:
    row = session.get(AssignmentChange, change_id, with_for_update=True)
    if row is None:
        raise NotFoundError("assignment-change", change_id)
    if row.status != ChangeStatus.REQUESTED:
        raise StateConflictError("assignment-change", change_id, row.status, verb)
    return row


def _decide(
    session: Session,
    row: AssignmentChange,
    status: ChangeStatus,
    *,
    actor: Actor,
    clock: Clock,
    reason: str = "",
    number: int | None = None,
) -> None:
    row.status, row.reason, row.number = status.value, reason, number
    row.decided_by, row.decided_for, row.decided_at = actor.person_id, actor.on_behalf_of, clock.now()
    session.flush()


def _reason(reason: str) -> str:
    errors: list[FieldError] = []
    text = _words(reason, "reason", errors)
    if errors:
        raise InvalidInputError(errors)
    return text


def _words(said: str, field: str, errors: list[FieldError]) -> str:
    text = said.strip()
    if not text:
        errors.append(FieldError(field, "required"))
    elif len(text) > MAX_NOTE:
        errors.append(FieldError(field, "too-long", {"maximum": MAX_NOTE}))
    elif not text.isprintable():
        errors.append(FieldError(field, "characters"))
    return text


def _audit(session: Session, event: EventType, change: Change, actor: Actor, clock: Clock) -> None:
    payload: dict[str, Any] = {
        "change": change.id,
        "replaces": change.replaces,
        "before": dict(change.before),
        **change.after,
        "note": change.note,
        "requested_by": change.requested_by.code,
    }
    if change.number is not None:
        payload["number"] = change.number
    if change.reason:
        payload["reason"] = change.reason
    audit.append(session, actor=actor, event=event, payload=payload, clock=clock)


def _who_may(session: Session, permission: Permission, clock: Clock) -> set[int]:
    kinds = [kind for kind, granted in GRANTS.items() if permission in granted]
    holders = (
        select(Person.id)
        .join(Appointment, Appointment.person_id == Person.id)
        .join(Post, Post.id == Appointment.post_id)
        .where(Post.kind.in_(kinds), Person.is_active, held(office_date(clock.now())))
    )
    return set(session.scalars(holders))


def _tell(
    session: Session, person_ids: set[int], kind: NotificationKind, change: Change, actor: Actor, clock: Clock
) -> None:
    facts: dict[str, Any] = {"by": actor.person_id}
    if change.reason or change.status is ChangeStatus.REQUESTED:
        facts["reason"] = change.reason or change.note
    told = person_ids - {actor.person_id}
    notify(session, person_ids=told, kind=kind, clock=clock, facts=facts)
