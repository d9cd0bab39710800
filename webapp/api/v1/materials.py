"""The checklist of a case, and sending lines of it back."""

from __future__ import annotations

from webapp.api.endpoint import Call, Routes
from webapp.api.v1.blueprint import blueprint
from webapp.api.v1.content.materials import Materials, SendBackBody, SubjectBody, materials
from workflows import cases
from workflows.permissions import Permission

routes = Routes(blueprint, "Documents")


@routes.get("/cases/<case_no:no>/materials", Permission.CASE_READ, answer=Materials)
def list_materials(call: Call, no: str) -> Materials:
    """Get the checklist of a case: what is missing, supplied, sent back (退补), accepted."""
    return materials(cases.list_materials(call.session, no, actor=call.actor), call.language)


@routes.post(
    "/cases/<case_no:no>/materials/<code:item>/send-back",
    Permission.MATERIAL_REVIEW,
    body=SendBackBody,
    answer=Materials,
)
def send_back_material(call: Call, no: str, item: str, body: SendBackBody) -> Materials:
    """Send a paper back (退补); the applicant is told with the decision 一次性告知补正."""
    command = cases.SendBack(no, item, body.problem, body.requirement, body.subject)
    return materials(cases.send_back(call.session, command, actor=call.actor, clock=call.clock), call.language)


@routes.post(
    "/cases/<case_no:no>/materials/<code:item>/undo-send-back",
    Permission.MATERIAL_REVIEW,
    body=SubjectBody,
    answer=Materials,
)
def undo_send_back_material(call: Call, no: str, item: str, body: SubjectBody) -> Materials:
    """Take back a sending back."""
    left = cases.undo_send_back(call.session, no, item, subject=body.subject, actor=call.actor, clock=call.clock)
    return materials(left, call.language)
