"""The measures of a policy with their responsibility lines, for reading."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.agencies.dating import in_force
from workflows.agencies.directory import AgencyRef, members_of, resolve_all
from workflows.agencies.models import Agency, AgencyGroup
from workflows.errors import NotFoundError
from workflows.policies.models import (
    CaseType,
    LineCaseType,
    Measure,
    Policy,
    Responsibility,
    ResponsibilityKind,
    ResponsibilityLine,
)


@dataclass(frozen=True)
class Party:
    """A name in a clause: one agency, or a group and its members of the day.

    Args:
        code: of the agency or the group, such as `JR` or `U14`.
        name_zh, name_en: full names.
        short_zh, short_en: short forms.
        is_group: tells which of the two it is.
        agencies: who that is; a group may be empty.
    """

    code: str
    name_zh: str
    short_zh: str
    name_en: str
    short_en: str
    is_group: bool
    agencies: tuple[AgencyRef, ...]


@dataclass(frozen=True)
class LineView:
    """A responsibility line.

    Args:
        no: such as `2` or `5a`.
        title: what it is about.
        clause: the responsibility clause, word for word, with its brackets.
        body: the paragraph before the clause, word for word.
        classes: letters `A` to `G`.
        case_types: codes such as `CT2`, the most particular first.
        leads, supports: parties in the order of the clause.
    """

    no: str
    title: str
    clause: str
    body: str
    classes: tuple[str, ...]
    case_types: tuple[str, ...]
    leads: tuple[Party, ...]
    supports: tuple[Party, ...]

    @property
    def lead_codes(self) -> tuple[str, ...]:
        """The leads as named: groups by their own code."""
        return tuple(party.code for party in self.leads)

    @property
    def support_codes(self) -> tuple[str, ...]:
        """The supports as named: groups by their own code."""
        return tuple(party.code for party in self.supports)

    @property
    def lead_agencies(self) -> tuple[AgencyRef, ...]:
        """The leads, groups opened, nobody twice."""
        return _each_once(self.leads)

    @property
    def support_agencies(self) -> tuple[AgencyRef, ...]:
        """The supports, groups opened, nobody twice, without those who lead."""
        leading = {agency.id for agency in self.lead_agencies}
        return tuple(agency for agency in _each_once(self.supports) if agency.id not in leading)


@dataclass(frozen=True)
class MeasureView:
    """A measure and its lines.

    Args:
        no: such as `5`.
        title: in full.
        section: the heading it stands under.
        lines: one, or several where the measure has several clauses.
    """

    no: str
    title: str
    section: str
    lines: tuple[LineView, ...]


@dataclass(frozen=True)
class PolicyView:
    """A policy document.

    Args:
        document_number: such as 运政发〔2019〕3号.
        title: in full.
        issued_on: date of the document.
        source: who issued it.
    """

    document_number: str
    title: str
    issued_on: date
    source: str


def get_policy(session: Session, document_number: str | None = None) -> PolicyView:
    """Return a policy; without a number, the first one entered.

    Raises:
        NotFoundError: there is none.
    """
    policy = _policy(session, document_number)
    return PolicyView(policy.document_number, policy.title, policy.issued_on, policy.source)


def list_measures(session: Session, on: date, *, policy: str | None = None) -> tuple[LineView, ...]:
    """Return the responsibility lines in force on `on`, in the order of the text (26 in the policy this began with).

    Args:
        session: read only.
        on: an office date: memberships and mergers are those of that day.
        policy: document number; without it, the first policy entered.

    Raises:
        NotFoundError: no such policy.
    """
    return tuple(line for measure in list_measure_groups(session, on, policy=policy) for line in measure.lines)


def list_measure_groups(session: Session, on: date, *, policy: str | None = None) -> tuple[MeasureView, ...]:
    """Return the measures with their lines in force on `on`, in the order of the text; otherwise as `list_measures`."""
    chosen = _policy(session, policy)
    measures = session.scalars(select(Measure).where(Measure.policy_id == chosen.id).order_by(Measure.ordinal)).all()
    lines = session.scalars(
        select(ResponsibilityLine)
        .join(Measure, Measure.id == ResponsibilityLine.measure_id)
        .where(
            Measure.policy_id == chosen.id,
            in_force(ResponsibilityLine.valid_from, ResponsibilityLine.valid_to, on),
        )
        .order_by(ResponsibilityLine.ordinal)
    ).all()
    parties = _parties(session, [line.id for line in lines], on)
    case_types = _case_types(session, [line.id for line in lines])
    return tuple(
        MeasureView(
            no=measure.no,
            title=measure.title,
            section=measure.section,
            lines=tuple(
                _line_view(line, parties, case_types.get(line.id, ()))
                for line in lines
                if line.measure_id == measure.id
            ),
        )
        for measure in measures
    )


_Parties = Mapping[tuple[int, ResponsibilityKind], list[Party]]


def _policy(session: Session, document_number: str | None) -> Policy:
    query = select(Policy).order_by(Policy.id).limit(1)
    if document_number is not None:
        query = query.where(Policy.document_number == document_number)
    policy = session.scalars(query).one_or_none()
    if policy is None:
        raise NotFoundError("policy", document_number or "any")
    return policy


def _line_view(line: ResponsibilityLine, parties: _Parties, case_types: tuple[str, ...]) -> LineView:
    return LineView(
        no=line.no,
        title=line.title,
        clause=line.clause,
        body=line.body,
        classes=tuple(line.classes),
        case_types=case_types,
        leads=tuple(parties.get((line.id, ResponsibilityKind.LEAD), ())),
        supports=tuple(parties.get((line.id, ResponsibilityKind.SUPPORT), ())),
    )


def _case_types(session: Session, line_ids: list[int]) -> dict[int, tuple[str, ...]]:
    rows = session.execute(
        select(LineCaseType.line_id, CaseType.code)
        .join(CaseType, CaseType.id == LineCaseType.case_type_id)
        .where(LineCaseType.line_id.in_(line_ids))
        .order_by(CaseType.ordinal)
    )
    found: dict[int, tuple[str, ...]] = {}
    for line_id, code in rows:
        found[line_id] = (*found.get(line_id, ()), code)
    return found


def _parties(session: Session, line_ids: list[int], on: date) -> _Parties:
    rows = session.execute(
        select(Responsibility, Agency, AgencyGroup)
        .outerjoin(Agency, Agency.id == Responsibility.agency_id)
        .outerjoin(AgencyGroup, AgencyGroup.id == Responsibility.group_id)
        .where(
            Responsibility.line_id.in_(line_ids),
            in_force(Responsibility.valid_from, Responsibility.valid_to, on),
        )
        .order_by(Responsibility.ordinal, Responsibility.id)
    ).all()
    members = members_of(session, {group.id for _, _, group in rows if group is not None}, on)
    found: dict[tuple[int, ResponsibilityKind], list[Party]] = {}
    for responsibility, agency, group in rows:
        named = found.setdefault((responsibility.line_id, responsibility.kind), [])
        if group is not None:
            named.append(_group_party(group, members[group.id]))
        else:
            named.extend(_agency_party(ref) for ref in resolve_all(session, [agency], on) if not _named(named, ref))
    return found


def _named(parties: list[Party], agency: AgencyRef) -> bool:
    return any(party.code == agency.code and not party.is_group for party in parties)


def _group_party(group: AgencyGroup, agencies: tuple[AgencyRef, ...]) -> Party:
    return Party(group.code, group.name_zh, group.short_zh, group.name_en, group.short_en, True, agencies)


def _agency_party(agency: AgencyRef) -> Party:
    return Party(
        agency.code,
        agency.name_zh,
        agency.short_zh,
        agency.name_en,
        agency.short_en,
        is_group=False,
        agencies=(agency,),
    )


def _each_once(parties: tuple[Party, ...]) -> tuple[AgencyRef, ...]:
    return tuple({agency.id: agency for party in parties for agency in party.agencies}.values())
