"""Process definitions: reading them, and from draft to use by two persons."""

from __future__ import annotations

from typing import Any

from flask import Response, request
from werkzeug.exceptions import UnsupportedMediaType

from webapp.api.endpoint import Call, Created, OtherBody, Routes
from webapp.api.intake import Received, fingerprint, read_json, refuse_unstorable
from webapp.api.v1.blueprint import PREFIX, blueprint
from webapp.api.v1.content.base import Nothing, PageQuery
from webapp.api.v1.content.processes import (
    BPMN_LIMIT,
    CheckResult,
    Draft,
    DraftXml,
    Process,
    ProcessList,
    draft,
    findings,
    process,
    process_item,
)
from webapp.api.v1.paging import page_of
from workflows.errors import FieldError, InvalidInputError
from workflows.permissions import Permission
from workflows.processes import catalogue, publishing

routes = Routes(blueprint, "Processes")
DRAFTS = "/processes/<code:key>/drafts"
XML = "application/xml"


def _read_diagram(_call: Call, **_path: Any) -> Received:
    if request.mimetype == "application/json":
        received = read_json(request, DraftXml, limit=2 * BPMN_LIMIT)
        xml = received.value.bpmn.encode()
    elif request.mimetype in (XML, "text/xml"):
        request.max_content_length = BPMN_LIMIT
        xml = request.get_data(cache=False)
    else:
        raise UnsupportedMediaType
    return Received(xml, fingerprint(_utf8(xml)))


def _utf8(xml: bytes) -> bytes:
    """Refuse a diagram that cannot be stored as text; whether it is a good one is the check's to say."""
    try:
        text = xml.decode()
    except UnicodeDecodeError:
        raise InvalidInputError([FieldError("bpmn", "utf-8")]) from None
    if not text.strip():
        raise InvalidInputError([FieldError("bpmn", "required")])
    refuse_unstorable({"bpmn": text})
    return xml


DIAGRAM = OtherBody(
    _read_diagram,
    {XML: {"schema": {"type": "string", "minLength": 1}}, "application/json": {"model": DraftXml}},
)


@routes.get("/processes", Permission.PROCESS_READ, query=PageQuery, answer=ProcessList)
def list_processes(call: Call, query: PageQuery) -> ProcessList:
    """List the processes that cases can be opened in."""
    shown, following = page_of(catalogue.list_processes(call.session), lambda summary: summary.key, query)
    return ProcessList(items=[process_item(summary, call.language) for summary in shown], next=following)


@routes.get("/processes/<code:key>", Permission.PROCESS_READ, answer=Process)
def get_process(call: Call, key: str) -> Process:
    """Get a process in its newest published version, with its application form."""
    summary = catalogue.get_process(call.session, key)
    published = catalogue.get_published(call.session, summary.version_id, summary.sha256)
    return process(summary, published, call.language)


@routes.get("/processes/<code:key>/versions/<number:number>/bpmn", Permission.PROCESS_READ, files=(XML,))
def get_bpmn(call: Call, key: str, number: int) -> Response:
    """Get the diagram of a version."""
    return Response(catalogue.get_bpmn(call.session, key, number), content_type=XML)


@routes.post(DRAFTS, Permission.PROCESS_DRAFT, body=DIAGRAM, answer=Draft, status=201)
def create_draft(call: Call, key: str, body: bytes) -> Created:
    """Keep a changed diagram as a draft."""
    kept = publishing.create_draft(call.session, key, body, actor=call.actor, clock=call.clock)
    return Created(draft(kept, call.language), f"{PREFIX}/processes/{key}/drafts/{kept.id}")


@routes.post(f"{DRAFTS}/<number:draft_id>/check", Permission.PROCESS_READ, body=Nothing, answer=CheckResult)
def check_draft(call: Call, key: str, draft_id: int, body: Nothing) -> CheckResult:
    """Check a draft; a system or a security administrator may."""
    kept = publishing.check_draft(call.session, key, draft_id, actor=call.actor)
    return CheckResult(ok=kept.ok, findings=findings(kept.findings, call.language))


@routes.post(
    f"{DRAFTS}/<number:draft_id>/publish-requests",
    Permission.PROCESS_DRAFT,
    body=Nothing,
    answer=Draft,
    status=201,
)
def request_publish(call: Call, key: str, draft_id: int, body: Nothing) -> Draft:
    """Ask for a draft to be published; somebody else approves it."""
    kept = publishing.request_publish(call.session, key, draft_id, actor=call.actor, clock=call.clock)
    return draft(kept, call.language)


@routes.post(f"{DRAFTS}/<number:draft_id>/approve", Permission.PROCESS_APPROVE, body=Nothing, answer=Draft)
def approve_draft(call: Call, key: str, draft_id: int, body: Nothing) -> Draft:
    """Publish what another person asked for; new cases use it from now on."""
    return draft(publishing.approve(call.session, key, draft_id, actor=call.actor, clock=call.clock), call.language)
