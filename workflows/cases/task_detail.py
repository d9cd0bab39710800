"""One task with all that is needed to decide it: the application, what others said, and where each decision leads."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows import engine
from workflows.cases.access import require
from workflows.cases.aggregate import Family, current_form, lock_family_of_task
from workflows.cases.collaboration.parts import part_seen_by
from workflows.cases.items import item_of_task
from workflows.cases.members import members
from workflows.cases.models import ENDED, OPEN, Case, HumanTask, TaskStatus
from workflows.cases.names import end_name, named_agency, node_name
from workflows.cases.opinions.steps import figures_of
from workflows.cases.part_of_family import Part, may_read_opinion, part_of
from workflows.cases.projection import plan
from workflows.cases.queues import task_row, task_rows_of
from workflows.cases.views import DecisionOption, Named, NextStep, TaskDetail, TaskRow
from workflows.cases.workdays import workdays
from workflows.clock import Clock
from workflows.engine import Step
from workflows.engine.model import Node
from workflows.errors import EngineError, RoutingError
from workflows.permissions import Actor, Permission


def get_task(session: Session, task_id: int, *, actor: Actor, clock: Clock) -> TaskDetail:
    """Return a task of the actor's agency.

    Raises:
        NotFoundError: no such task in the actor's agency.
    """
    require(actor, Permission.TASK_READ)
    family, task = lock_family_of_task(session, task_id, actor=actor, for_update=False)
    row = task_row(session, task_id, actor=actor, clock=clock)
    node = family.node(task.node_id)
    model = family.process.model
    form_key = node.attributes.get("form")
    apply_key = model.attributes.get("applyForm")
    part = part_of(session, session.get_one(Case, task.case_id), actor=actor)
    form = current_form(session, family.id)
    case_data = part.form(model, form)
    others = _signatures(session, task, part, actor, clock)
    delegated = part_seen_by(session, task, actor)
    proposed = delegated.proposal.data if delegated and delegated.proposal else None
    filled = proposed or task.data or {}
    return TaskDetail(
        row=row,
        case_status=family.status,
        decisions=tuple(
            DecisionOption(d.id, Named(d.id, d.label, d.label_en or d.label), d.opinion_required)
            for d in node.decisions
        ),
        form_key=form_key,
        form_schema=family.process.form(form_key),
        form_draft=case_data if form_key and form_key == apply_key else _draft(node, filled, case_data),
        case_data=case_data,
        application_schema=family.process.form(apply_key) or {},
        item=item_of_task(session, family, task, form),
        signatures=others,
        opinions=_opinions(session, {task.id, *(row.id for row in others if may_read_opinion(row, actor))}),
        next_steps=_next_steps(session, family, node, task, clock),
        received_at=task.received_at,
        calendar_version=task.calendar_version,
        part=delegated,
    )


def _draft(node: Node, filled: Mapping[str, Any], case_data: Mapping[str, Any]) -> Mapping[str, Any]:
    """What the task's own form begins with: the figures it is about as they stand, and what was filled in."""
    return {**{name: case_data[name] for name in figures_of(node) if name in case_data}, **filled}


def _signatures(session: Session, task: HumanTask, part: Part, actor: Actor, clock: Clock) -> tuple[TaskRow, ...]:
    """What was decided in this case and in what covers it, newest first; siblings' affairs are theirs."""
    rows = task_rows_of(session, task.root_id, actor=actor, clock=clock)
    return tuple(
        part.task(row)
        for row in reversed(rows)
        if row.id != task.id and row.status != TaskStatus.EXITED and row.case_id in part.case_ids
    )


def _opinions(session: Session, task_ids: Collection[int]) -> Mapping[int, str]:
    rows = session.execute(
        select(HumanTask.id, HumanTask.opinion).where(HumanTask.id.in_(task_ids), HumanTask.opinion.is_not(None))
    )
    return {row.id: row.opinion for row in rows}


def _next_steps(
    session: Session, family: Family, node: Node, task: HumanTask, clock: Clock
) -> Mapping[str, tuple[NextStep, ...]]:
    """Ask the engine what each decision would bring: its moves are values, so asking changes nothing."""
    if task.status not in OPEN or family.status in ENDED:
        return {}
    found: dict[str, tuple[NextStep, ...]] = {}
    for decision in node.decisions:
        result: dict[str, Any] = {node.id: decision.id}
        try:
            step = engine.complete(
                family.process.spec,
                family.state,
                task.token,
                result,
                now=clock.now(),
                workdays=workdays(session),
                members=members(session, family.measure_no, clock),
            )
            found[decision.id] = _steps(session, family, step, clock)
        except (EngineError, RoutingError):  # the page then names no next step; completing will open the incident
            continue
    return found


def _steps(session: Session, family: Family, step: Step, clock: Clock) -> tuple[NextStep, ...]:
    assignments = plan(session, family, step, clock=clock).assignments
    opened = [
        NextStep(
            name=node_name(family.node(token.node_id)),
            agency=named_agency(assignments[token.token].agency),
            post_kind=assignments[token.token].post_kind,
            limit_days=assignments[token.token].limit_days,
            case_no=None,
        )
        for token in step.opened
        if token.token in assignments
    ]
    ended = [step.end_node_id] if step.finished else [end.end_node_id for end in step.scopes_ended]
    ends = [
        NextStep(end_name(family.node(node_id)), agency=None, post_kind=None, limit_days=None, case_no=None)
        for node_id in ended
        if node_id and "outcome" in family.node(node_id).attributes
    ]
    return tuple(dict.fromkeys(opened)) + tuple(ends)
