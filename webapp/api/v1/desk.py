"""The caller's own desk: drafts, phrases, views; and what submitting would bring."""

from __future__ import annotations

from webapp.api.endpoint import Call, Routes
from webapp.api.v1.blueprint import blueprint
from webapp.api.v1.completing import completing
from webapp.api.v1.content.desk import (
    KeptDraft,
    NewDraft,
    NewPhrase,
    NewView,
    PhraseList,
    ViewList,
    kept_draft,
    phrase_list,
    view_list,
)
from webapp.api.v1.content.tasks import Completion, Movement, movement
from workflows.cases import desk
from workflows.cases.foresee import foresee_completion
from workflows.permissions import Permission

routes = Routes(blueprint, "Desk")


@routes.get("/views", Permission.TASK_READ, answer=ViewList)
def list_views(call: Call) -> ViewList:
    """List the caller's views of the queues."""
    return view_list(desk.list_views(call.session, actor=call.actor))


@routes.post("/views", Permission.TASK_READ, body=NewView, answer=ViewList)
def keep_view(call: Call, body: NewView) -> ViewList:
    """Keep a view; one of the same name is replaced."""
    desk.save_view(call.session, body.name, body.query, actor=call.actor, clock=call.clock)
    return list_views(call)


@routes.delete("/views/<key:view_id>", Permission.TASK_READ, status=204)
def drop_view(call: Call, view_id: int) -> None:
    """Throw a view away."""
    desk.remove_view(call.session, view_id, actor=call.actor)


@routes.get("/phrases", Permission.TASK_COMPLETE, answer=PhraseList)
def list_phrases(call: Call) -> PhraseList:
    """List the caller's phrases for opinions."""
    return phrase_list(desk.list_phrases(call.session, actor=call.actor))


@routes.post("/phrases", Permission.TASK_COMPLETE, body=NewPhrase, answer=PhraseList)
def keep_phrase(call: Call, body: NewPhrase) -> PhraseList:
    """Keep a phrase; the same one again changes nothing."""
    desk.add_phrase(call.session, body.text, decision=body.decision or "", actor=call.actor, clock=call.clock)
    return list_phrases(call)


@routes.delete("/phrases/<key:phrase_id>", Permission.TASK_COMPLETE, status=204)
def drop_phrase(call: Call, phrase_id: int) -> None:
    """Throw a phrase away."""
    desk.remove_phrase(call.session, phrase_id, actor=call.actor)


@routes.get("/tasks/<key:task_id>/draft", Permission.TASK_READ, answer=KeptDraft)
def get_draft(call: Call, task_id: int) -> KeptDraft:
    """Get what the caller has filled in for a task they hold."""
    return kept_draft(desk.find_draft(call.session, task_id, actor=call.actor, clock=call.clock))


@routes.post("/tasks/<key:task_id>/draft", Permission.TASK_COMPLETE, body=NewDraft, answer=KeptDraft)
def keep_draft(call: Call, task_id: int, body: NewDraft) -> KeptDraft:
    """Keep what is filled in so far (存草稿)."""
    command = desk.SaveDraft(task_id, body.decision or "", body.opinion or "", body.data, body.row_version)
    desk.save_draft(call.session, command, actor=call.actor, clock=call.clock)
    return get_draft(call, task_id)


@routes.delete("/tasks/<key:task_id>/draft", Permission.TASK_COMPLETE, status=204)
def drop_draft(call: Call, task_id: int) -> None:
    """Throw the caller's draft away."""
    desk.discard_draft(call.session, task_id, actor=call.actor)


@routes.post("/tasks/<key:task_id>/foresee", Permission.TASK_COMPLETE, body=Completion, answer=Movement)
def foresee(call: Call, task_id: int, body: Completion) -> Movement:
    """Tell what completing the task would bring, and change nothing; an incident it names is not opened."""
    command = completing(task_id, body)
    return movement(foresee_completion(call.session, command, actor=call.actor, clock=call.clock), call.language)
