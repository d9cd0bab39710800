"""Cases as pages and API show them: list, one case, its timeline."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session, aliased

from workflows.agencies.models import Agency, Person, Post
from workflows.audit import AuditEntry
from workflows.cases.access import (
    get_visible_case,
    may_withdraw,
    require,
    root_id_of,
    takes_part,
    visible_cases,
    was_copied,
)
from workflows.cases.aggregate import current_form
from workflows.cases.event_names import names_in
from workflows.cases.incidents import incident_row
from workflows.cases.limits import CALENDARS
from workflows.cases.models import ENDED, OPEN, Case, CaseArchive, CaseStatus, HumanTask, Incident, TaskStatus
from workflows.cases.names import named_agency, node_name
from workflows.cases.official.reading import notices_of
from workflows.cases.paging import check_limit, read_cursor, whole, write_cursor
from workflows.cases.part_of_family import INTERNAL, Part, part_of
from workflows.cases.queues import task_rows_of
from workflows.cases.search.finding import Search, find
from workflows.cases.search.grams import understand
from workflows.cases.views import (
    CaseDetail,
    CaseRow,
    ChildRow,
    EventRow,
    Named,
    NodeState,
    Page,
    TaskRow,
)
from workflows.clock import Clock, office_date
from workflows.deadlines import Light, light
from workflows.engine import ProcessModel
from workflows.permissions import Actor, Permission, PostKind
from workflows.policies.responsibilities import leads, supports
from workflows.processes import get_published
from workflows.processes.models import ProcessVersion

_Family = aliased(Case)


@dataclass(frozen=True)
class CaseQuery:
    """Which cases to list.

    Args:
        status: only cases in this status.
        measure: only cases of this responsibility line.
        light: only cases with this light.
        under_way: only cases that have not ended.
        q: words that must all be written in the case: its number, names, application, papers or official documents.
        cursor: `next` of the page before.
        limit: 1 to 200.
    """

    status: CaseStatus | None = None
    measure: str | None = None
    light: Light | None = None
    under_way: bool = False
    q: str | None = None
    cursor: str | None = None
    limit: int = 50


def list_cases(session: Session, query: CaseQuery, *, actor: Actor, clock: Clock) -> Page[CaseRow]:
    """List the cases the actor may see, newest first; children stand under their parents' pages, not here, unless
    the child is all the actor may see.

    Raises:
        InvalidInputError: cursor of another list, limit out of range.
    """
    require(actor, Permission.CASE_READ)
    check_limit(query.limit)
    own_child = Case.applicant_agency_id == actor.agency_id
    listed = [visible_cases(actor), or_(Case.parent_id.is_(None), own_child, was_copied(actor))]
    filters: list[ColumnElement[bool]] = []
    if query.status:
        filters.append(Case.status == query.status)
    if query.measure:
        filters.append(Case.measure_no == query.measure)
    if query.under_way:
        filters.append(Case.status.not_in(ENDED))
    after = read_cursor(query.cursor, "cases", whole)
    before_id: int | None = after[0] if after else None
    if query.q and query.q.strip():
        asked = understand(query.q)
        if asked is None:
            return Page((), None)
        parts = _found(session, Search(asked, actor, tuple(filters)), before_id, query.limit + 1, clock)
    else:
        parts = _all(session, [*listed, *filters], before_id, query.limit + 1, clock)
    items: list[CaseRow] = []
    for part, below in parts:
        for case_id, row in part:
            if query.light is None or row.light is query.light:
                if len(items) == query.limit:
                    return Page(tuple(items), write_cursor("cases", before_id))
                items.append(row)
            before_id = case_id
        before_id = below
    return Page(tuple(items), None if before_id is None else write_cursor("cases", before_id))


_Stretch = tuple[list[tuple[int, CaseRow]], int | None]


def _all(
    session: Session, conditions: Sequence[Any], before_id: int | None, limit: int, clock: Clock
) -> Iterator[_Stretch]:
    """Cases part by part, each with the key below which the next part begins."""
    while True:
        page = _case_rows(session, conditions, before_id, limit, clock)
        before_id = page[-1][0] if len(page) == limit else None
        yield page, before_id
        if before_id is None:
            return


def _found(session: Session, search: Search, before_id: int | None, limit: int, clock: Clock) -> Iterator[_Stretch]:
    for found in find(session, search, before=before_id, limit=limit):
        page = _case_rows(session, [Case.id.in_(found.ids)], None, limit, clock) if found.ids else []
        yield page, found.below


def _case_rows(
    session: Session, conditions: Sequence[Any], before_id: int | None, limit: int, clock: Clock
) -> list[tuple[int, CaseRow]]:
    of_case = or_(HumanTask.case_id == Case.id, and_(HumanTask.root_id == Case.id, Case.parent_id.is_(None)))
    soonest = (
        select(HumanTask.due_at, HumanTask.limit_days)
        .where(of_case, HumanTask.status.in_(OPEN), HumanTask.due_at.is_not(None))
        .order_by(HumanTask.due_at, HumanTask.id)
        .limit(1)
    )
    due, days = (
        soonest.with_only_columns(column).scalar_subquery() for column in (HumanTask.due_at, HumanTask.limit_days)
    )
    query = (
        select(Case, ProcessVersion.key, due.label("due_at"), days.label("limit_days"))
        .join(ProcessVersion, ProcessVersion.id == Case.process_version_id)
        .where(*conditions)
        .order_by(Case.id.desc())
        .limit(limit)
    )
    if before_id is not None:
        query = query.where(Case.id < before_id)
    return [(row.Case.id, _case_row(session, row, clock.now())) for row in session.execute(query).all()]


def _case_row(session: Session, row: Any, now: datetime) -> CaseRow:
    case: Case = row.Case
    waits = case.status in {CaseStatus.SUSPENDED, CaseStatus.WAITING_FOR_SUPPLEMENT}
    paused = waits or (case.status not in ENDED and row.due_at is None)
    return CaseRow(
        no=case.no,
        title=case.title,
        applicant_name=case.applicant_name,
        process_key=row.key,
        measure_no=case.measure_no,
        status=case.status,
        outcome=case.outcome,
        opened_at=case.opened_at,
        closed_at=case.closed_at,
        due_at=row.due_at,
        light=light(CALENDARS.current(session), now, row.due_at, limit_days=row.limit_days, paused=paused),
        row_version=case.rev,
    )


def get_case(session: Session, case_no: str, *, actor: Actor, clock: Clock) -> CaseDetail:
    """Return one case.

    Raises:
        NotFoundError: no such case for the actor.
    """
    require(actor, Permission.CASE_READ)
    case = get_visible_case(session, case_no, actor=actor)
    rows = _case_rows(session, [Case.id == case.id], None, 1, clock)
    version = session.get_one(ProcessVersion, case.process_version_id)
    process = get_published(session, version.id, version.sha256)
    part = part_of(session, case, actor=actor)
    tasks = _tasks_of(session, part, actor, clock)
    attributes = process.model.attributes
    on = office_date(clock.now())
    parent_no = session.scalar(select(Case.no).where(Case.id == case.parent_id)) if case.parent_id else None
    return CaseDetail(
        row=rows[0][1],
        process_name=Named(version.key, process.model.name, process.model.name_en),
        process_version=version.number or 0,
        process_version_id=version.id,
        parent_no=parent_no,
        children=_children(session, case, part),
        data=part.form(process.model, current_form(session, part.root_id)),
        application_schema=process.form(attributes.get("applyForm")) or {},
        nodes=node_states(process.model, tasks, case),
        open_tasks=tuple(task for task in tasks if task.status in OPEN),
        incidents=_incidents(session, part, version),
        notices=notices_of(session, case),
        leads=tuple(named_agency(agency) for agency in leads(session, case.measure_no, on)),
        supports=tuple(named_agency(agency) for agency in supports(session, case.measure_no, on)),
        archive_sha256=session.scalar(select(CaseArchive.sha256).where(CaseArchive.case_id == root_id_of(case))),
        verbs=_verbs(session, case, actor),
    )


def _tasks_of(session: Session, part: Part, actor: Actor, clock: Clock) -> tuple[TaskRow, ...]:
    tasks = task_rows_of(session, part.root_id, actor=actor, clock=clock)
    return tuple(part.task(task) for task in tasks if task.case_id in part.case_ids)


def _children(session: Session, case: Case, part: Part) -> tuple[ChildRow, ...]:
    rows = session.scalars(select(Case).where(Case.parent_id == case.id).order_by(Case.child_index)).all()
    return tuple(
        ChildRow(
            no=child.no,
            index=child.child_index or 0,
            title=child.applicant_name,
            status=child.status,
            outcome=child.outcome,
        )
        for child in rows
        if child.id in part.children
    )


def _incidents(session: Session, part: Part, version: ProcessVersion) -> tuple[Any, ...]:
    rows = session.execute(
        select(Incident, Case.no)
        .join(Case, Case.id == Incident.case_id)
        .where(
            Case.id.in_(part.case_ids),
            Incident.resolved_at.is_(None),
        )
        .order_by(Incident.id)
    )
    return tuple(incident_row(session, row.Incident, row.no, version.id, version.sha256) for row in rows)


def _verbs(session: Session, case: Case, actor: Actor) -> tuple[str, ...]:
    if case.status in ENDED:
        return ()
    verbs = []
    if may_withdraw(case, actor):
        verbs.append("withdraw")
    if actor.may(Permission.CASE_SUSPEND) and case.parent_id is None:
        verbs.append("resume" if case.status == CaseStatus.SUSPENDED else "suspend")
    if actor.may(Permission.DOCUMENT_ADD) and takes_part(session, case, actor):
        verbs.append("add_document")
    return tuple(verbs)


def node_states(model: ProcessModel, tasks: Sequence[TaskRow], case: Case) -> tuple[NodeState, ...]:
    """Tell for every step how far it is: the text equivalent of the picture, in the order of the diagram."""
    by_node: dict[str, list[TaskRow]] = {}
    for task in tasks:
        by_node.setdefault(task.node_id, []).append(task)
    states: list[NodeState] = []
    for step in model.outline():
        node = step.node
        here = by_node.get(node.id, [])
        latest = here[-1] if here else None
        state = _state(node.kind, node.attributes.get("outcome"), here, case)
        if node.kind.endswith("Gateway"):
            continue
        states.append(
            NodeState(
                node_id=node.id,
                name=node_name(node),
                kind=node.kind,
                state=state,
                agency=latest.agency if latest else None,
                person=latest.assignee if latest else None,
                person_en=latest.assignee_en if latest else None,
                at=latest.completed_at if latest else (case.opened_at if node.kind == "startEvent" else None),
                due_at=latest.due_at if latest and latest.status in OPEN else None,
            )
        )
    return tuple(states)


def _state(kind: str, outcome: str | None, here: Sequence[TaskRow], case: Case) -> str:
    if kind == "startEvent":
        return "done"
    if kind == "endEvent":
        return "done" if outcome is not None and outcome == case.outcome else "future"
    open_here = [task for task in here if task.status in OPEN]
    if any(task.light is Light.RED for task in open_here):
        return "overdue"
    if open_here:
        return "current"
    if any(task.status == TaskStatus.COMPLETED and not task.voided for task in here):
        return "done"
    return "future"


def list_events(
    session: Session, case_no: str, *, actor: Actor, cursor: str | None = None, limit: int = 200
) -> Page[EventRow]:
    """List what happened in a case and its children, oldest first: the audit entries themselves.

    Raises:
        NotFoundError: no such case for the actor.
        InvalidInputError: cursor of another list, limit out of range.
    """
    require(actor, Permission.CASE_READ)
    check_limit(limit)
    case = get_visible_case(session, case_no, actor=actor)
    part = part_of(session, case, actor=actor)
    version = session.get_one(ProcessVersion, case.process_version_id)
    nodes = get_published(session, version.id, version.sha256).model.nodes
    query = (
        select(AuditEntry, _Family.no, Person.name_zh, Person.name_en, Agency.code, Agency.short_zh, Agency.short_en)
        .join(_Family, _Family.id == AuditEntry.case_id)
        .outerjoin(Person, Person.id == AuditEntry.person_id)
        .outerjoin(Post, Post.id == AuditEntry.post_id)
        .outerjoin(Agency, Agency.id == Post.agency_id)
        .where(AuditEntry.case_id.in_(part.case_ids))
        .order_by(AuditEntry.id)
        .limit(limit + 1)
    )
    is_applicant = actor.post_kind is PostKind.APPLICANT
    if is_applicant:
        query = query.where(AuditEntry.event.not_in(INTERNAL))
    after = read_cursor(cursor, "events", whole)
    if after:
        query = query.where(AuditEntry.id > after[0])
    rows = session.execute(query).all()
    items = []
    names = names_in(session, [row.AuditEntry for row in rows[:limit]])
    for row in rows[:limit]:
        entry = row.AuditEntry
        node = nodes.get(entry.payload.get("node") or "")
        items.append(
            EventRow(
                id=entry.id,
                at=entry.at,
                event=entry.event,
                agency=Named(row.code, row.short_zh, row.short_en) if row.code else None,
                person=row.name_zh,
                person_en=row.name_en,
                case_no=row.no,
                node_id=node.id if node else None,
                node_name=node_name(node) if node else None,
                payload=part.payload(
                    entry.case_id, entry.payload, with_opinion=not is_applicant or row.code == actor.agency_code
                ),
                receiver=names.receiver(entry),
                principal=None if is_applicant else names.principal(entry),
            )
        )
    return Page(tuple(items), write_cursor("events", items[-1].id) if len(rows) > limit else None)
