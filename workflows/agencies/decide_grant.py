"""The second person's part: the security administrator approves or refuses what the system administrator asked for."""

from __future__ import annotations

from datetime import date

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from workflows import audit
from workflows.agencies.accounts import POST_NAMES, NewAccount, create_person, errors_in_account
from workflows.agencies.dating import held
from workflows.agencies.emptied import queue_review
from workflows.agencies.grants import Grant, grant_of
from workflows.agencies.models import Agency, Appointment, GrantKind, GrantRequest, GrantStatus, Person, Post
from workflows.agencies.request_grant import Term, errors_in_post, errors_in_term
from workflows.clock import Clock, office_date
from workflows.errors import (
    ConcurrencyError,
    FieldError,
    InvalidInputError,
    NotFoundError,
    PermissionDeniedError,
    StateConflictError,
)
from workflows.events import EventType
from workflows.permissions import Actor, Permission, PostKind

NOTE_LENGTH = 500


def approve_grant(session: Session, grant_id: int, row_version: int, *, actor: Actor, clock: Clock) -> Grant:
    """Approve a request: what it asks for is in force at once, or from its first day on.

    Everything that was looked at when it was asked for is looked at again.

    Args:
        session: a writing transaction.
        grant_id: of the request.
        row_version: as the approver saw it.
        actor: a security administrator, who neither asked for it nor is the one it concerns.
        clock: tells the time.

    Raises:
        NotFoundError: no such request.
        PermissionDeniedError: the actor asked for it (`same-person`) or is whom it concerns (`for-oneself`).
        StateConflictError: it has been decided already.
        ConcurrencyError: it has changed since it was read.
        InvalidInputError: it can be granted no more.
    """
    request = _waiting(session, grant_id, row_version, Permission.GRANT_APPROVE, actor=actor)
    _require_other_person(request, actor)
    _CARRY_OUT[request.kind](session, request, clock)
    return _decide(session, request, GrantStatus.APPROVED, EventType.GRANT_APPROVED, "", actor=actor, clock=clock)


def refuse_grant(session: Session, grant_id: int, row_version: int, note: str, *, actor: Actor, clock: Clock) -> Grant:
    """Refuse a request, saying why; raises as `approve_grant`."""
    request = _waiting(session, grant_id, row_version, Permission.GRANT_APPROVE, actor=actor)
    _require_other_person(request, actor)
    why = _note(note)
    return _decide(session, request, GrantStatus.REFUSED, EventType.GRANT_REFUSED, why, actor=actor, clock=clock)


def withdraw_grant(
    session: Session, grant_id: int, row_version: int, note: str, *, actor: Actor, clock: Clock
) -> Grant:
    """Take back a request that nobody has decided yet; raises as `approve_grant`."""
    request = _waiting(session, grant_id, row_version, Permission.PEOPLE_MANAGE, actor=actor)
    why = _note(note)
    return _decide(session, request, GrantStatus.WITHDRAWN, EventType.GRANT_WITHDRAWN, why, actor=actor, clock=clock)


def _waiting(
    session: Session, grant_id: int, row_version: int, permission: Permission, *, actor: Actor
) -> GrantRequest:
    if not actor.may(permission):
        raise PermissionDeniedError(permission)
    request = session.get(GrantRequest, grant_id, with_for_update=True)
    if request is None:
        raise NotFoundError("grant", grant_id)
    if request.status is not GrantStatus.REQUESTED:
        raise StateConflictError("grant", grant_id, request.status.value, "decide")
    if request.row_version != row_version:
        raise ConcurrencyError("grant", grant_id)
    return request


def _require_other_person(request: GrantRequest, actor: Actor) -> None:
    if request.requested_by == actor.person_id:
        raise PermissionDeniedError(Permission.GRANT_APPROVE, "same-person")
    if request.person_id == actor.person_id:
        raise PermissionDeniedError(Permission.GRANT_APPROVE, "for-oneself")


def _note(note: str) -> str:
    plain = note.strip()
    if not plain:
        raise InvalidInputError([FieldError("reason", "reason-required")])
    if len(plain) > NOTE_LENGTH:
        raise InvalidInputError([FieldError("reason", "too-long", {"maximum": NOTE_LENGTH})])
    if "\x00" in plain:
        raise InvalidInputError([FieldError("reason", "characters")])
    return plain


def _decide(
    session: Session,
    request: GrantRequest,
    status: GrantStatus,
    event: EventType,
    note: str,
    *,
    actor: Actor,
    clock: Clock,
) -> Grant:
    request.status, request.note, request.password_hash = status, note, None
    request.decided_at = clock.now()
    if status is not GrantStatus.WITHDRAWN:
        request.decided_by = actor.person_id
    request.row_version += 1
    session.flush()
    grant = grant_of(session, request.id)
    audit.append(session, actor=actor, event=event, clock=clock, payload=grant.facts())
    return grant


def _grant_account(session: Session, request: GrantRequest, clock: Clock) -> None:
    agency = session.get(Agency, request.agency_id)
    if agency is None or request.post_kind is None or request.password_hash is None:
        raise StateConflictError("grant", request.id, "incomplete", "approve")
    account = NewAccount(
        username=request.username,
        agency_code=agency.code,
        kind=request.post_kind,
        name_zh=request.name_zh,
        name_en=request.name_en,
        password_hash=request.password_hash,
    )
    errors = errors_in_account(session, account)
    if errors:
        raise InvalidInputError(errors)
    person = create_person(session, account, clock=clock)
    request.person_id = person.id
    _appoint(session, request, person, clock)


def _grant_appointment(session: Session, request: GrantRequest, clock: Clock) -> None:
    _appoint(session, request, _person(session, request), clock)


def _grant_password(session: Session, request: GrantRequest, clock: Clock) -> None:
    person = _person(session, request)
    if request.password_hash is None:
        raise StateConflictError("grant", request.id, "incomplete", "approve")
    person.password_hash, person.must_change_password = request.password_hash, True
    session.flush()


def _grant_restoration(session: Session, request: GrantRequest, clock: Clock) -> None:
    person = session.get(Person, request.person_id, with_for_update=True)
    if person is None or person.is_active:
        raise StateConflictError("account", request.username, "in use", "restore")
    person.is_active = True
    session.flush()
    on = office_date(clock.now())
    posts = select(Post).join(Appointment, Appointment.post_id == Post.id).where(Appointment.person_id == person.id)
    for post in session.scalars(posts.where(held(on))).all():
        queue_review(session, post, why=f"restored:{request.id}:{post.id}", clock=clock)


_CARRY_OUT = {
    GrantKind.ACCOUNT: _grant_account,
    GrantKind.APPOINTMENT: _grant_appointment,
    GrantKind.PASSWORD: _grant_password,
    GrantKind.RESTORATION: _grant_restoration,
}


def _person(session: Session, request: GrantRequest) -> Person:
    person = session.get(Person, request.person_id, with_for_update=True)
    if person is None or not person.is_active:
        raise StateConflictError("account", request.username, "closed", "grant")
    return person


def _appoint(session: Session, request: GrantRequest, person: Person, clock: Clock) -> None:
    """Let the person hold a vacant post of the agency, or a new one; from today on if the first day has gone by."""
    today = office_date(clock.now())
    # One at a time in an agency: two approvals at once must not fill the same vacant post.
    agency = session.get(Agency, request.agency_id, with_for_update=True)
    if agency is None or request.post_kind is None:
        raise StateConflictError("grant", request.id, "incomplete", "approve")
    from_on = max(request.from_on or today, today)
    term = Term(from_on, request.to_on)
    errors = [
        *errors_in_term(term, clock=clock),
        *errors_in_post(session, person, agency, request.post_kind, term, today=today),
    ]
    if errors:
        raise InvalidInputError(errors)
    post_id = _post_for(session, agency.id, request.post_kind, person.id, from_on)
    session.add(Appointment(post_id=post_id, person_id=person.id, from_on=from_on, to_on=request.to_on))
    session.flush()
    post = session.get_one(Post, post_id)
    queue_review(session, post, why=f"granted:{request.id}", clock=clock, from_on=from_on)  # work may wait for them


def _post_for(session: Session, agency_id: int, kind: PostKind, person_id: int, from_on: date) -> int:
    """Return a post nobody holds from then on or had before as this person, the lowest seat first; else a new one."""
    lasts = Appointment.ended_at.is_(None) & (Appointment.to_on.is_(None) | (Appointment.to_on >= from_on))
    taken = exists().where(Appointment.post_id == Post.id, lasts | (Appointment.person_id == person_id))
    of_kind = (Post.agency_id == agency_id, Post.kind == kind)
    vacant = session.scalar(select(Post.id).where(*of_kind, ~taken).order_by(Post.seat).limit(1))
    if vacant is not None:
        return vacant
    last = session.scalar(select(func.max(Post.seat)).where(*of_kind)) or 0
    name_zh, name_en = POST_NAMES[kind]
    post = Post(agency_id=agency_id, kind=kind, seat=last + 1, name_zh=name_zh, name_en=name_en)
    session.add(post)
    session.flush()
    return post.id
