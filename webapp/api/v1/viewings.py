"""Who opened what (阅览记录), for those who watch over it."""

from __future__ import annotations

from webapp.api.endpoint import Call, Routes
from webapp.api.v1.blueprint import blueprint
from webapp.api.v1.content.viewings import CaseViewingListQuery, ViewingList, ViewingListQuery, viewing_list
from workflows.cases.viewings.listing import list_viewings
from workflows.permissions import Permission

routes = Routes(blueprint, "Audit")


@routes.get("/cases/<case_no:no>/viewings", Permission.CASE_SUPERVISE, query=CaseViewingListQuery, answer=ViewingList)
def list_viewings_of_case(call: Call, no: str, query: CaseViewingListQuery) -> ViewingList:
    """List who opened a case, its papers and its official documents, the newest first."""
    return viewing_list(list_viewings(call.session, query.asked(no), actor=call.actor), call.language)


@routes.get("/audit/viewings", Permission.AUDIT_READ, query=ViewingListQuery, answer=ViewingList)
def list_all_viewings(call: Call, query: ViewingListQuery) -> ViewingList:
    """List who opened what, of one case or of all; of a case nothing is told but its number."""
    return viewing_list(list_viewings(call.session, query.asked(query.case), actor=call.actor), call.language)
