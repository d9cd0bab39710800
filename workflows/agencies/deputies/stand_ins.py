"""Whose posts a person may act in today for somebody else: by 委托, or as B角 of somebody who is away."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Date, and_, bindparam, exists, literal, or_, select, union_all
from sqlalchemy.orm import Session, aliased

from workflows.agencies.dating import held, in_force
from workflows.agencies.deputies.rules import ELIGIBLE
from workflows.agencies.deputies.tables import Absence, Delegation, PostBackup
from workflows.agencies.models import Agency, Appointment, Person, Post
from workflows.agencies.posts import HeldPost, held_post, load_actor
from workflows.agencies.separation import ADMINISTRATORS
from workflows.errors import PermissionDeniedError
from workflows.permissions import Actor

_Principal = aliased(Person)


@dataclass(frozen=True)
class StandIn:
    """A post somebody may act in for its holder.

    Args:
        held: the holder's post.
        principal_id, username, name_zh, name_en: the holder.
        scope: what of the holder's work: `all`, or `measure:<no>`.
        to_on: the last day of a 委托; None for a B角.
    """

    held: HeldPost
    principal_id: int
    username: str
    name_zh: str
    name_en: str
    scope: str
    to_on: date | None


def stand_ins(session: Session, person_id: int, on: date) -> tuple[StandIn, ...]:
    """Return the posts that `person_id` may act in for others on a day, one entry for each post.

    A 委托 comes before the B角's own right; a post the person holds is theirs and not listed.
    """
    found: dict[int, StandIn] = {}
    # Most people stand in for nobody today; to plan the whole question takes longer than to find that out.
    if not session.execute(_ANY_RIGHT, {"person": person_id, "on": on}).first():
        return ()
    rows = session.execute(_STAND_INS, {"person": person_id, "on": on}).all()
    for row in sorted(rows, key=lambda row: (row.rank, row.Appointment.id)):
        found.setdefault(row.Post.id, _stand_in(row))
    return tuple(found.values())


def find_stand_in(session: Session, person_id: int, post_id: int, on: date) -> StandIn | None:
    """Return the right of `person_id` to act in that post for its holder, if they have it on that day."""
    return next((each for each in stand_ins(session, person_id, on) if each.held.post_id == post_id), None)


def act_for(person_id: int, person_name: str, stand_in: StandIn) -> Actor:
    """Return a person acting in a post for its holder."""
    post = stand_in.held
    return Actor(
        person_id=person_id,
        person_name=person_name,
        post_id=post.post_id,
        post_kind=post.kind,
        agency_id=post.agency_id,
        agency_code=post.agency_code,
        agency_name=post.agency_zh,
        on_behalf_of=stand_in.principal_id,
        scope=None if stand_in.scope == "all" else stand_in.scope,
    )


def _stand_in(row: Any) -> StandIn:
    principal: Person = row[3]
    return StandIn(
        held=held_post(row.Appointment, row.Post, row.Agency),
        principal_id=principal.id,
        username=principal.username,
        name_zh=principal.name_zh,
        name_en=principal.name_en,
        scope=row.scope,
        to_on=row.last_on,
    )


_ON = bindparam("on", type_=Date)
_BY_DELEGATION = select(
    Delegation.post_id,
    Delegation.principal_id,
    Delegation.scope.label("scope"),
    Delegation.to_on.label("last_on"),
    literal(0).label("rank"),
).where(
    Delegation.deputy_id == bindparam("person"),
    Delegation.ended_at.is_(None),
    in_force(Delegation.from_on, Delegation.to_on, _ON),
)
_AWAY = or_(
    exists().where(
        Absence.person_id == Appointment.person_id,
        Absence.ended_at.is_(None),
        in_force(Absence.from_on, Absence.to_on, _ON),
    ),
    exists().where(
        Delegation.principal_id == Appointment.person_id,
        Delegation.ended_at.is_(None),
        in_force(Delegation.from_on, Delegation.to_on, _ON),
    ),
)
_BY_BACKUP = (
    select(
        PostBackup.post_id,
        Appointment.person_id.label("principal_id"),
        literal("all").label("scope"),
        literal(None, Date).label("last_on"),
        literal(1).label("rank"),
    )
    .join(Appointment, Appointment.post_id == PostBackup.post_id)
    .where(
        PostBackup.person_id == bindparam("person"),
        in_force(PostBackup.from_on, PostBackup.to_on, _ON),
        Appointment.person_id != PostBackup.person_id,
        held(_ON),
        _AWAY,
    )
)
_ANY_RIGHT = union_all(_BY_DELEGATION, _BY_BACKUP)
_RIGHTS = _ANY_RIGHT.subquery()
_OwnAppointment, _OwnPost = aliased(Appointment), aliased(Post)
_OWN_HELD = and_(
    in_force(_OwnAppointment.from_on, _OwnAppointment.to_on, _ON),
    or_(_OwnAppointment.ended_at.is_(None), _OwnAppointment.to_on > _ON),
)
_STAND_INS = (
    select(Appointment, Post, Agency, _Principal, _RIGHTS.c.scope, _RIGHTS.c.last_on, _RIGHTS.c.rank)
    .join(
        _RIGHTS,
        and_(_RIGHTS.c.post_id == Appointment.post_id, _RIGHTS.c.principal_id == Appointment.person_id),
    )
    .join(Post, Post.id == Appointment.post_id)
    .join(Agency, Agency.id == Post.agency_id)
    .join(_Principal, _Principal.id == Appointment.person_id)
    .where(
        # who no longer holds the post, or whose account is closed, has nobody acting for them in it
        held(_ON),
        _Principal.is_active,
        in_force(Agency.valid_from, Agency.valid_to, _ON),
        ~exists().where(
            _OwnAppointment.post_id == Post.id,
            _OwnAppointment.person_id == bindparam("person"),
            _OWN_HELD,
        ),
        # and who stands in must still hold a post there that makes them eligible, and be none of 三员 anywhere
        exists().where(
            _OwnAppointment.person_id == bindparam("person"),
            _OwnAppointment.post_id == _OwnPost.id,
            _OwnPost.agency_id == Agency.id,
            or_(*(and_(Post.kind == kind, _OwnPost.kind.in_(may)) for kind, may in ELIGIBLE.items())),
            _OWN_HELD,
        ),
        ~exists().where(
            _OwnAppointment.person_id == bindparam("person"),
            _OwnAppointment.post_id == _OwnPost.id,
            _OwnPost.kind.in_(ADMINISTRATORS),
            _OWN_HELD,
        ),
    )
)
"""Built once: asked with every page."""


def load_acting(session: Session, person_id: int, post_id: int | None, on: date) -> Actor:
    """Return the person acting in the post, as its holder or as a stand-in.

    Raises:
        NotFoundError: no such person, an inactive one, or one who holds no post on `on`.
        PermissionDeniedError: the person neither holds that post on `on` nor stands in for its holder.
    """
    try:
        return load_actor(session, person_id, post_id, on)
    except PermissionDeniedError:
        stand_in = find_stand_in(session, person_id, post_id or 0, on)
        if stand_in is None:
            raise
        return act_for(person_id, session.get_one(Person, person_id).name_zh, stand_in)
