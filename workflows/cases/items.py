"""Which part of the application a task is about, and what earlier steps filled in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from workflows.cases.aggregate import Family
from workflows.cases.models import Case, HumanTask, TaskStatus
from workflows.engine.model import Node


def collection_of(family: Family, node_id: str) -> str | None:
    """Return the name of the list that the step is repeated over (by itself or around it), or None."""
    nodes = family.process.model.nodes
    node: Node | None = nodes.get(node_id)
    while node is not None:
        if "childCase" in node.attributes and node.multi_instance is not None:
            return node.multi_instance.input_name
        node = nodes.get(node.scope_id)
    return None


def item_of_task(
    session: Session, family: Family, task: HumanTask, form: Mapping[str, Any]
) -> Mapping[str, Any] | None:
    """Return the row of the application a task is about (one issuer), or None where it is about all of it."""
    name = collection_of(family, task.node_id)
    rows = form.get(name) if name else None
    if not isinstance(rows, list) or task.added_signer:
        return None
    if task.case_id == task.root_id:
        return rows[0] if len(rows) == 1 else None
    index = session.scalar(select(Case.child_index).where(Case.id == task.case_id))
    return rows[index] if index is not None and index < len(rows) else None


def steps_of_case(session: Session, task: HumanTask) -> Mapping[str, Mapping[str, Any]]:
    """Return node id → form of that step as last completed, in the task's own case and what covers it."""
    rows = session.execute(
        select(HumanTask.node_id, HumanTask.data)
        .where(
            or_(HumanTask.case_id == task.case_id, HumanTask.case_id == task.root_id),
            HumanTask.status == TaskStatus.COMPLETED,
            HumanTask.voided_at.is_(None),
            HumanTask.data.is_not(None),
        )
        .order_by(HumanTask.id)
    )
    return {row.node_id: row.data for row in rows}


def case_no_of(session: Session, case_id: int) -> str:
    """Return a case's number."""
    return session.scalars(select(Case.no).where(Case.id == case_id)).one()
