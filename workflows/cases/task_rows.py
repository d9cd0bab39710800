"""A task as a row of a list: whose it is, how long it still has, what the reader may do with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from workflows.agencies.models import Agency, Person
from workflows.cases.assignment.rules import passed_by_rule, rule_acted
from workflows.cases.holding import reassignable
from workflows.cases.models import ENDED, OPEN, Case, CaseStatus, HumanTask, TaskStatus
from workflows.cases.names import PASSED_BY_RULE, decision_name, node_name
from workflows.cases.views import Named, TaskRow
from workflows.deadlines import WorkingCalendar, light, remaining
from workflows.engine.model import Node
from workflows.permissions import Actor, Permission, PostKind
from workflows.persistence import once
from workflows.processes import get_published
from workflows.processes.models import ProcessVersion

RootCase = aliased(Case)


def task_rows() -> Any:
    """Return the query for tasks with what is read of their cases; give its rows to `view_rows`.

    Names are not joined: nine tables take a database longer to plan than to read.
    """
    return (
        select(
            HumanTask,
            Case.no,
            Case.title,
            Case.applicant_name,
            Case.measure_no,
            RootCase.status.label("root_status"),
            RootCase.suspended_at,
            ProcessVersion.id.label("version_id"),
            ProcessVersion.sha256,
        )
        .join(Case, Case.id == HumanTask.case_id)
        .join(RootCase, RootCase.id == HumanTask.root_id)
        .join(ProcessVersion, ProcessVersion.id == Case.process_version_id)
    )


def view_rows(
    session: Session, rows: Sequence[Any], *, actor: Actor, calendar: WorkingCalendar, now: datetime
) -> tuple[TaskRow, ...]:
    """Return rows of `task_rows` as the actor sees them, in the same order."""
    names = _names(session, [row.HumanTask for row in rows])
    return tuple(_view(session, row, names, actor, calendar, now) for row in rows)


@dataclass(frozen=True)
class _Names:
    """Names of agencies and people by key."""

    agencies: Mapping[int | None, Named]
    people: Mapping[int | None, Named]


def _names(session: Session, tasks: Sequence[HumanTask]) -> _Names:
    agencies = {key for task in tasks for key in (task.agency_id, task.from_agency_id)}
    people = {key for task in tasks for key in (_holder_of(task), task.owner_person_id)}
    of_agencies = select(Agency.id, Agency.code, Agency.short_zh, Agency.short_en)
    of_people = select(Person.id, Person.username, Person.name_zh, Person.name_en)
    return _Names(
        _by_key(session, of_agencies, Agency.id, agencies - {None}),
        _by_key(session, of_people, Person.id, people - {None}),
    )


def _by_key(session: Session, query: Any, key: Any, wanted: set[int | None]) -> Mapping[int | None, Named]:
    kept: dict[int | None, Named] = once(session, ("names by", str(key)), dict)  # a page has several lists of tasks
    lacking = wanted - kept.keys()
    if lacking:
        kept.update({row[0]: Named(*row[1:]) for row in session.execute(query.where(key.in_(lacking)))})
    return kept


def _holder_of(task: HumanTask) -> int | None:
    return task.completed_by_person_id or task.assignee_person_id


def _view(session: Session, row: Any, names: _Names, actor: Actor, calendar: WorkingCalendar, now: datetime) -> TaskRow:
    task: HumanTask = row.HumanTask
    holder, owner = names.people.get(_holder_of(task)), names.people.get(task.owner_person_id)
    node = get_published(session, row.version_id, row.sha256).model.nodes[task.node_id]
    stands_still = row.root_status == CaseStatus.SUSPENDED
    is_open = task.status in OPEN
    seen_at = (now if not stands_still else row.suspended_at or now) if is_open else task.completed_at or now
    return TaskRow(
        id=task.id,
        case_id=task.case_id,
        case_no=row.no,
        case_title=row.title,
        applicant_name=row.applicant_name,
        measure_no=row.measure_no,
        node_id=task.node_id,
        name=node_name(node),
        agency=names.agencies[task.agency_id],
        from_agency=names.agencies.get(task.from_agency_id),
        role=task.role,
        status=task.status,
        assignee=holder.zh if holder else None,
        assignee_en=holder.en if holder else None,
        assignee_person_id=task.assignee_person_id,
        claimed_at=task.claimed_at,
        created_at=task.created_at,
        completed_at=task.completed_at,
        voided=task.voided_at is not None,
        overdue_at=task.overdue_at,
        decision=_decision(node, task, actor),
        limit_days=task.limit_days,
        due_at=task.due_at,
        light=light(
            calendar,
            seen_at,
            task.due_at,
            limit_days=task.limit_days,
            paused=stands_still or (is_open and task.due_at is None),
        ),
        remaining=remaining(calendar, seen_at, task.due_at, limit_days=task.limit_days) if task.due_at else None,
        row_version=task.row_version,
        actions=tuple(decision.id for decision in node.decisions) if is_open else (),
        verbs=_verbs(task, actor, case_runs=not stands_still and row.root_status not in ENDED),
        owner=owner,
        rule=rule_acted(task.rule) if actor.post_kind is not PostKind.APPLICANT else None,
    )


def _decision(node: Node, task: HumanTask, actor: Actor) -> Named | None:
    """The label of a decision; officers are told that nobody took it, where it is a rule's."""
    if passed_by_rule(task.rule) and task.decision and actor.post_kind is not PostKind.APPLICANT:
        return Named(task.decision, *PASSED_BY_RULE)
    return decision_name(node, task.decision)


def _verbs(task: HumanTask, actor: Actor, *, case_runs: bool) -> tuple[str, ...]:
    if not case_runs or task.agency_id != actor.agency_id:
        return ()
    if task.status == TaskStatus.CREATED:
        return ("receive",) if actor.may(Permission.TASK_RECEIVE) else ()
    if task.status == TaskStatus.READY:
        claim = ("claim",) if actor.may(Permission.TASK_CLAIM) and task.post_kind == actor.post_kind else ()
        return claim + (("assign",) if actor.may(Permission.TASK_ASSIGN) else ())
    if reassignable(task, actor):
        return ("assign",)
    mine = (task.assignee_person_id, task.assignee_post_id) == (actor.holder_id, actor.post_id)
    if task.status == TaskStatus.RESERVED and task.owner_person_id is not None:
        owned = (task.owner_person_id, task.owner_post_id) == (actor.holder_id, actor.post_id)
        return ("hand_back",) if mine else ("take_back",) if owned else ()
    if task.status == TaskStatus.RESERVED and mine:
        delegate = ("delegate",) if actor.may(Permission.TASK_DELEGATE) else ()
        return ("complete", "return", "release", "transfer", *delegate)
    if task.status == TaskStatus.COMPLETED and task.completed_by_person_id == actor.person_id:
        # whether the next step has been taken up is asked when recalling; the row only offers the try
        return ("recall",) if task.voided_at is None else ()
    return ()
