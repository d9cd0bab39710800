"""Who leads and who supports a line of the policy on a day: what every task is routed by."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.agencies.dating import in_force
from workflows.agencies.directory import AgencyRef, resolve_all
from workflows.agencies.models import Agency, AgencyGroupMember
from workflows.errors import NotFoundError
from workflows.policies.models import (
    Measure,
    Participant,
    Policy,
    Responsibility,
    ResponsibilityKind,
    ResponsibilityLine,
)


def leads(session: Session, line_no: str, on: date, *, policy: str | None = None) -> tuple[AgencyRef, ...]:
    """Return the lead agencies (主办) of a line on `on`, in the order of the clause.

    Groups stand for their members of that day, ended agencies for their successors; nobody is named twice.

    Args:
        session: read only.
        line_no: such as `2` or `5a`.
        on: an office date.
        policy: document number; without it, the first policy entered.

    Raises:
        NotFoundError: no such line in force.
    """
    return _responsible(session, line_no, on, ResponsibilityKind.LEAD, policy)


def supports(session: Session, line_no: str, on: date, *, policy: str | None = None) -> tuple[AgencyRef, ...]:
    """Return the supporting agencies (协办) of a line on `on`; as `leads`.

    An agency that leads the line, be it through a merger, is not its supporter as well.
    """
    leading = {agency.id for agency in leads(session, line_no, on, policy=policy)}
    named = _responsible(session, line_no, on, ResponsibilityKind.SUPPORT, policy)
    return tuple(agency for agency in named if agency.id not in leading)


def participants(session: Session, process_key: str, duty: str, on: date) -> tuple[AgencyRef, ...]:
    """Return the agencies with `duty` in a process on `on`, such as `payer`; none when nobody has it."""
    query = (
        select(Agency)
        .join(Participant, Participant.agency_id == Agency.id)
        .where(
            Participant.process_key == process_key,
            Participant.duty == duty,
            in_force(Participant.valid_from, Participant.valid_to, on),
        )
        .order_by(Participant.id)
    )
    return resolve_all(session, session.scalars(query), on)


def get_line_id(session: Session, line_no: str, on: date, *, policy: str | None = None) -> int:
    """Return the key of the responsibility line of that number in force on `on`.

    Raises:
        NotFoundError: no such line in force.
    """
    query = (
        select(ResponsibilityLine.id)
        .join(Measure, Measure.id == ResponsibilityLine.measure_id)
        .join(Policy, Policy.id == Measure.policy_id)
        .where(
            ResponsibilityLine.no == line_no,
            in_force(ResponsibilityLine.valid_from, ResponsibilityLine.valid_to, on),
        )
        .order_by(Policy.id, ResponsibilityLine.valid_from.desc())
        .limit(1)
    )
    if policy is not None:
        query = query.where(Policy.document_number == policy)
    line_id = session.scalars(query).one_or_none()
    if line_id is None:
        raise NotFoundError("responsibility line", line_no)
    return line_id


def _responsible(
    session: Session, line_no: str, on: date, kind: ResponsibilityKind, policy: str | None
) -> tuple[AgencyRef, ...]:
    line_id = get_line_id(session, line_no, on, policy=policy)
    named = (
        Responsibility.line_id == line_id,
        Responsibility.kind == kind,
        in_force(Responsibility.valid_from, Responsibility.valid_to, on),
    )
    member = AgencyGroupMember
    direct = select(Responsibility.ordinal, Agency).join(Agency, Agency.id == Responsibility.agency_id).where(*named)
    through_group = (
        select(Responsibility.ordinal, member.ordinal, Agency)
        .join(member, member.group_id == Responsibility.group_id)
        .join(Agency, Agency.id == member.agency_id)
        .where(*named, in_force(member.valid_from, member.valid_to, on))
    )
    found = [(place, 0, agency.id, agency) for place, agency in session.execute(direct)]
    found += [(place, seat, agency.id, agency) for place, seat, agency in session.execute(through_group)]
    found.sort(key=lambda row: row[:3])
    return resolve_all(session, [row[3] for row in found], on)
