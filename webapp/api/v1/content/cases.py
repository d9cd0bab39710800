"""Cases: opening them, reading them, their timeline, payments and failures."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from webapp.api.sentences import Language
from webapp.api.v1.content.base import Agency, Code, FormData, Incoming, Outgoing, PageQuery, agency_of, name_of
from webapp.api.v1.content.notices import Notice, notice
from webapp.api.v1.content.rules import ActedRule, acted_rule
from webapp.api.v1.content.tasks import Light, TaskItem, task_item
from workflows.cases.search.views import Hit
from workflows.cases.views import (
    CaseDetail,
    CaseRow,
    ChildRow,
    EventRow,
    IncidentRow,
    NodeState,
    Page,
)

Status = Literal[
    "submitted",
    "accepted",
    "waiting_for_supplement",
    "in_progress",
    "suspended",
    "terminated",
    "closed",
    "archived",
]


class Application(Incoming):
    """An application."""

    process: Code
    data: FormData
    """The form that `GET /processes/{key}` describes."""
    measure: Code | None = None
    """A responsibility line; the process's own if left out."""


class CaseListQuery(PageQuery):
    """Which cases."""

    status: Status | None = None
    measure: Code | None = None
    light: Light | None = None
    holder: Code | None = None
    """Code of the agency that holds it now."""
    q: Code | None = None


class CaseItem(Outgoing):
    """A case in a list."""

    no: str
    title: str
    applicant_name: str
    process: str
    measure: str
    status: str
    outcome: str | None
    opened_at: datetime
    closed_at: datetime | None
    due_at: datetime | None
    light: str
    row_version: int


class SearchHitPart(Outgoing):
    """A stretch of text; `found` if it is what was looked for."""

    text: str
    found: bool


class SearchHit(Outgoing):
    """Where in a case words were found: `field`, what it is called there, and the text around them."""

    field: str
    label: str | None
    parts: list[SearchHitPart]


class ListedCase(CaseItem):
    """A case in a list, with where the words of `q` stand in it."""

    hits: list[SearchHit]


class CaseList(Outgoing):
    """Cases, the newest first. A search may end a page early and go on with `next`."""

    items: list[ListedCase]
    next: str | None


class Child(Outgoing):
    """A child case."""

    no: str
    index: int
    title: str
    status: str
    outcome: str | None


class Node(Outgoing):
    """How far one step of the diagram is."""

    node_id: str
    name: str
    kind: str
    state: str
    agency: Agency | None
    person: str | None
    at: datetime | None
    due_at: datetime | None


class Incident(Outgoing):
    """A case that stands still, and why."""

    id: int
    case_no: str
    node_id: str | None
    node_name: str | None
    cause: str
    rule: ActedRule | None
    """The rule that refused the step to everybody, where that is why."""
    opened_at: datetime


class IncidentList(Outgoing):
    """Cases that stand still."""

    items: list[Incident]
    next: str | None


class Case(CaseItem):
    """A case as its page shows it."""

    process_name: str
    process_version: int
    parent_no: str | None
    children: list[Child]
    data: dict[str, Any]
    application_schema: dict[str, Any]
    nodes: list[Node]
    open_tasks: list[TaskItem]
    incidents: list[Incident]
    notices: list[Notice]
    leads: list[Agency]
    supports: list[Agency]
    archive_sha256: str | None
    verbs: list[str]


class Event(Outgoing):
    """One fact of the timeline."""

    id: int
    at: datetime
    event: str
    agency: Agency | None
    person: str | None
    case_no: str
    node_id: str | None
    node_name: str | None
    payload: dict[str, Any]


class EventList(Outgoing):
    """The timeline, oldest first."""

    items: list[Event]
    next: str | None


def case_list(page: Page[CaseRow], language: Language) -> CaseList:
    """Return a page of cases as content."""
    return CaseList(items=[_listed(row, language) for row in page.items], next=page.next)


def _listed(row: CaseRow, language: Language) -> ListedCase:
    return ListedCase(**_case_fields(row), hits=[_hit(hit, language) for hit in row.hits])


def _hit(hit: Hit, language: Language) -> SearchHit:
    parts = [SearchHitPart(text=part.text, found=part.found) for part in hit.parts]
    return SearchHit(field=hit.field, label=hit.label_en if language == "en" else hit.label_zh, parts=parts)


def case(detail: CaseDetail, language: Language) -> Case:
    """Return a whole case as content."""
    return Case(
        **_case_fields(detail.row),
        process_name=name_of(detail.process_name, language),
        process_version=detail.process_version,
        parent_no=detail.parent_no,
        children=[_child(child) for child in detail.children],
        data=dict(detail.data),
        application_schema=dict(detail.application_schema),
        nodes=[_node(node, language) for node in detail.nodes],
        open_tasks=[task_item(row, language) for row in detail.open_tasks],
        incidents=[incident(row, language) for row in detail.incidents],
        notices=[notice(row, language) for row in detail.notices],
        leads=[Agency(code=named.code, name=name_of(named, language)) for named in detail.leads],
        supports=[Agency(code=named.code, name=name_of(named, language)) for named in detail.supports],
        archive_sha256=detail.archive_sha256,
        verbs=list(detail.verbs),
    )


def event_list(page: Page[EventRow], language: Language) -> EventList:
    """Return a stretch of the timeline as content."""
    return EventList(items=[_event(row, language) for row in page.items], next=page.next)


def incident(row: IncidentRow, language: Language) -> Incident:
    """Return a failure as content."""
    return Incident(
        id=row.id,
        case_no=row.case_no,
        node_id=row.node_id,
        node_name=None if row.node_name is None else name_of(row.node_name, language),
        cause=row.cause,
        rule=acted_rule(row.rule, language),
        opened_at=row.opened_at,
    )


def _case_fields(row: CaseRow) -> dict[str, Any]:
    return {
        "no": row.no,
        "title": row.title,
        "applicant_name": row.applicant_name,
        "process": row.process_key,
        "measure": row.measure_no,
        "status": row.status,
        "outcome": row.outcome,
        "opened_at": row.opened_at,
        "closed_at": row.closed_at,
        "due_at": row.due_at,
        "light": row.light.value,
        "row_version": row.row_version,
    }


def _child(row: ChildRow) -> Child:
    return Child(no=row.no, index=row.index, title=row.title, status=row.status, outcome=row.outcome)


def _node(node: NodeState, language: Language) -> Node:
    return Node(
        node_id=node.node_id,
        name=name_of(node.name, language),
        kind=node.kind,
        state=node.state,
        agency=agency_of(node.agency, language),
        person=node.person,
        at=node.at,
        due_at=node.due_at,
    )


def _event(row: EventRow, language: Language) -> Event:
    return Event(
        id=row.id,
        at=row.at,
        event=row.event,
        agency=agency_of(row.agency, language),
        person=row.person,
        case_no=row.case_no,
        node_id=row.node_id,
        node_name=None if row.node_name is None else name_of(row.node_name, language),
        payload=dict(row.payload),
    )
