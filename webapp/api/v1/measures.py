"""The responsibility lines of the policy."""

from __future__ import annotations

from webapp.api.endpoint import Call, Routes
from webapp.api.v1.blueprint import blueprint
from webapp.api.v1.content.base import Outgoing, PageQuery
from webapp.api.v1.paging import page_of
from workflows.clock import office_date
from workflows.permissions import Permission
from workflows.policies.measures import LineView
from workflows.policies.measures import list_measures as lines_in_force

routes = Routes(blueprint, "Measures")


class MeasureLine(Outgoing):
    """One responsibility line."""

    no: str
    title: str
    leads: list[str]
    """Codes of agencies, or of groups that stand for their members."""
    supports: list[str]
    clause: str
    """Word for word."""
    case_types: list[str]


class MeasureList(Outgoing):
    """Responsibility lines in the order of the text."""

    items: list[MeasureLine]
    next: str | None


@routes.get("/measures", Permission.MEASURE_READ, query=PageQuery, answer=MeasureList)
def list_measures(call: Call, query: PageQuery) -> MeasureList:
    """List who leads and who supports each measure."""
    lines = lines_in_force(call.session, office_date(call.clock.now()))
    shown, following = page_of(lines, lambda line: line.no, query)
    return MeasureList(items=[_line(line) for line in shown], next=following)


def _line(line: LineView) -> MeasureLine:
    return MeasureLine(
        no=line.no,
        title=line.title,
        leads=list(line.lead_codes),
        supports=list(line.support_codes),
        clause=line.clause,
        case_types=list(line.case_types),
    )
