"""What pages and API read: frozen rows, already restricted to what the actor may see."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from workflows.cases.search.views import Hit
from workflows.deadlines import Light, WorkingTime

if TYPE_CHECKING:  # the record of a rule names people, with what is defined here
    from workflows.cases.assignment.rules import RuleActed

T = TypeVar("T")


@dataclass(frozen=True)
class Page(Generic[T]):
    """One page of a list.

    Args:
        items: the rows.
        next: cursor of the following page, or None at the end.
    """

    items: tuple[T, ...]
    next: str | None


@dataclass(frozen=True)
class Named:
    """Something with a code and a name in both languages."""

    code: str
    zh: str
    en: str


@dataclass(frozen=True)
class DecisionOption:
    """One way to complete a task."""

    id: str
    label: Named
    opinion_required: bool


@dataclass(frozen=True)
class TaskRow:
    """A task in a queue.

    Args:
        actions: ids of the decisions it can be completed with.
        verbs: what the actor may do with it now: receive, claim, release, complete, return, ...
        limit_days: its time limit in working days, or None.
        remaining: working time left or overdue; None without a limit.
        voided: decided, but the case went back behind it.
        owner: who has delegated it to the assignee and will get it back.
        overdue_at: when it was noted that the limit had run out; the mark stays.
    """

    id: int
    case_id: int
    case_no: str
    case_title: str
    applicant_name: str
    measure_no: str
    node_id: str
    name: Named
    agency: Named
    from_agency: Named | None
    role: str
    status: str
    assignee: str | None
    assignee_en: str | None
    assignee_person_id: int | None
    claimed_at: datetime | None
    created_at: datetime
    completed_at: datetime | None
    voided: bool
    overdue_at: datetime | None
    decision: Named | None
    limit_days: int | None
    due_at: datetime | None
    light: Light
    remaining: WorkingTime | None
    row_version: int
    actions: tuple[str, ...]
    verbs: tuple[str, ...]
    owner: Named | None = None
    rule: RuleActed | None = None


@dataclass(frozen=True)
class Proposal:
    """What a delegate hands back.

    Args:
        note: to whoever delegated the task; it is for them alone and goes into no decision.
        decision, opinion, data: a draft of the submission, or nothing.
    """

    note: str | None = None
    decision: str | None = None
    opinion: str | None = None
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class PartView:
    """The last delegation of a task, as its owner and its delegate see it.

    Args:
        owner, delegate: `code` is the user name.
        proposal: what came back; None while it is away.
    """

    owner: Named
    delegate: Named
    reason: str
    delegated_at: datetime
    handed_back_at: datetime | None
    proposal: Proposal | None


@dataclass(frozen=True)
class TaskDetail:
    """A task with all that is needed to decide it.

    Args:
        form_schema: JSON Schema of the task's own form, or None.
        form_draft: values to start the form with.
        case_data: the application as it stands.
        item: the part of the application this task is about (one issuer), or None.
        signatures: what other tasks of the case have decided, newest first.
        next_steps: decision id → the steps that would follow, where that can be told.
        calendar_version: the calendar that set the due date.
        part: the task's last delegation, for whoever delegated it and whoever does it.
    """

    row: TaskRow
    case_status: str
    decisions: tuple[DecisionOption, ...]
    form_key: str | None
    form_schema: Mapping[str, Any] | None
    form_draft: Mapping[str, Any]
    case_data: Mapping[str, Any]
    application_schema: Mapping[str, Any]
    item: Mapping[str, Any] | None
    signatures: tuple[TaskRow, ...]
    opinions: Mapping[int, str]
    next_steps: Mapping[str, tuple[NextStep, ...]]
    received_at: datetime | None
    calendar_version: int | None
    part: PartView | None = None


@dataclass(frozen=True)
class NextStep:
    """Where a case goes: a step at an agency, or an end.

    Args:
        name: of the step or the end.
        agency: who has it now; None for an end.
        post_kind: such as `reviewer`; None for an end.
        case_no: the child case, where it lies in one.
    """

    name: Named
    agency: Named | None
    post_kind: str | None
    limit_days: int | None
    case_no: str | None


@dataclass(frozen=True)
class Moved:
    """What a command brought about, for the sentence after it.

    Args:
        task_id: the task acted on, if any.
        row_version: its new version, or the case's.
        incident_id: set when the engine failed: the case stands as before and the incident is recorded.
    """

    case_no: str
    case_status: str
    next_steps: tuple[NextStep, ...] = ()
    task_id: int | None = None
    row_version: int | None = None
    outcome: str | None = None
    incident_id: int | None = None


@dataclass(frozen=True)
class StepHeld:
    """An open step and the agencies that hold it."""

    step: Named
    agencies: tuple[Named, ...]


@dataclass(frozen=True)
class CaseRow:
    """A case in a list.

    Args:
        remaining: working time left or overdue at the most urgent step; None where no clock runs.
        hits: where the words stand that it was found by.
        held: who has it now, as far as the reader may know; only in lists.
    """

    no: str
    title: str
    applicant_name: str
    process_key: str
    measure_no: str
    status: str
    outcome: str | None
    opened_at: datetime
    closed_at: datetime | None
    due_at: datetime | None
    light: Light
    row_version: int
    remaining: WorkingTime | None = None
    hits: tuple[Hit, ...] = ()
    held: tuple[StepHeld, ...] = ()


@dataclass(frozen=True)
class NodeState:
    """How far one step of the diagram is: `done`, `current`, `overdue` or `future`."""

    node_id: str
    name: Named
    kind: str
    state: str
    agency: Named | None = None
    person: str | None = None
    person_en: str | None = None
    at: datetime | None = None
    due_at: datetime | None = None


@dataclass(frozen=True)
class ChildRow:
    """A child case of a case."""

    no: str
    index: int
    title: str
    status: str
    outcome: str | None


@dataclass(frozen=True)
class IncidentRow:
    """A case that stands still, and why.

    Args:
        cause: what the engine said.
        rule: the rule that refused the step to everybody, where that is why.
    """

    id: int
    case_no: str
    node_id: str | None
    node_name: Named | None
    cause: str
    opened_at: datetime
    rule: RuleActed | None = None


@dataclass(frozen=True)
class NoticeRow:
    """An official document told to the applicant.

    Args:
        number: counts the documents of one kind in one case.
        document_no: its 文号; None where it was issued without a register.
        issuer: who issued it.
        to: whom it is addressed to, in full.
        facts: what came with the act.
        voided_at: its number is void and stays so.
    """

    id: int
    case_no: str
    kind: str
    number: int
    facts: Mapping[str, Any]
    issued_at: datetime
    document_no: str | None
    issuer: Named | None
    to: str
    voided_at: datetime | None
    void_reason: str | None


@dataclass(frozen=True)
class NotificationRow:
    """Something the reader should know.

    Args:
        task_name: the step of `task_id`.
        by: who acted; `code` is the user name.
        facts: further values the sentence needs, such as `reason`.
    """

    id: int
    kind: str
    case_no: str | None
    case_title: str | None
    task_id: int | None
    task_name: Named | None
    by: Named | None
    facts: Mapping[str, Any]
    created_at: datetime
    read_at: datetime | None


@dataclass(frozen=True)
class CaseDetail:
    """A case as its page shows it.

    Args:
        data: the application as it stands.
        nodes: the steps in the order of the diagram: the text equivalent of the picture.
        open_tasks: who has it now.
        verbs: what the actor may do: withdraw, suspend, resume, add_document.
    """

    row: CaseRow
    process_name: Named
    process_version: int
    process_version_id: int
    parent_no: str | None
    children: tuple[ChildRow, ...]
    data: Mapping[str, Any]
    application_schema: Mapping[str, Any]
    nodes: tuple[NodeState, ...]
    open_tasks: tuple[TaskRow, ...]
    incidents: tuple[IncidentRow, ...]
    notices: tuple[NoticeRow, ...]
    leads: tuple[Named, ...]
    supports: tuple[Named, ...]
    archive_sha256: str | None
    verbs: tuple[str, ...]


@dataclass(frozen=True)
class EventRow:
    """One fact of the timeline, oldest first.

    Args:
        event: as in `workflows.events.EventType`.
        payload: figures and ids the sentence needs.
        receiver: who was given the task, or asked to sign.
        principal: whose work it was, where the person stood in for them.
    """

    id: int
    at: datetime
    event: str
    agency: Named | None
    person: str | None
    person_en: str | None
    case_no: str
    node_id: str | None
    node_name: Named | None
    payload: Mapping[str, Any] = field(default_factory=dict)
    receiver: Named | None = None
    principal: Named | None = None
