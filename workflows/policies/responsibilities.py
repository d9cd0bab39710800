"""Who leads and who supports a line of the policy on a day: what every task is routed by."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Date, Select, String, and_, bindparam, func, select
from sqlalchemy.orm import Session

from workflows.agencies.dating import in_force
from workflows.agencies.directory import AGENCY_COLUMNS, AgencyRef, agency_ref, resolve_all
from workflows.agencies.models import Agency, AgencyGroupMember
from workflows.agencies.remembering import noting_changes
from workflows.errors import NotFoundError
from workflows.persistence import once
from workflows.policies.models import (
    CaseType,
    LineCaseType,
    Measure,
    Participant,
    Policy,
    Responsibility,
    ResponsibilityKind,
    ResponsibilityLine,
)


@dataclass(frozen=True)
class Responsible:
    """Who is responsible for a line on a day.

    Args:
        leads, supports: in the order of the clause, nobody twice.
    """

    leads: tuple[AgencyRef, ...]
    supports: tuple[AgencyRef, ...]


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
    return _responsible(session, line_no, on, (ResponsibilityKind.LEAD,), policy).leads


def named_leads(session: Session, line_no: str, on: date) -> tuple[AgencyRef, ...]:
    """Return the agencies that lead a line by their own name and not as members of a group: those that can be changed.

    Raises:
        NotFoundError: no such line in force.
    """
    known = line_no if line_no.isprintable() else ""  # PostgreSQL takes no text with a zero in it
    query = (
        select(Agency)
        .join(Responsibility, Responsibility.agency_id == Agency.id)
        .where(
            Responsibility.line_id == get_line_id(session, known, on),
            Responsibility.kind == ResponsibilityKind.LEAD,
            in_force(Responsibility.valid_from, Responsibility.valid_to, on),
        )
        .order_by(Responsibility.ordinal)
    )
    return tuple(agency_ref(agency) for agency in session.scalars(query))


def supports(session: Session, line_no: str, on: date, *, policy: str | None = None) -> tuple[AgencyRef, ...]:
    """Return the supporting agencies (协办) of a line on `on`; as `leads`.

    An agency that leads the line, be it through a merger, is not its supporter as well.
    """
    return responsible(session, line_no, on, policy=policy).supports


def responsible(session: Session, line_no: str, on: date, *, policy: str | None = None) -> Responsible:
    """Return leads and supports of a line on `on` at once; as `leads` and `supports`."""
    return _responsible(session, line_no, on, tuple(ResponsibilityKind), policy)


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


def serves(session: Session, case_type: str, line_no: str, on: date) -> bool:
    """Tell whether cases of a type, such as CT2, are handled under the line of that number in force on `on`."""
    query = (
        select(LineCaseType.line_id)
        .join(CaseType, CaseType.id == LineCaseType.case_type_id)
        .where(LineCaseType.line_id == _LINE_OF[False].scalar_subquery(), CaseType.code == case_type)
    )
    return session.scalar(query, _line_parameters(line_no, on, None)) is not None


def get_line_id(session: Session, line_no: str, on: date, *, policy: str | None = None) -> int:
    """Return the key of the responsibility line of that number in force on `on`.

    Raises:
        NotFoundError: no such line in force.
    """
    line_id = session.scalars(_LINE_OF[policy is not None], _line_parameters(line_no, on, policy)).one_or_none()
    if line_id is None:
        raise NotFoundError("responsibility line", line_no)
    return line_id


def _line(*, of_policy: bool) -> Select[int]:
    query = (
        select(ResponsibilityLine.id)
        .join(Measure, Measure.id == ResponsibilityLine.measure_id)
        .join(Policy, Policy.id == Measure.policy_id)
        .where(
            ResponsibilityLine.no == _LINE_NO, in_force(ResponsibilityLine.valid_from, ResponsibilityLine.valid_to, _ON)
        )
        .order_by(Policy.id, ResponsibilityLine.valid_from.desc())
        .limit(1)
    )
    return query.where(Policy.document_number == bindparam("policy", type_=String)) if of_policy else query


def _named(*, of_policy: bool) -> Any:
    member = AgencyGroupMember
    return (
        select(Responsibility.kind.label("part"), *AGENCY_COLUMNS)
        .select_from(Responsibility)
        .outerjoin(
            member,
            and_(member.group_id == Responsibility.group_id, in_force(member.valid_from, member.valid_to, _ON)),
        )
        .join(Agency, Agency.id == func.coalesce(Responsibility.agency_id, member.agency_id))
        .where(
            Responsibility.line_id == _line(of_policy=of_policy).scalar_subquery(),
            Responsibility.kind.in_(bindparam("kinds", expanding=True)),
            in_force(Responsibility.valid_from, Responsibility.valid_to, _ON),
        )
        .order_by(Responsibility.ordinal, member.ordinal, Agency.id)
    )


_LINE_NO = bindparam("line_no", type_=String)
_ON = bindparam("on", type_=Date)
# Built once: every task that opens asks, and building such a statement costs more than running it.
_LINE_OF = {of_policy: _line(of_policy=of_policy) for of_policy in (False, True)}
_NAMED_OF = {of_policy: _named(of_policy=of_policy) for of_policy in (False, True)}


def _line_parameters(line_no: str, on: date, policy: str | None) -> dict[str, object]:
    return {"line_no": line_no, "on": on} if policy is None else {"line_no": line_no, "on": on, "policy": policy}


def _responsible(
    session: Session, line_no: str, on: date, kinds: tuple[ResponsibilityKind, ...], policy: str | None
) -> Responsible:
    asked = ("responsible", line_no, on, kinds, policy)
    return once(session, asked, lambda: _look_up(session, line_no, on, kinds, policy))


def _look_up(
    session: Session, line_no: str, on: date, kinds: tuple[ResponsibilityKind, ...], policy: str | None
) -> Responsible:
    parameters = {**_line_parameters(line_no, on, policy), "kinds": kinds}
    rows = session.connection().execute(_NAMED_OF[policy is not None], parameters).all()
    if not rows:
        get_line_id(session, line_no, on, policy=policy)
    leading = resolve_all(session, [row for row in rows if row.part is ResponsibilityKind.LEAD], on)
    supporting = resolve_all(session, [row for row in rows if row.part is ResponsibilityKind.SUPPORT], on)
    ids = {agency.id for agency in leading}
    return Responsible(leading, tuple(agency for agency in supporting if agency.id not in ids))


RESPONSIBILITY_DDL = noting_changes("policy", "measure", "responsibility_line", "responsibility", "participant")
