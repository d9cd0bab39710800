"""Cases as pages and API show them: one case, its timeline."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from workflows.agencies.models import Agency, Person, Post
from workflows.audit import AuditEntry
from workflows.cases.access import (
    get_visible_case,
    may_withdraw,
    require,
    root_id_of,
    takes_part,
)
from workflows.cases.aggregate import current_form
from workflows.cases.event_names import names_in
from workflows.cases.incidents import incident_row
from workflows.cases.listing import case_rows
from workflows.cases.models import ENDED, OPEN, Case, CaseArchive, CaseStatus, Incident, TaskStatus
from workflows.cases.names import named_agency, node_name
from workflows.cases.official.reading import notices_of
from workflows.cases.paging import check_limit, read_cursor, whole, write_cursor
from workflows.cases.part_of_family import INTERNAL, Part, part_of
from workflows.cases.queues import task_rows_of
from workflows.cases.views import (
    CaseDetail,
    ChildRow,
    EventRow,
    Named,
    NodeState,
    Page,
    TaskRow,
)
from workflows.clock import Clock, office_date
from workflows.deadlines import Light
from workflows.engine import ProcessModel
from workflows.permissions import Actor, Permission, PostKind
from workflows.policies.responsibilities import leads, supports
from workflows.processes import VersionRef, load_version

_Family = aliased(Case)


def get_case(session: Session, case_no: str, *, actor: Actor, clock: Clock) -> CaseDetail:
    """Return one case.

    Raises:
        NotFoundError: no such case for the actor.
    """
    require(actor, Permission.CASE_READ)
    case = get_visible_case(session, case_no, actor=actor)
    rows = case_rows(session, [Case.id == case.id], 1, clock)
    version = load_version(session, case.process_version_id)
    process = version.process
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


def _incidents(session: Session, part: Part, version: VersionRef) -> tuple[Any, ...]:
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
    version = load_version(session, case.process_version_id)
    nodes = version.process.model.nodes
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
