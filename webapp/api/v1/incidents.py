"""Cases that stand still because the engine failed."""

from __future__ import annotations

from webapp.api.endpoint import Call, Routes
from webapp.api.v1.blueprint import blueprint
from webapp.api.v1.content.base import Nothing, PageQuery
from webapp.api.v1.content.cases import IncidentList, incident
from webapp.api.v1.content.tasks import Movement, movement
from workflows import cases
from workflows.permissions import Permission

routes = Routes(blueprint, "Incidents")


@routes.get("/incidents", Permission.INCIDENT_READ, query=PageQuery, answer=IncidentList)
def list_incidents(call: Call, query: PageQuery) -> IncidentList:
    """List the open failures."""
    page = cases.list_incidents(call.session, actor=call.actor, cursor=query.cursor, limit=query.limit)
    return IncidentList(items=[incident(row, call.language) for row in page.items], next=page.next)


@routes.post("/incidents/<key:incident_id>/retry", Permission.INCIDENT_RETRY, body=Nothing, answer=Movement)
def retry_incident(call: Call, incident_id: int, body: Nothing) -> Movement:
    """Try again what failed."""
    return movement(cases.retry_incident(call.session, incident_id, actor=call.actor, clock=call.clock), call.language)
