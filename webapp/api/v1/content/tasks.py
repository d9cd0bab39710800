"""Tasks and what is done with them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from webapp.api.sentences import Language
from webapp.api.v1.content.base import (
    Agency,
    Because,
    Code,
    FormData,
    Incoming,
    Opinion,
    Outgoing,
    PageQuery,
    QueryDate,
    Reason,
    RowVersion,
    agency_of,
    name_of,
)
from webapp.api.v1.content.rules import ActedRule, acted_rule
from workflows.cases.views import Moved, NextStep, Page, PartView, Proposal, TaskDetail, TaskRow
from workflows.deadlines import WorkingTime

Queue = Literal["inbox", "available", "mine", "delegated", "team", "done", "started", "cc"]
TaskId = Annotated[int, Field(ge=1, le=2**63 - 1)]
Light = Literal["green", "amber", "red", "grey"]


class TaskListQuery(PageQuery):
    """Which tasks."""

    queue: Queue = "mine"
    sort: Literal["due_at"] = "due_at"
    due_by: QueryDate | None = None
    """Only what falls due until the end of that day."""
    light: Light | None = None
    measure: Code | None = None
    role: Literal["lead", "support", "participant", "applicant", "cc"] | None = None
    q: Code | None = None


class Seen(Incoming):
    """What the sender has seen of the task; a task that has changed since is left alone."""

    row_version: RowVersion | None = None


class Handover(Seen):
    """To whom the task goes."""

    to: Code
    """User name of a colleague."""
    reason: Opinion | None = None


class TaskDelegation(Seen):
    """To whom one task is delegated, to be handed back."""

    to: Code
    """User name of a colleague."""
    reason: Reason


class HandBack(Seen):
    """What a delegate hands back with the task."""

    note: Reason
    opinion: Opinion | None = None
    """A draft, for whoever delegated the task."""


class Return(Incoming):
    """Back to an earlier step."""

    reason: Reason
    to_node_id: Code | None = None
    """One of the task's return targets; the nearest earlier step if left out."""
    row_version: RowVersion | None = None


class AskAgain(Incoming):
    """Which agency is to give a new opinion, and why."""

    opinion_task_id: TaskId
    """The task the opinion was given with."""
    reason: Reason
    row_version: RowVersion | None = None


class AddSigner(Because):
    """One more agency that signs."""

    agency: Code


class OpinionAnswer(Incoming):
    """What the lead answers an objection or a condition."""

    task_id: TaskId
    """The task the objection was given with."""
    answer: Reason


class Completion(Incoming):
    """What was decided."""

    decision: Code
    opinion: Opinion | None = None
    data: FormData = Field(default_factory=dict)
    row_version: RowVersion | None = None
    answers: list[OpinionAnswer] = Field(default_factory=list, max_length=100)
    """To objections, each of which a lead's decision must answer, and to conditions."""
    missing_confirmed: bool | None = None
    """Where an application is taken in though papers are lacking: true if that was seen, false to be told (422)."""


class WorkingTimeLeft(Outgoing):
    """Working time until the due instant, or since."""

    days: int
    hours: int
    minutes: int
    overdue: bool


class Decision(Outgoing):
    """A decision that was taken."""

    id: str
    label: str


class DecisionOption(Decision):
    """A decision that may be taken."""

    opinion_required: bool


class TaskItem(Outgoing):
    """A task in a queue."""

    id: int
    case_no: str
    case_title: str
    applicant_name: str
    measure: str
    node_id: str
    name: str
    agency: str
    agency_name: str
    from_agency: Agency | None
    role: str
    status: str
    assignee: str | None
    owner: str | None
    """Who has delegated it and will get it back."""
    created_at: datetime
    claimed_at: datetime | None
    completed_at: datetime | None
    decision: Decision | None
    limit_days: int | None
    due_at: datetime | None
    overdue_at: datetime | None
    """When it was noted that the limit had run out; the mark stays, whatever comes after."""
    light: str
    remaining: WorkingTimeLeft | None
    row_version: int
    actions: list[str]
    """Ids of the decisions it can be completed with."""
    verbs: list[str]
    """What the caller may do with it now."""
    rule: ActedRule | None
    """The rule that acted when nobody could be offered it; told to officers."""
    unread: bool | None
    """Whether the caller has yet to open it; told in queues only."""


class TaskList(Outgoing):
    """Tasks, those due first at the front."""

    items: list[TaskItem]
    next: str | None


class Step(Outgoing):
    """Where a case goes next: a step at an agency, or an end."""

    name: str
    agency: Agency | None
    post: str | None
    limit_days: int | None
    case_no: str | None


class Signature(Outgoing):
    """What another task of the case has decided."""

    task: TaskItem
    opinion: str | None


class Part(Outgoing):
    """The task's last delegation, for whoever delegated it and whoever does it."""

    owner: str
    delegate: str
    reason: str
    delegated_at: datetime
    handed_back_at: datetime | None
    note: str | None
    decision: str | None
    opinion: str | None


class Task(TaskItem):
    """A task with all that is needed to decide it."""

    case_status: str
    decisions: list[DecisionOption]
    form_key: str | None
    form_schema: dict[str, Any] | None
    form_draft: dict[str, Any]
    case_data: dict[str, Any]
    application_schema: dict[str, Any]
    item: dict[str, Any] | None
    signatures: list[Signature]
    next_steps: dict[str, list[Step]]
    received_at: datetime | None
    calendar_version: int | None
    part: Part | None


class ReturnTarget(Outgoing):
    """An earlier step the case may go back to."""

    node_id: str
    name: str


class ReturnTargetList(Outgoing):
    """Earlier steps, the nearest first."""

    items: list[ReturnTarget]
    next: str | None


class Movement(Outgoing):
    """What a command brought about."""

    case_no: str
    case_status: str
    task_id: int | None
    row_version: int | None
    outcome: str | None
    next_steps: list[Step]
    incident_id: int | None
    """Set when the process could not go on: the case stands as before and the failure is recorded."""


def task_item(row: TaskRow, language: Language, *, unread: bool | None = None) -> TaskItem:
    """Return a task as content."""
    return TaskItem(**{**_fields(row, language), "unread": unread})


def task_list(page: Page[TaskRow], unread: Collection[int], language: Language) -> TaskList:
    """Return a page of tasks as content; `unread` are the keys of those the caller has not opened."""
    items = [task_item(row, language, unread=row.id in unread) for row in page.items]
    return TaskList(items=items, next=page.next)


def task(detail: TaskDetail, language: Language) -> Task:
    """Return a whole task as content."""
    return Task(
        **_fields(detail.row, language),
        case_status=detail.case_status,
        decisions=[
            DecisionOption(id=o.id, label=name_of(o.label, language), opinion_required=o.opinion_required)
            for o in detail.decisions
        ],
        form_key=detail.form_key,
        form_schema=_plain(detail.form_schema),
        form_draft=dict(detail.form_draft),
        case_data=dict(detail.case_data),
        application_schema=dict(detail.application_schema),
        item=_plain(detail.item),
        signatures=[
            Signature(task=task_item(row, language), opinion=detail.opinions.get(row.id)) for row in detail.signatures
        ],
        next_steps={decision: steps(found, language) for decision, found in detail.next_steps.items()},
        received_at=detail.received_at,
        calendar_version=detail.calendar_version,
        part=_part(detail.part, language),
    )


def steps(found: tuple[NextStep, ...], language: Language) -> list[Step]:
    """Return steps as content."""
    return [
        Step(
            name=name_of(step.name, language),
            agency=agency_of(step.agency, language),
            post=step.post_kind,
            limit_days=step.limit_days,
            case_no=step.case_no,
        )
        for step in found
    ]


def movement(moved: Moved, language: Language) -> Movement:
    """Return what a command brought about as content."""
    return Movement(
        case_no=moved.case_no,
        case_status=moved.case_status,
        task_id=moved.task_id,
        row_version=moved.row_version,
        outcome=moved.outcome,
        next_steps=steps(moved.next_steps, language),
        incident_id=moved.incident_id,
    )


def _part(part: PartView | None, language: Language) -> Part | None:
    if part is None:
        return None
    proposal = part.proposal or Proposal()
    return Part(
        owner=name_of(part.owner, language),
        delegate=name_of(part.delegate, language),
        reason=part.reason,
        delegated_at=part.delegated_at,
        handed_back_at=part.handed_back_at,
        note=proposal.note,
        decision=proposal.decision,
        opinion=proposal.opinion,
    )


def _plain(value: Any) -> dict[str, Any] | None:
    return None if value is None else dict(value)


def _time_left(time: WorkingTime | None) -> WorkingTimeLeft | None:
    if time is None:
        return None
    return WorkingTimeLeft(days=time.days, hours=time.hours, minutes=time.minutes, overdue=time.overdue)


def _fields(row: TaskRow, language: Language) -> dict[str, Any]:
    decided = None if row.decision is None else Decision(id=row.decision.code, label=name_of(row.decision, language))
    return {
        "id": row.id,
        "case_no": row.case_no,
        "case_title": row.case_title,
        "applicant_name": row.applicant_name,
        "measure": row.measure_no,
        "node_id": row.node_id,
        "name": name_of(row.name, language),
        "agency": row.agency.code,
        "agency_name": name_of(row.agency, language),
        "from_agency": agency_of(row.from_agency, language),
        "role": row.role,
        "status": row.status,
        "assignee": row.assignee,
        "owner": name_of(row.owner, language) if row.owner else None,
        "created_at": row.created_at,
        "claimed_at": row.claimed_at,
        "completed_at": row.completed_at,
        "decision": decided,
        "limit_days": row.limit_days,
        "due_at": row.due_at,
        "overdue_at": row.overdue_at,
        "light": row.light.value,
        "remaining": _time_left(row.remaining),
        "row_version": row.row_version,
        "actions": list(row.actions),
        "verbs": list(row.verbs),
        "rule": acted_rule(row.rule, language),
        "unread": None,
    }
