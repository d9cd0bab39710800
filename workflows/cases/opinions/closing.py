"""What has come by the due date counts: a step that ends when it is due ends for all it still asks."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.cases.aggregate import Family
from workflows.cases.models import OPEN, HumanTask
from workflows.engine.completion import UNTIL_DUE


def closing_on_due(session: Session, family: Family, task: HumanTask) -> Sequence[HumanTask]:
    """Return the other open tasks of a step that end together with one whose limit has run out, oldest first.

    None unless the step ends when it is due (`completion="until_due"`). Those an agency has not yet signed for end,
    too: the date is the step's, and an agency that never signs would keep the case for ever.
    """
    node = family.node(task.node_id)
    if node.attributes.get("completion") != UNTIL_DUE:
        return ()
    query = select(HumanTask).where(
        HumanTask.root_id == family.id,
        HumanTask.node_id == task.node_id,
        HumanTask.status.in_(OPEN),
        HumanTask.id != task.id,
    )
    if _inside_another(family, node.scope_id):
        query = query.where(HumanTask.case_id == task.case_id)
    return session.scalars(query.order_by(HumanTask.id)).all()


def _inside_another(family: Family, scope_id: str) -> bool:
    """Whether a scope is repeated, so that a step in it is asked once for each."""
    nodes = family.process.model.nodes
    at = scope_id
    while at in nodes:
        if nodes[at].multi_instance is not None:
            return True
        at = nodes[at].scope_id
    return False
