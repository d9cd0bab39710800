"""Routes of incidents: what stands still and why, without the content of the case; and trying again."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from webapp.context import clock
from webapp.transaction import reading, writing
from webapp.translation import _
from webapp.ui.acting import get_actor, needs
from webapp.ui.incidents.causes import explain
from webapp.ui.language import pick
from webapp.ui.moves import after_move
from workflows.agencies.directory import list_agencies
from workflows.cases.incidents import list_incidents
from workflows.cases.retry_incident import retry_incident
from workflows.clock import office_date
from workflows.errors import StateConflictError
from workflows.permissions import Permission

blueprint = Blueprint("incidents", __name__)


@blueprint.get("/incidents")
@needs(Permission.INCIDENT_READ)
def index() -> str:
    """List what stands still."""
    page = list_incidents(reading(), actor=get_actor(), cursor=request.args.get("cursor"))
    following = url_for("pages.incidents.index", cursor=page.next) if page.next else None
    names = _agency_names()
    causes = {incident.id: explain(incident.cause, names) for incident in page.items}
    return render_template("incidents/index.html", incidents=page.items, causes=causes, next_address=following)


def _agency_names() -> Mapping[str, str]:
    found = list_agencies(reading(), office_date(clock().now()))
    return {agency.code: pick(agency.short_zh, agency.short_en) for agency in found}


@blueprint.post("/incidents/<key:incident_id>/retry")
@needs(Permission.INCIDENT_RETRY)
def retry(incident_id: int) -> Response:
    """Try again what failed, as the officer who did it then."""
    try:
        with writing() as session:
            moved = retry_incident(session, incident_id, actor=get_actor(), clock=clock())
    except StateConflictError as error:
        if error.kind == "rule":
            flash(_("故障%(id)s没有重试成功：仍没有可以办理的人，请先办理任职", id=incident_id), "warning")
            return redirect(url_for("pages.incidents.index"))
        why = explain(error.state, _agency_names())
        flash(_("故障%(id)s没有重试成功：%(cause)s", id=incident_id, cause=why.sentence), "warning")
        return redirect(url_for("pages.incidents.index"))
    if moved.incident_id is not None:
        flash(_("故障%(id)s没有重试成功，办件内容未变；原因见下表", id=incident_id), "warning")
        return redirect(url_for("pages.incidents.index"))
    after_move(moved)
    return redirect(url_for("pages.incidents.index"))
