"""What the agencies of a case say, and what the lead answers."""

from __future__ import annotations

from webapp.api.endpoint import Call, Routes
from webapp.api.v1.blueprint import blueprint
from webapp.api.v1.content.opinions import OpinionList, opinion_list
from workflows import cases
from workflows.permissions import Permission

routes = Routes(blueprint, "Opinions")


@routes.get("/cases/<case_no:no>/opinions", Permission.CASE_READ, answer=OpinionList)
def list_opinions(call: Call, no: str) -> OpinionList:
    """List opinions, signatures and answers (协办意见、会签、答复)."""
    return opinion_list(cases.list_opinions(call.session, no, actor=call.actor, clock=call.clock), call.language)
