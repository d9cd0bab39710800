"""Cases, by their number."""

from __future__ import annotations

from urllib.parse import quote

from webapp.api.endpoint import Call, Created, Routes
from webapp.api.v1.blueprint import PREFIX, blueprint
from webapp.api.v1.content.base import Because, PageQuery
from webapp.api.v1.content.cases import (
    Application,
    Case,
    CaseList,
    CaseListQuery,
    EventList,
    case,
    case_list,
    event_list,
)
from webapp.api.v1.content.tasks import Movement, movement
from webapp.viewings import case_opened, note_opened
from workflows import cases
from workflows.cases.commands import OpenCase
from workflows.deadlines import Light
from workflows.permissions import Permission

routes = Routes(blueprint, "Cases")


@routes.post("/cases", Permission.CASE_OPEN, body=Application, answer=Case, status=201)
def open_case(call: Call, body: Application) -> Created:
    """Apply."""
    command = OpenCase(body.process, body.data, body.measure)
    moved = cases.open_case(call.session, command, actor=call.actor, clock=call.clock)
    opened = cases.get_case(call.session, moved.case_no, actor=call.actor, clock=call.clock)
    return Created(case(opened, call.language), f"{PREFIX}/cases/{quote(moved.case_no)}")


@routes.get("/cases", Permission.CASE_READ, query=CaseListQuery, answer=CaseList)
def list_cases(call: Call, query: CaseListQuery) -> CaseList:
    """List the cases the caller may see; `q` are words that must all be written in them."""
    asked = cases.CaseQuery(
        status=cases.CaseStatus(query.status) if query.status else None,
        measure=query.measure,
        light=Light(query.light) if query.light else None,
        holder=query.holder,
        q=query.q,
        cursor=query.cursor,
        limit=query.limit,
    )
    return case_list(cases.list_cases(call.session, asked, actor=call.actor, clock=call.clock), call.language)


@routes.get("/cases/<case_no:no>", Permission.CASE_READ, answer=Case)
def get_case(call: Call, no: str) -> Case:
    """Get a case."""
    found = case(cases.get_case(call.session, no, actor=call.actor, clock=call.clock), call.language)
    note_opened(case_opened(no), call.actor)
    return found


@routes.get("/cases/<case_no:no>/events", Permission.CASE_READ, query=PageQuery, answer=EventList)
def list_events(call: Call, no: str, query: PageQuery) -> EventList:
    """List what happened in a case, oldest first."""
    page = cases.list_events(call.session, no, actor=call.actor, cursor=query.cursor, limit=query.limit)
    return event_list(page, call.language)


@routes.post("/cases/<case_no:no>/suspend", Permission.CASE_SUSPEND, body=Because, answer=Movement)
def suspend_case(call: Call, no: str, body: Because) -> Movement:
    """Suspend a case (中止): its clocks stand still."""
    moved = cases.suspend_case(call.session, no, reason=body.reason, actor=call.actor, clock=call.clock)
    return movement(moved, call.language)


@routes.post("/cases/<case_no:no>/resume", Permission.CASE_SUSPEND, body=Because, answer=Movement)
def resume_case(call: Call, no: str, body: Because) -> Movement:
    """Resume a case (恢复办理): due dates move by the days it stood still."""
    moved = cases.resume_case(call.session, no, reason=body.reason, actor=call.actor, clock=call.clock)
    return movement(moved, call.language)


@routes.post("/cases/<case_no:no>/withdraw", Permission.CASE_READ, body=Because, answer=Movement)
def withdraw_case(call: Call, no: str, body: Because) -> Movement:
    """Withdraw an application (撤回申请)."""
    moved = cases.withdraw_case(call.session, no, reason=body.reason, actor=call.actor, clock=call.clock)
    return movement(moved, call.language)
