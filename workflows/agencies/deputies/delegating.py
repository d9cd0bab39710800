"""委托: for some days a colleague acts in one's post, in their own name and on one's behalf."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session, aliased

from workflows import audit
from workflows.agencies.deputies.rules import find_person, lock_people, require_days, require_eligible
from workflows.agencies.deputies.tables import Absence, Delegation
from workflows.agencies.models import Agency, Person, Post
from workflows.clock import Clock, office_date
from workflows.errors import FieldError, InvalidInputError, NotFoundError, PermissionDeniedError, StateConflictError
from workflows.events import EventType
from workflows.permissions import Actor, Permission

ALL_WORK = "all"
_SCOPE = re.compile(r"all|measure:[0-9]{1,2}[a-z]?")

_Principal, _Deputy = aliased(Person), aliased(Person)


@dataclass(frozen=True)
class NewDelegation:
    """What somebody asks for.

    Args:
        to_username: the deputy.
        from_on, to_on: first and last day.
        scope: `all`, or `measure:<no>` for the work of one measure only.
    """

    to_username: str
    from_on: date
    to_on: date
    scope: str = ALL_WORK


@dataclass(frozen=True)
class DelegationView:
    """A delegation, as principal and deputy see it.

    Args:
        state: `coming`, `in_force`, `over` or `ended` (early).
        given: the reader is the principal, not the deputy.
        endable: the reader may end it now.
    """

    id: int
    post_id: int
    post_kind: str
    agency_code: str
    agency_zh: str
    agency_en: str
    principal_id: int
    principal_username: str
    principal_zh: str
    principal_en: str
    deputy_id: int
    deputy_username: str
    deputy_zh: str
    deputy_en: str
    from_on: date
    to_on: date
    scope: str
    made_at: datetime
    ended_at: datetime | None
    state: str
    given: bool
    endable: bool


def make_delegation(session: Session, wanted: NewDelegation, *, actor: Actor, clock: Clock) -> DelegationView:
    """Delegate the work of one's acting post.

    Raises:
        PermissionDeniedError: the post cannot be delegated, or is not the actor's own (`on-behalf`).
        InvalidInputError: the deputy is the actor, not eligible, away or standing in for the post already (`to`); the
            days are past, out of order, overlap with an earlier delegation, or the actor stands in for somebody
            meanwhile (`from_on`, `to_on`); no such scope (`scope`).
    """
    _require(actor)
    today = office_date(clock.now())
    deputy = find_person(session, wanted.to_username, "to")
    if deputy.id == actor.person_id:
        raise InvalidInputError([FieldError("to", "oneself")])
    require_days(wanted.from_on, wanted.to_on, today)
    if not _SCOPE.fullmatch(wanted.scope):
        raise InvalidInputError([FieldError("scope", "not-in-list")])
    lock_people(session, actor.person_id, deputy.id)
    post = session.get_one(Post, actor.post_id)
    require_eligible(session, deputy.id, post, (wanted.from_on, wanted.to_on), "to")
    _require_free(session, wanted, post, actor.person_id, deputy.id)
    made = Delegation(
        post_id=post.id,
        principal_id=actor.person_id,
        deputy_id=deputy.id,
        from_on=wanted.from_on,
        to_on=wanted.to_on,
        scope=wanted.scope,
        made_at=clock.now(),
    )
    session.add(made)
    session.flush()
    days = {"from_on": wanted.from_on.isoformat(), "to_on": wanted.to_on.isoformat()}
    payload = {"delegation": made.id, "to": deputy.username, "scope": wanted.scope, **days}
    audit.append(session, actor=actor, event=EventType.DELEGATION_MADE, payload=payload, clock=clock)
    return get_delegation(session, made.id, actor=actor, clock=clock)


def end_delegation(session: Session, delegation_id: int, *, actor: Actor, clock: Clock) -> DelegationView:
    """End a delegation at once; the principal may, and so may a head of the agency.

    Raises:
        NotFoundError: no such delegation that concerns the actor.
        PermissionDeniedError: the actor is only the deputy.
        StateConflictError: it is over.
    """
    seen = get_delegation(session, delegation_id, actor=actor, clock=clock)
    made = session.get_one(Delegation, delegation_id, with_for_update=True, populate_existing=True)
    if made.ended_at is not None or made.to_on < office_date(clock.now()):
        raise StateConflictError("delegation", delegation_id, "over", "end")
    if not seen.endable:
        raise PermissionDeniedError(Permission.DELEGATION_MAKE, "not-principal")
    made.ended_at, made.ended_by_id = clock.now(), actor.person_id
    session.flush()
    payload = {"delegation": made.id, "principal": seen.principal_username, "to": seen.deputy_username}
    audit.append(session, actor=actor, event=EventType.DELEGATION_ENDED, payload=payload, clock=clock)
    return get_delegation(session, delegation_id, actor=actor, clock=clock)


def get_delegation(session: Session, delegation_id: int, *, actor: Actor, clock: Clock) -> DelegationView:
    """Return a delegation that concerns the actor: as principal, as deputy, or as head of the agency.

    Raises:
        NotFoundError: no such delegation.
    """
    row = session.execute(_rows().where(Delegation.id == delegation_id, _concerns(actor))).one_or_none()
    if row is None:
        raise NotFoundError("delegation", delegation_id)
    return _view(row, actor, clock)


def list_delegations(
    session: Session, *, actor: Actor, clock: Clock, before_id: int | None = None, limit: int = 50
) -> tuple[DelegationView, ...]:
    """Return the delegations that concern the actor, the newest first, from behind `before_id` on."""
    _require(actor, own=False)
    query = _rows().where(_concerns(actor)).order_by(Delegation.id.desc()).limit(limit)
    if before_id is not None:
        query = query.where(Delegation.id < before_id)
    return tuple(_view(row, actor, clock) for row in session.execute(query))


def _require(actor: Actor, *, own: bool = True) -> None:
    if not actor.may(Permission.DELEGATION_MAKE):
        raise PermissionDeniedError(Permission.DELEGATION_MAKE)
    if own and actor.on_behalf_of is not None:
        raise PermissionDeniedError(Permission.DELEGATION_MAKE, "on-behalf")


def _require_free(session: Session, wanted: NewDelegation, post: Post, principal_id: int, deputy_id: int) -> None:
    """No two delegations of one post on one day, and no chains: nobody both delegates and stands in."""

    def is_there(*conditions: ColumnElement[bool]) -> bool:
        meanwhile = (
            Delegation.ended_at.is_(None),
            Delegation.from_on <= wanted.to_on,
            Delegation.to_on >= wanted.from_on,
        )
        return session.scalar(select(Delegation.id).where(*meanwhile, *conditions).limit(1)) is not None

    if is_there(Delegation.principal_id == principal_id, Delegation.post_id == post.id):
        raise InvalidInputError([FieldError("from_on", "overlapping")])
    if is_there(Delegation.deputy_id == principal_id):
        raise InvalidInputError([FieldError("from_on", "deputises")])
    away = select(Absence.id).where(
        Absence.person_id == deputy_id,
        Absence.ended_at.is_(None),
        Absence.from_on <= wanted.to_on,
        Absence.to_on >= wanted.from_on,
    )
    if is_there(Delegation.principal_id == deputy_id) or session.scalar(away.limit(1)) is not None:
        raise InvalidInputError([FieldError("to", "away")])
    if is_there(Delegation.deputy_id == deputy_id, Delegation.post_id == post.id):
        raise InvalidInputError([FieldError("to", "duplicate")])


def _concerns(actor: Actor) -> ColumnElement[bool]:
    own = or_(Delegation.principal_id == actor.person_id, Delegation.deputy_id == actor.person_id)
    if not actor.may(Permission.TASK_ASSIGN) or actor.on_behalf_of is not None:
        return own
    return or_(own, Post.agency_id == actor.agency_id)


def _rows() -> Any:
    return (
        select(Delegation, Post, Agency, _Principal, _Deputy)
        .join(Post, Post.id == Delegation.post_id)
        .join(Agency, Agency.id == Post.agency_id)
        .join(_Principal, _Principal.id == Delegation.principal_id)
        .join(_Deputy, _Deputy.id == Delegation.deputy_id)
    )


def _view(row: Any, actor: Actor, clock: Clock) -> DelegationView:
    made, post, agency, principal, deputy = row
    today = office_date(clock.now())
    state = "coming" if made.from_on > today else "in_force"
    state = "over" if made.to_on < today else state
    state = "ended" if made.ended_at is not None else state
    given = made.principal_id == actor.person_id
    is_head = actor.may(Permission.TASK_ASSIGN) and actor.agency_id == agency.id and actor.on_behalf_of is None
    return DelegationView(
        id=made.id,
        post_id=post.id,
        post_kind=post.kind,
        agency_code=agency.code,
        agency_zh=agency.short_zh,
        agency_en=agency.short_en,
        principal_id=principal.id,
        principal_username=principal.username,
        principal_zh=principal.name_zh,
        principal_en=principal.name_en,
        deputy_id=deputy.id,
        deputy_username=deputy.username,
        deputy_zh=deputy.name_zh,
        deputy_en=deputy.name_en,
        from_on=made.from_on,
        to_on=made.to_on,
        scope=made.scope,
        made_at=made.made_at,
        ended_at=made.ended_at,
        state=state,
        given=given,
        endable=state in {"coming", "in_force"} and (given or is_head),
    )
