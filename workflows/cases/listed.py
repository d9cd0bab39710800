"""Which cases stand in somebody's list of cases: those that may be seen, children under their parents.

Each way a case may have come into the list has an index with the newest first. They are walked one beside the other and
no further than a page needs; to gather all that an agency has ever seen first would cost the more the longer it works.
What one agency holds now is walked by its open tasks.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, and_, bindparam, exists, func, literal, or_, select, true, union
from sqlalchemy.orm import aliased

from workflows.cases.access import visible_among
from workflows.cases.collaboration.tables import CaseCopy
from workflows.cases.grounds import case_in_scope, copied, copied_to, may_read_copies, may_take_part, supervises
from workflows.cases.models import Case, CaseSuccession, HumanTask, TaskStatus
from workflows.permissions import Actor

_HOLDING = (TaskStatus.CREATED.value, TaskStatus.READY.value, TaskStatus.RESERVED.value)


def stands_alone(actor: Actor) -> ColumnElement[bool]:
    """Return the condition on a visible `Case` that it is listed itself and not under its parent: a root, one's own
    part, or a part that was copied.
    """
    alone = [Case.parent_id.is_(None), Case.applicant_agency_id == actor.agency_id]
    return or_(*alone, Case.id.in_(copied(actor))) if may_read_copies(actor) else or_(*alone)


def held_by(actor: Actor, agency_id: int) -> ColumnElement[bool]:
    """Return the condition on a visible `Case` that the agency holds it now: an open step of it, or of a part of it
    that the actor sees, is the agency's.
    """
    held = aliased(HumanTask)
    seen: ColumnElement[bool] = true()
    if not supervises(actor):  # who sees one part is not told where the others are
        part = select(literal(1)).select_from(Case).where(Case.id == held.case_id, visible_among(actor))
        seen = or_(held.case_id == Case.id, part.correlate(held).exists())
    return (
        select(literal(1))
        .select_from(held)
        .where(
            held.agency_id == agency_id,
            held.root_id == func.coalesce(Case.root_id, Case.id),
            or_(Case.parent_id.is_(None), held.case_id == Case.id),
            _is_open(held),
            seen,
        )
        .correlate(Case)
        .exists()
    )


def _is_open(task: Any) -> ColumnElement[bool]:
    """Written out as in the index: SQLite uses a partial index only for the very condition it was made with."""
    written: BindParameter[Any] = bindparam("holding", _HOLDING, expanding=True, literal_execute=True)
    is_open: ColumnElement[bool] = task.status.in_(written)
    return is_open


def listed(
    actor: Actor,
    filters: Sequence[ColumnElement[bool]] = (),
    *,
    before: int | None = None,
    limit: int | None = None,
    holder: int | None = None,
) -> Any:
    """Return the keys of the cases in the actor's list, as a statement with one column `id`.

    Args:
        actor: who reads.
        filters: conditions on `Case` that all of them meet.
        before: only cases with smaller keys.
        limit: only so many, the newest first; None for all, in no order.
        holder: only cases that this agency holds now.
    """
    met = (*filters, case_in_scope(actor))
    if holder is not None:
        ways = _held(actor, holder, met, before, limit)
    elif supervises(actor):
        ways = [_way(Case.id, (stands_alone(actor), *met), before, limit)]
    elif not may_take_part(actor):
        return select(Case.id).where(Case.id.is_(None))
    else:
        own = Case.applicant_agency_id == actor.agency_id
        opened = Case.opened_by_agency_id == actor.agency_id
        ways = [
            _way(HumanTask.root_id, (HumanTask.agency_id == actor.agency_id,), before, limit, met),
            _way(CaseSuccession.root_id, (_taken_on(actor),), before, limit, met),
            _way(Case.id, (own, *met), before, limit),
            _way(Case.id, (opened, Case.parent_id.is_(None), *met), before, limit),
        ]
        if may_read_copies(actor):
            ways.append(_way(CaseCopy.case_id, copied_to(actor), before, limit, met))
    every = union(*ways).subquery()
    found = select(every.c.id)
    return found if limit is None else found.order_by(every.c.id.desc()).limit(limit)


def _taken_on(actor: Actor) -> ColumnElement[bool]:
    step = exists().where(
        HumanTask.root_id == CaseSuccession.root_id, HumanTask.agency_id == CaseSuccession.from_agency_id
    )
    return and_(CaseSuccession.to_agency_id == actor.agency_id, step.correlate(CaseSuccession))


def _held(
    actor: Actor, holder: int, met: Sequence[ColumnElement[bool]], before: int | None, limit: int | None
) -> list[Any]:
    tasks = (HumanTask.agency_id == holder, _is_open(HumanTask))
    listed_here = (stands_alone(actor), visible_among(actor), held_by(actor, holder), *met)
    return [
        _way(HumanTask.root_id, tasks, before, limit, listed_here),
        _way(HumanTask.case_id, (*tasks, HumanTask.case_id != HumanTask.root_id), before, limit, listed_here),
    ]


def _way(
    key: Any,
    conditions: Sequence[ColumnElement[bool]],
    before: int | None,
    limit: int | None,
    of_case: Sequence[ColumnElement[bool]] = (),
) -> Any:
    """Return the newest keys by one index; where it is another table's, with what is asked of the cases themselves."""
    query = select(key.label("id")).where(*conditions)
    if of_case:  # a case has several tasks or copies, and is named once
        query = query.join(Case, Case.id == key).where(*of_case).distinct()
    if before is not None:
        query = query.where(key < before)
    if limit is not None:
        query = query.order_by(key.desc()).limit(limit)
    return select(query.subquery().c.id)
