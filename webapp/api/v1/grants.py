"""Requests for grants: what one administrator asked for, and another decides."""

from __future__ import annotations

from webapp.api.endpoint import Call, Routes
from webapp.api.v1.blueprint import blueprint
from webapp.api.v1.content.administration import (
    Approval,
    GrantList,
    GrantQuery,
    GrantRequest,
    Refusal,
    grant_request,
)
from webapp.api.v1.paging import key_of
from workflows.agencies import decide_grant
from workflows.agencies.grants import list_grants
from workflows.agencies.models import GrantStatus
from workflows.permissions import Permission

routes = Routes(blueprint, "Grants")


@routes.get("/grant-requests", Permission.PEOPLE_READ, query=GrantQuery, answer=GrantList)
def list_grant_requests(call: Call, query: GrantQuery) -> GrantList:
    """List requests, the newest first."""
    status = GrantStatus(query.status) if query.status else None
    page = list_grants(call.session, status=status, cursor=key_of(query.cursor), limit=query.limit)
    return GrantList(items=[grant_request(one, call.language) for one in page.items], next=page.next)


@routes.post("/grant-requests/<number:grant_id>/approve", Permission.GRANT_APPROVE, body=Approval, answer=GrantRequest)
def approve_grant(call: Call, grant_id: int, body: Approval) -> GrantRequest:
    """Approve a request of another person; it is in force at once, or from its first day on."""
    grant = decide_grant.approve_grant(call.session, grant_id, body.row_version, actor=call.actor, clock=call.clock)
    return grant_request(grant, call.language)


@routes.post("/grant-requests/<number:grant_id>/refuse", Permission.GRANT_APPROVE, body=Refusal, answer=GrantRequest)
def refuse_grant(call: Call, grant_id: int, body: Refusal) -> GrantRequest:
    """Refuse a request, saying why."""
    grant = decide_grant.refuse_grant(
        call.session, grant_id, body.row_version, body.reason, actor=call.actor, clock=call.clock
    )
    return grant_request(grant, call.language)


@routes.post("/grant-requests/<number:grant_id>/withdraw", Permission.PEOPLE_MANAGE, body=Refusal, answer=GrantRequest)
def withdraw_grant(call: Call, grant_id: int, body: Refusal) -> GrantRequest:
    """Take back a request that nobody has decided yet."""
    grant = decide_grant.withdraw_grant(
        call.session, grant_id, body.row_version, body.reason, actor=call.actor, clock=call.clock
    )
    return grant_request(grant, call.language)
