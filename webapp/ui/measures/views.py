"""Route of the page of the measures."""

from __future__ import annotations

from flask import Blueprint, render_template, request

from webapp.context import clock
from webapp.transaction import reading
from webapp.ui.acting import get_actor, needs
from webapp.ui.measures.present import Selection, wall
from workflows.cases.measure_counts import count_cases_by_measure
from workflows.clock import office_date
from workflows.permissions import Permission
from workflows.policies.measures import get_policy, list_measure_groups
from workflows.processes import list_processes

blueprint = Blueprint("measures", __name__)


@blueprint.get("/measures")
@needs(Permission.MEASURE_READ)
def index() -> str:
    """Show the measures with who leads and who supports, all or those of one agency."""
    session = reading()
    actor = get_actor()
    measures = list_measure_groups(session, office_date(clock().now()))
    applicable = {process.measure_no: process.key for process in list_processes(session)}
    asked = {name: request.args.get(name, "") for name in ("role", "agency", "light")}
    sees_cases = actor.may(Permission.CASE_READ)
    counts = count_cases_by_measure(session, actor=actor, clock=clock()) if sees_cases else None
    page = wall(get_policy(session), measures, actor, Selection(**asked), applicable, counts)
    return render_template("measures/index.html", wall=page)
