"""What the agencies of a case say, and what the lead answers."""

from __future__ import annotations

from webapp.api.endpoint import Call, Routes
from webapp.api.v1.blueprint import blueprint
from webapp.api.v1.content.opinions import OpinionList, opinion_list
from webapp.api.v1.content.tasks import AskAgain, Movement, movement
from workflows import cases
from workflows.cases import commands
from workflows.permissions import Permission

routes = Routes(blueprint, "Opinions")


@routes.post("/tasks/<key:task_id>/ask-again", Permission.TASK_COMPLETE, body=AskAgain, answer=Movement)
def ask_again(call: Call, task_id: int, body: AskAgain) -> Movement:
    """Ask one supporting agency for a new opinion (请重新提出意见); what the others said stands."""
    command = commands.AskAgain(task_id, body.opinion_task_id, body.reason, body.row_version)
    return movement(cases.ask_again(call.session, command, actor=call.actor, clock=call.clock), call.language)


@routes.get("/cases/<case_no:no>/opinions", Permission.CASE_READ, answer=OpinionList)
def list_opinions(call: Call, no: str) -> OpinionList:
    """List opinions, signatures and answers (协办意见、会签、答复)."""
    return opinion_list(cases.list_opinions(call.session, no, actor=call.actor, clock=call.clock), call.language)
