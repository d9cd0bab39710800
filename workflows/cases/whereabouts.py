"""Where the cases of a list are now: which agencies hold which step."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select, true
from sqlalchemy.orm import Session

from workflows.agencies.models import Agency
from workflows.cases.access import visible_among
from workflows.cases.grounds import supervises
from workflows.cases.models import ENDED, OPEN, Case, HumanTask
from workflows.cases.names import node_name
from workflows.cases.views import Named, StepHeld
from workflows.permissions import Actor
from workflows.processes import get_published
from workflows.processes.models import ProcessVersion

_OF_A_STEP = (
    HumanTask.root_id,
    HumanTask.case_id,
    HumanTask.node_id,
    ProcessVersion.id,
    ProcessVersion.sha256,
    Agency.code,
    Agency.short_zh,
    Agency.short_en,
)


def steps_held(session: Session, case_ids: Collection[int], *, actor: Actor) -> Mapping[int, tuple[StepHeld, ...]]:
    """Return the open steps of cases the actor may see, by the key of the case, the most urgent first.

    A parent's steps are all of its family; a child's are its own, or while it has none those of the whole. Who sees
    one part is not told where the others are.
    """
    if not case_ids:
        return {}
    root_of = _roots(session, case_ids)
    rows = _open_steps(session, {*root_of, *(root_id for root_id in root_of.values() if root_id is not None)}, actor)
    found = {}
    for case_id, root_id in root_of.items():
        if root_id is None:
            found[case_id] = _gathered(session, (row for row in rows if row.root_id == case_id))
        else:
            own = [row for row in rows if row.case_id == case_id]
            found[case_id] = _gathered(session, own or (row for row in rows if row.case_id == root_id))
    return found


def _roots(session: Session, case_ids: Collection[int]) -> Mapping[int, int | None]:
    """Case that goes on → its root, None where it is one; a part that has ended is with nobody, though the whole is."""
    asked = select(Case.id, Case.parent_id, Case.root_id).where(Case.id.in_(case_ids), Case.status.not_in(ENDED))
    return {row.id: row.root_id if row.parent_id is not None else None for row in session.execute(asked)}


def _open_steps(session: Session, case_ids: Collection[int], actor: Actor) -> list[Any]:
    seen: ColumnElement[bool] = true() if supervises(actor) else visible_among(actor)
    soonest = func.min(HumanTask.due_at)
    return list(
        session.execute(
            select(*_OF_A_STEP)
            .join(Case, Case.id == HumanTask.case_id)
            .join(ProcessVersion, ProcessVersion.id == Case.process_version_id)
            .join(Agency, Agency.id == HumanTask.agency_id)
            .where(or_(HumanTask.root_id.in_(case_ids), HumanTask.case_id.in_(case_ids)))
            .where(HumanTask.status.in_(OPEN), seen)
            .group_by(*_OF_A_STEP)
            .order_by(soonest.is_(None), soonest, func.min(HumanTask.id))
        )
    )


def _gathered(session: Session, rows: Iterable[Any]) -> tuple[StepHeld, ...]:
    agencies: dict[str, dict[Named, None]] = {}
    steps: dict[str, Named] = {}
    for row in rows:
        if row.node_id not in steps:
            model = get_published(session, row.id, row.sha256).model
            steps[row.node_id] = node_name(model.nodes[row.node_id])
        agencies.setdefault(row.node_id, {})[Named(row.code, row.short_zh, row.short_en)] = None
    return tuple(StepHeld(step, tuple(agencies[node_id])) for node_id, step in steps.items())
