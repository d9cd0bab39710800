"""The system administrator asks for accounts and appointments; nothing is in force before another person approves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows import audit
from workflows.agencies.accounts import NewAccount, errors_in_account
from workflows.agencies.dating import in_force
from workflows.agencies.deputies.rules import stands_in
from workflows.agencies.grants import Grant, grant_of
from workflows.agencies.models import Agency, Appointment, GrantKind, GrantRequest, GrantStatus, Person, Post
from workflows.agencies.separation import ADMINISTRATORS, conflicting_kind
from workflows.clock import Clock, office_date
from workflows.errors import FieldError, InvalidInputError, NotFoundError, PermissionDeniedError, StateConflictError
from workflows.events import EventType
from workflows.permissions import Actor, Permission, PostKind


@dataclass(frozen=True)
class Term:
    """For which days a post is to be held.

    Args:
        from_on: first day; None is the day of the approval.
        to_on: last day; None is open.
    """

    from_on: date | None = None
    to_on: date | None = None


def request_account(session: Session, account: NewAccount, term: Term, *, actor: Actor, clock: Clock) -> Grant:
    """Ask for a new account with a first post.

    Args:
        session: a writing transaction.
        account: as it is to be; its password opens nothing before the approval, and then only the page that changes it.
        term: of the first post.
        actor: a system administrator.
        clock: tells the time.

    Raises:
        InvalidInputError: see `accounts.add_account`; also a name that somebody has asked for already (`username`), and
            days in the past or the wrong way round (`from_on`, `to_on`).
    """
    _require(actor)
    errors = [*errors_in_account(session, account), *errors_in_term(term, clock=clock)]
    pending = select(GrantRequest.id).where(
        GrantRequest.username == account.username,
        GrantRequest.kind == GrantKind.ACCOUNT,
        GrantRequest.status == GrantStatus.REQUESTED,
    )
    if session.scalar(pending) is not None:
        errors.append(FieldError("username", "already-requested"))
    if errors:
        raise InvalidInputError(errors)
    request = GrantRequest(
        kind=GrantKind.ACCOUNT,
        username=account.username,
        name_zh=account.name_zh.strip(),
        name_en=account.name_en.strip(),
        agency_id=session.scalar(select(Agency.id).where(Agency.code == account.agency_code)),
        post_kind=account.kind,
        from_on=term.from_on,
        to_on=term.to_on,
        password_hash=account.password_hash,
    )
    return _ask(session, request, actor=actor, clock=clock)


def request_appointment(
    session: Session, username: str, agency_code: str, kind: PostKind, term: Term, *, actor: Actor, clock: Clock
) -> Grant:
    """Ask for a further post for somebody.

    Raises:
        InvalidInputError: no such person in use (`username`), no such agency (`agency`), a post that the agency or the
            person cannot have (`post`: `not-allowed-there`, `administrators-apart`, `held-already`,
            `already-requested`), or days as in `request_account`.
    """
    _require(actor)
    person = session.scalar(select(Person).where(Person.username == username, Person.is_active))
    today = office_date(clock.now())
    agency = session.scalar(
        select(Agency).where(Agency.code == agency_code, in_force(Agency.valid_from, Agency.valid_to, today))
    )
    errors = errors_in_term(term, clock=clock)
    if person is None:
        errors.append(FieldError("username", "no-such-person"))
    if agency is None:
        errors.append(FieldError("agency", "not-in-list"))
    if person is not None and agency is not None and not errors:
        errors += errors_in_post(session, person, agency, kind, term, today=today)
        errors += _already_asked(session, person, agency, kind)
    if errors or person is None or agency is None:
        raise InvalidInputError(errors)
    request = _about(person, GrantKind.APPOINTMENT)
    request.agency_id, request.post_kind = agency.id, kind
    request.from_on, request.to_on = term.from_on, term.to_on
    return _ask(session, request, actor=actor, clock=clock)


def request_password(session: Session, person_id: int, password_hash: str, *, actor: Actor, clock: Clock) -> Grant:
    """Ask for a new password for somebody who has lost theirs; once approved it has to be changed at first use.

    Raises:
        NotFoundError: no such person.
        StateConflictError: the account is closed, or it has been asked for already.
        PermissionDeniedError: for oneself.
    """
    return _request_for(session, person_id, GrantKind.PASSWORD, password_hash, actor=actor, clock=clock)


def request_restoration(session: Session, person_id: int, *, actor: Actor, clock: Clock) -> Grant:
    """Ask for an account that was closed to work again.

    Raises:
        NotFoundError: no such person.
        StateConflictError: the account works, or it has been asked for already.
    """
    return _request_for(session, person_id, GrantKind.RESTORATION, None, actor=actor, clock=clock)


def errors_in_term(term: Term, *, clock: Clock) -> list[FieldError]:
    """Return what is wrong with the days."""
    today = office_date(clock.now())
    errors = []
    if term.from_on is not None and term.from_on < today:
        errors.append(FieldError("from_on", "past-date"))
    if term.to_on is not None and term.to_on < (term.from_on or today):
        errors.append(FieldError("to_on", "date-order"))
    return errors


def errors_in_post(
    session: Session, person: Person, agency: Agency, kind: PostKind, term: Term, *, today: date
) -> list[FieldError]:
    """Return why the person may not hold a post of that kind there in those days."""
    from_on = max(term.from_on or today, today)
    if agency.outside != (kind is PostKind.APPLICANT):
        return [FieldError("post", "not-allowed-there")]
    apart = conflicting_kind(session, person.id, kind, from_on=from_on, to_on=term.to_on) is not None
    if apart or (kind in ADMINISTRATORS and stands_in(session, person.id, from_on=from_on, to_on=term.to_on)):
        return [FieldError("post", "administrators-apart")]
    same = (
        select(Appointment.id)
        .join(Post, Post.id == Appointment.post_id)
        .where(
            Appointment.person_id == person.id,
            Appointment.ended_at.is_(None),
            (Appointment.to_on.is_(None)) | (Appointment.to_on >= from_on),
            Post.agency_id == agency.id,
            Post.kind == kind,
        )
    )
    return [FieldError("post", "held-already")] if session.scalar(same.limit(1)) is not None else []


def _request_for(
    session: Session, person_id: int, kind: GrantKind, password_hash: str | None, *, actor: Actor, clock: Clock
) -> Grant:
    _require(actor)
    person = session.get(Person, person_id, with_for_update=True)
    if person is None:
        raise NotFoundError("person", person_id)
    if person.id == actor.person_id:
        raise PermissionDeniedError(Permission.PEOPLE_MANAGE, "for-oneself")
    if person.is_active is (kind is GrantKind.RESTORATION):
        raise StateConflictError("account", person.username, "in use" if person.is_active else "closed", kind.value)
    pending = select(GrantRequest.id).where(
        GrantRequest.person_id == person.id, GrantRequest.kind == kind, GrantRequest.status == GrantStatus.REQUESTED
    )
    if session.scalar(pending) is not None:
        raise StateConflictError("grant", person.username, "requested", kind.value)
    request = _about(person, kind)
    request.password_hash = password_hash
    return _ask(session, request, actor=actor, clock=clock)


def _about(person: Person, kind: GrantKind) -> GrantRequest:
    return GrantRequest(
        kind=kind, person_id=person.id, username=person.username, name_zh=person.name_zh, name_en=person.name_en
    )


def _already_asked(session: Session, person: Person, agency: Agency, kind: PostKind) -> list[FieldError]:
    pending = select(GrantRequest.id).where(
        GrantRequest.person_id == person.id,
        GrantRequest.agency_id == agency.id,
        GrantRequest.post_kind == kind,
        GrantRequest.kind == GrantKind.APPOINTMENT,
        GrantRequest.status == GrantStatus.REQUESTED,
    )
    return [FieldError("post", "already-requested")] if session.scalar(pending) is not None else []


def _ask(session: Session, request: GrantRequest, *, actor: Actor, clock: Clock) -> Grant:
    request.requested_by, request.requested_at = actor.person_id, clock.now()
    session.add(request)
    session.flush()
    grant = grant_of(session, request.id)
    audit.append(session, actor=actor, event=EventType.GRANT_REQUESTED, clock=clock, payload=grant.facts())
    return grant


def _require(actor: Actor) -> None:
    if not actor.may(Permission.PEOPLE_MANAGE):
        raise PermissionDeniedError(Permission.PEOPLE_MANAGE)
