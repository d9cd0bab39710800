"""Agencies, posts and people for tests: the demo set-up as a whole, or made one by one."""

from __future__ import annotations

from datetime import date
from functools import cache

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.identity.passwords import hash_password
from workflows.agencies.models import (
    Agency,
    AgencyGroup,
    AgencyGroupMember,
    AgencyKind,
    Appointment,
    Person,
    Post,
)
from workflows.agencies.posts import load_actor
from workflows.agencies.seeding import load_agencies, load_demo_accounts, load_demo_parties
from workflows.clock import Clock, office_date
from workflows.permissions import Actor, PostKind
from workflows.policies.seeding import load_policies

PASSWORD = "correct horse battery"
LONG_AGO = date(2001, 1, 1)


@cache
def password_hash() -> str:
    """The hash of `PASSWORD`, made once: hashing is slow on purpose."""
    return hash_password(PASSWORD)


def seed_organisation(session: Session, clock: Clock) -> None:
    """Load agencies, groups, demo parties, demo accounts (password `PASSWORD`) and the policy."""
    load_agencies(session)
    load_demo_parties(session)
    load_policies(session)
    load_demo_accounts(session, password_hash=password_hash(), clock=clock)


def agency(session: Session, code: str) -> Agency:
    """The agency of that code."""
    return session.scalars(select(Agency).where(Agency.code == code)).one()


def person(session: Session, username: str) -> Person:
    """The person of that name."""
    return session.scalars(select(Person).where(Person.username == username)).one()


def actor(session: Session, username: str, clock: Clock) -> Actor:
    """A demo person, acting in the post held longest."""
    return load_actor(session, person(session, username).id, None, office_date(clock.now()))


def make_agency(
    session: Session,
    code: str,
    *,
    kind: AgencyKind = AgencyKind.MUNICIPAL,
    valid_from: date | None = None,
    valid_to: date | None = None,
    successor: Agency | None = None,
) -> Agency:
    """A new agency, its names made from its code."""
    made = Agency(
        code=code,
        name_zh=f"{code}局",
        short_zh=code,
        name_en=f"{code} Bureau",
        short_en=code,
        kind=kind,
        valid_from=valid_from,
        valid_to=valid_to,
        successor_id=None if successor is None else successor.id,
    )
    session.add(made)
    session.flush()
    return made


def make_group(session: Session, code: str, *members: tuple[Agency, date, date | None]) -> AgencyGroup:
    """A new group; each member with the first and last day of membership."""
    group = AgencyGroup(code=code, name_zh=code, short_zh=code, name_en=code, short_en=code)
    session.add(group)
    session.flush()
    for place, (member, first, last) in enumerate(members, start=1):
        session.add(
            AgencyGroupMember(group_id=group.id, agency_id=member.id, ordinal=place, valid_from=first, valid_to=last)
        )
    session.flush()
    return group


def make_post(session: Session, of: Agency, kind: PostKind = PostKind.HANDLER, *, seat: int = 1) -> Post:
    """A new post in an agency."""
    post = Post(agency_id=of.id, kind=kind, seat=seat, name_zh="经办人", name_en="Case handler")
    session.add(post)
    session.flush()
    return post


def make_person(session: Session, clock: Clock, username: str) -> Person:
    """A new person who holds no post; password `PASSWORD`."""
    made = Person(
        username=username,
        name_zh=username,
        name_en=username,
        password_hash=password_hash(),
        created_at=clock.now(),
    )
    session.add(made)
    session.flush()
    return made


def appoint(session: Session, who: Person, to: Post, *, from_on: date = LONG_AGO, to_on: date | None = None) -> None:
    """Let a person hold a post."""
    session.add(Appointment(post_id=to.id, person_id=who.id, from_on=from_on, to_on=to_on))
    session.flush()
