"""Which cases stand in somebody's list of cases: those that may be seen, children under their parents.

Each way a case may have come into the list has an index with the newest first. They are walked one beside the other and
no further than a page needs; to gather all that an agency has ever seen first would cost the more the longer it works.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, or_, select, union

from workflows.cases.collaboration.tables import CaseCopy
from workflows.cases.grounds import case_in_scope, copied, copied_to, may_read_copies, may_take_part, supervises
from workflows.cases.models import Case, HumanTask
from workflows.permissions import Actor


def stands_alone(actor: Actor) -> ColumnElement[bool]:
    """Return the condition on a visible `Case` that it is listed itself and not under its parent: a root, one's own
    part, or a part that was copied.
    """
    alone = [Case.parent_id.is_(None), Case.applicant_agency_id == actor.agency_id]
    return or_(*alone, Case.id.in_(copied(actor))) if may_read_copies(actor) else or_(*alone)


def listed(
    actor: Actor, filters: Sequence[ColumnElement[bool]] = (), *, before: int | None = None, limit: int | None = None
) -> Any:
    """Return the keys of the cases in the actor's list, as a statement with one column `id`.

    Args:
        actor: who reads.
        filters: conditions on `Case` that all of them meet.
        before: only cases with smaller keys.
        limit: only so many, the newest first; None for all, in no order.
    """
    met = (*filters, case_in_scope(actor))
    if supervises(actor):
        ways = [_way(Case.id, (stands_alone(actor), *met), before, limit)]
    elif not may_take_part(actor):
        return select(Case.id).where(Case.id.is_(None))
    else:
        own = Case.applicant_agency_id == actor.agency_id
        opened = Case.opened_by_agency_id == actor.agency_id
        ways = [
            _way(HumanTask.root_id, (HumanTask.agency_id == actor.agency_id,), before, limit, met),
            _way(Case.id, (own, *met), before, limit),
            _way(Case.id, (opened, Case.parent_id.is_(None), *met), before, limit),
        ]
        if may_read_copies(actor):
            ways.append(_way(CaseCopy.case_id, copied_to(actor), before, limit, met))
    every = union(*ways).subquery()
    found = select(every.c.id)
    return found if limit is None else found.order_by(every.c.id.desc()).limit(limit)


def _way(
    key: Any,
    conditions: Sequence[ColumnElement[bool]],
    before: int | None,
    limit: int | None,
    of_case: Sequence[ColumnElement[bool]] = (),
) -> Any:
    """Return the newest keys by one index; where it is another table's, with what is asked of the cases themselves."""
    query = select(key.label("id")).where(*conditions).distinct()
    if of_case:
        query = query.join(Case, Case.id == key).where(*of_case)
    if before is not None:
        query = query.where(key < before)
    if limit is not None:
        query = query.order_by(key.desc()).limit(limit)
    return select(query.subquery().c.id)
