"""Looks agencies up as they stand on a day: by code, as members of a group, through mergers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.agencies.dating import in_force
from workflows.agencies.models import Agency, AgencyGroup, AgencyGroupMember, AgencyKind
from workflows.errors import NotFoundError

MAX_MERGERS = 20
"""A chain of successors longer than this is a loop in the data."""


@dataclass(frozen=True)
class AgencyRef:
    """An agency, as handed to those who route work to it or show it.

    Args:
        id: key of the agency.
        code: such as `JR`.
        name_zh, name_en: official names, for documents.
        short_zh, short_en: short forms, for screens.
        kind: what sort of body it is.
        vertical: reports to its own superior: gets letters, never supervision orders.
        outside: outside government.
        signs_for_work: a task waits in the agency's inbox until somebody signs for it.
    """

    id: int
    code: str
    name_zh: str
    short_zh: str
    name_en: str
    short_en: str
    kind: AgencyKind
    vertical: bool
    outside: bool
    signs_for_work: bool


AGENCY_COLUMNS = (*(getattr(Agency, field.name) for field in fields(AgencyRef)), Agency.valid_to, Agency.successor_id)
"""What a query must ask for so that its rows can stand for agencies here; cheaper than whole mapped objects."""


def agency_ref(agency: Any) -> AgencyRef:
    """Return what others may know of `agency`, an `Agency` or a row of `AGENCY_COLUMNS`."""
    return AgencyRef(
        id=agency.id,
        code=agency.code,
        name_zh=agency.name_zh,
        short_zh=agency.short_zh,
        name_en=agency.name_en,
        short_en=agency.short_en,
        kind=agency.kind,
        vertical=agency.vertical,
        outside=agency.outside,
        signs_for_work=agency.signs_for_work,
    )


def get_agency(session: Session, code: str, on: date) -> AgencyRef:
    """Return the agency of that code, or who has taken over from it by `on`.

    Raises:
        NotFoundError: no such code, or the agency has ended without a successor.
    """
    agency = session.scalars(select(Agency).where(Agency.code == code)).one_or_none()
    successor = None if agency is None else resolve_successor(session, agency, on)
    if successor is None:
        raise NotFoundError("agency", code)
    return agency_ref(successor)


def list_agencies(session: Session, on: date, *, kinds: Iterable[AgencyKind] | None = None) -> tuple[AgencyRef, ...]:
    """Return the agencies that exist on `on`, in the order they were entered, of `kinds` only if given."""
    query = select(Agency).where(in_force(Agency.valid_from, Agency.valid_to, on)).order_by(Agency.id)
    if kinds is not None:
        query = query.where(Agency.kind.in_(list(kinds)))
    return tuple(agency_ref(agency) for agency in session.scalars(query))


def resolve_successor(session: Session, agency: Any, on: date) -> Any | None:
    """Follow mergers from `agency` to the one that acts on `on`; None when it ended and nobody took over."""
    for _ in range(MAX_MERGERS):
        if agency.valid_to is None or agency.valid_to >= on:
            return agency
        successor = None if agency.successor_id is None else session.get(Agency, agency.successor_id)
        if successor is None:
            return None
        agency = successor
    return None


def resolve_all(session: Session, agencies: Iterable[Any], on: date) -> tuple[AgencyRef, ...]:
    """Return those that act on `on` for `agencies`, in order, each once: two that merged are one."""
    standing: dict[int, AgencyRef] = {}
    for agency in agencies:
        successor = resolve_successor(session, agency, on)
        if successor is not None:
            standing.setdefault(successor.id, agency_ref(successor))
    return tuple(standing.values())


def group_members(session: Session, group_code: str, on: date) -> tuple[AgencyRef, ...]:
    """Return the members of a group on `on`, in their customary order.

    Raises:
        NotFoundError: no group of that code.
    """
    group_id = session.scalars(select(AgencyGroup.id).where(AgencyGroup.code == group_code)).one_or_none()
    if group_id is None:
        raise NotFoundError("agency group", group_code)
    return members_of(session, [group_id], on)[group_id]


def members_of(session: Session, group_ids: Iterable[int], on: date) -> dict[int, tuple[AgencyRef, ...]]:
    """Return the members on `on` of several groups, by key of the group; an empty group has no members."""
    wanted = list(group_ids)
    member = AgencyGroupMember
    rows = session.execute(
        select(member.group_id, Agency)
        .join(Agency, Agency.id == member.agency_id)
        .where(member.group_id.in_(wanted), in_force(member.valid_from, member.valid_to, on))
        .order_by(member.group_id, member.ordinal, member.id)
    ).all()
    found: dict[int, list[Agency]] = {group_id: [] for group_id in wanted}
    for group_id, agency in rows:
        found[group_id].append(agency)
    return {group_id: resolve_all(session, agencies, on) for group_id, agencies in found.items()}
