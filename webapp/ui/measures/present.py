"""From the policy's lines to the page's cards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from flask import url_for

from webapp import wording
from webapp.translation import _
from webapp.ui.language import pick
from webapp.ui.measures.models import (
    AgencyChoice,
    AgencyName,
    LightCount,
    LineCard,
    LineCounts,
    MeasureCard,
    RoleChoice,
    Section,
    Wall,
)
from workflows.deadlines import Light
from workflows.permissions import Actor, Permission
from workflows.policies.measures import LineView, MeasureView, Party, PolicyView

LEAD, SUPPORT = "lead", "support"
WORST_FIRST = (Light.RED, Light.AMBER, Light.GREEN, Light.GREY)


@dataclass(frozen=True)
class Selection:
    """What the reader asked for: measures one's own agency leads or supports, those of one agency, or of one light."""

    role: str
    agency: str
    light: str = ""


def wall(
    policy: PolicyView,
    measures: Sequence[MeasureView],
    actor: Actor,
    selection: Selection,
    applicable: Mapping[str, str],
    counts: Mapping[str, Mapping[Light, int]] | None,
) -> Wall:
    """Build the page.

    Args:
        counts: number of a responsibility line → light → cases under way; None for readers who see no cases.
        applicable: number of a responsibility line → key of the process one can apply under.
    """
    own = actor.agency_code
    leads, supports = _number(measures, own, LEAD), _number(measures, own, SUPPORT)
    known = counts or {}
    worst = {measure.no: _worst(measure, known) for measure in measures}
    chosen = [measure for measure in measures if _wanted(measure, own, selection)]
    if selection.light:
        chosen = [measure for measure in chosen if worst[measure.no] == selection.light]
    return Wall(
        title=_title(measures, worst, sees_cases=counts is not None),
        lights=_lights(worst, selection) if counts is not None else (),
        document_number=policy.document_number,
        total=len(measures),
        lines=sum(len(measure.lines) for measure in measures),
        own_name=_own_name(measures, actor) if leads or supports else None,
        own_leads=leads,
        own_supports=supports,
        sections=tuple(
            Section(title, tuple(_card(measure, actor, applicable, worst[measure.no], known) for measure in group))
            for title, group in groupby(chosen, key=lambda measure: measure.section)
        ),
        roles=_roles(len(measures), leads, supports, selection.role),
        agencies=_agencies(measures, selection.agency),
        filtered=bool(selection.role or selection.agency or selection.light),
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


Counts = Mapping[str, Mapping[Light, int]]


def _worst(measure: MeasureView, counts: Counts) -> Light | None:
    """The light of the worst case under way."""
    lit = {light for line in measure.lines for light in counts.get(line.no, {})}
    return next((light for light in WORST_FIRST if light in lit), None)


def _title(measures: Sequence[MeasureView], worst: Mapping[str, Light | None], *, sees_cases: bool) -> str:
    if not sees_cases:
        return _("%(total)s项措施，谁牵头、谁配合", total=len(measures))
    late, near = (sum(1 for light in worst.values() if light is wanted) for wanted in (Light.RED, Light.AMBER))
    return _("%(total)s项措施：%(late)s项有逾期，%(near)s项临期", total=len(measures), late=late, near=near)


def _lights(worst: Mapping[str, Light | None], selection: Selection) -> tuple[RoleChoice, ...]:
    found = []
    for light in WORST_FIRST:
        number = sum(1 for each in worst.values() if each is light)
        label = _("%(light)s%(num)s", light=wording.light(light), num=number)
        address = url_for("pages.measures.index", light=light, role=selection.role or None)
        found.append(RoleChoice(label, address, selection.light == light, light))
    return tuple(found)


def _cases(measure: MeasureView, counts: Counts) -> tuple[LineCounts, ...]:
    several = len(measure.lines) > 1
    found = []
    for line in measure.lines:
        lit = counts.get(line.no, {})
        shown = tuple(
            LightCount(light, lit[light], url_for("pages.cases.index", measure=line.no, light=light))
            for light in WORST_FIRST
            if lit.get(light)
        )
        if shown:
            found.append(LineCounts(line.no if several else None, shown))
    return tuple(found)


def _card(
    measure: MeasureView, actor: Actor, applicable: Mapping[str, str], worst: Light | None, counts: Counts
) -> MeasureCard:
    classes = dict.fromkeys(letter for line in measure.lines for letter in line.classes)
    return MeasureCard(
        no=measure.no,
        title=measure.title,
        lines=tuple(_line(line, actor.agency_code) for line in measure.lines),
        links=_links(measure, actor, applicable),
        case_types=tuple(wording.line_class(letter) for letter in classes),
        worst=worst,
        cases=_cases(measure, counts),
    )


def _links(measure: MeasureView, actor: Actor, applicable: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    if actor.may(Permission.RESPONSIBILITY_CHANGE):
        return tuple(
            (url_for("pages.lead.change", line=line.no), _("变更%(no)s的牵头单位", no=line.no))
            for line in measure.lines
            if not all(party.is_group for party in line.leads)
        )
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
