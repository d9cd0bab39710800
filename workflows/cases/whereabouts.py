"""Where the cases of a list are now: which agencies hold which step."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select, true
from sqlalchemy.orm import Session

from workflows.agencies.models import Agency
from workflows.cases.access import visible_among
from workflows.cases.grounds import supervises
from workflows.cases.models import OPEN, Case, HumanTask
from workflows.cases.names import node_name
from workflows.cases.views import Named, StepHeld
from workflows.permissions import Actor
from workflows.processes import get_published
from workflows.processes.models import ProcessVersion


def steps_held(session: Session, case_ids: Collection[int], *, actor: Actor) -> Mapping[int, tuple[StepHeld, ...]]:
    """Return the open steps of cases the actor may see, by the key of the case, the most urgent first.

    A parent's steps are its children's too; who sees one part is not told where the others are.
    """
    if not case_ids:
        return {}
    seen: ColumnElement[bool] = true() if supervises(actor) else visible_among(actor)
    soonest = func.min(HumanTask.due_at)
    rows = session.execute(
        select(
            HumanTask.root_id,
            HumanTask.case_id,
            HumanTask.node_id,
            ProcessVersion.id,
            ProcessVersion.sha256,
            Agency.code,
            Agency.short_zh,
            Agency.short_en,
        )
        .join(Case, Case.id == HumanTask.case_id)
        .join(ProcessVersion, ProcessVersion.id == Case.process_version_id)
        .join(Agency, Agency.id == HumanTask.agency_id)
        .where(or_(HumanTask.root_id.in_(case_ids), HumanTask.case_id.in_(case_ids)), HumanTask.status.in_(OPEN), seen)
        .group_by(
            HumanTask.root_id,
            HumanTask.case_id,
            HumanTask.node_id,
            ProcessVersion.id,
            ProcessVersion.sha256,
            Agency.code,
            Agency.short_zh,
            Agency.short_en,
        )
        .order_by(soonest.is_(None), soonest, func.min(HumanTask.id))
    ).all()
    found: dict[int, dict[str, dict[Named, None]]] = {}
    steps: dict[str, Named] = {}
    for row in rows:
        step, agency = _step(session, row), Named(row.code, row.short_zh, row.short_en)
        steps[step.code] = step
        for case_id in {row.root_id, row.case_id} & set(case_ids):
            found.setdefault(case_id, {}).setdefault(step.code, {})[agency] = None
    return {
        case_id: tuple(StepHeld(steps[code], tuple(agencies)) for code, agencies in held.items())
        for case_id, held in found.items()
    }


def _step(session: Session, row: Any) -> Named:
    return node_name(get_published(session, row.id, row.sha256).model.nodes[row.node_id])
