"""From the policy's lines to the page's cards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from flask import url_for

from webapp import wording
from webapp.translation import _
from webapp.ui.language import pick
from webapp.ui.measures.models import AgencyChoice, AgencyName, LineCard, MeasureCard, RoleChoice, Section, Wall
from workflows.permissions import Actor, Permission
from workflows.policies.measures import LineView, MeasureView, Party, PolicyView

LEAD, SUPPORT = "lead", "support"


@dataclass(frozen=True)
class Selection:
    """What the reader asked for: measures one's own agency leads or supports, or those of one agency."""

    role: str
    agency: str


def wall(
    policy: PolicyView,
    measures: Sequence[MeasureView],
    actor: Actor,
    selection: Selection,
    applicable: Mapping[str, str],
) -> Wall:
    """Build the page.

    Args:
        applicable: number of a responsibility line → key of the process one can apply under.
    """
    own = actor.agency_code
    leads, supports = _number(measures, own, LEAD), _number(measures, own, SUPPORT)
    chosen = [measure for measure in measures if _wanted(measure, own, selection)]
    return Wall(
        document_number=policy.document_number,
        total=len(measures),
        lines=sum(len(measure.lines) for measure in measures),
        own_name=_own_name(measures, actor) if leads or supports else None,
        own_leads=leads,
        own_supports=supports,
        sections=tuple(
            Section(title, tuple(_card(measure, actor, applicable) for measure in group))
            for title, group in groupby(chosen, key=lambda measure: measure.section)
        ),
        roles=_roles(len(measures), leads, supports, selection.role),
        agencies=_agencies(measures, selection.agency),
        filtered=bool(selection.role or selection.agency),
    )


def _parties(measure: MeasureView, kind: str) -> tuple[Party, ...]:
    return tuple(party for line in measure.lines for party in (line.leads if kind == LEAD else line.supports))


def _has(party: Party, code: str) -> bool:
    return party.code == code or any(agency.code == code for agency in party.agencies)


def _takes_part(measure: MeasureView, code: str, kind: str) -> bool:
    return any(_has(party, code) for party in _parties(measure, kind))


def _number(measures: Sequence[MeasureView], code: str, kind: str) -> int:
    return sum(_takes_part(measure, code, kind) for measure in measures)


def _wanted(measure: MeasureView, own: str, selection: Selection) -> bool:
    if selection.role in (LEAD, SUPPORT) and not _takes_part(measure, own, selection.role):
        return False
    code = selection.agency
    return not code or _takes_part(measure, code, LEAD) or _takes_part(measure, code, SUPPORT)


def _own_name(measures: Sequence[MeasureView], actor: Actor) -> str:
    for measure in measures:
        for party in _parties(measure, LEAD) + _parties(measure, SUPPORT):
            for agency in party.agencies:
                if agency.code == actor.agency_code:
                    return pick(agency.short_zh, agency.short_en)
    return actor.agency_name


def _card(measure: MeasureView, actor: Actor, applicable: Mapping[str, str]) -> MeasureCard:
    classes = dict.fromkeys(letter for line in measure.lines for letter in line.classes)
    return MeasureCard(
        no=measure.no,
        title=measure.title,
        lines=tuple(_line(line, actor.agency_code) for line in measure.lines),
        links=_links(measure, actor, applicable),
        case_types=tuple(wording.line_class(letter) for letter in classes),
    )


def _links(measure: MeasureView, actor: Actor, applicable: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    if not actor.may(Permission.CASE_OPEN):
        return ()
    keys = [applicable[line.no] for line in measure.lines if line.no in applicable]
    return tuple((url_for("pages.applications.form", key=key), _("提交申请")) for key in keys)


def _line(line: LineView, own: str) -> LineCard:
    return LineCard(
        no=line.no,
        title=line.title,
        clause=line.clause,
        leads=tuple(_name(party, own) for party in line.leads),
        supports=tuple(_name(party, own) for party in line.supports),
    )


def _name(party: Party, own: str) -> AgencyName:
    return AgencyName(party.code, pick(party.short_zh, party.short_en), _has(party, own))


def _roles(total: int, leads: int, supports: int, current: str) -> tuple[RoleChoice, ...]:
    every = RoleChoice(_("全部%(num)s项", num=total), url_for("pages.measures.index"), current not in (LEAD, SUPPORT))
    if not leads and not supports:
        return (every,)
    return (
        every,
        RoleChoice(_("我单位牵头%(num)s项", num=leads), url_for("pages.measures.index", role=LEAD), current == LEAD),
        RoleChoice(
            _("我单位配合%(num)s项", num=supports), url_for("pages.measures.index", role=SUPPORT), current == SUPPORT
        ),
    )


def _agencies(measures: Sequence[MeasureView], current: str) -> tuple[AgencyChoice, ...]:
    found: dict[str, AgencyChoice] = {}
    for measure in measures:
        for party in _parties(measure, LEAD) + _parties(measure, SUPPORT):
            for agency in party.agencies:
                name = pick(agency.short_zh, agency.short_en)
                found.setdefault(agency.code, AgencyChoice(agency.code, name, agency.code == current))
    return tuple(found.values())
