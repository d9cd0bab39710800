"""What an agency sees of the cases under way that it has taken on from another."""

from __future__ import annotations

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from workflows.agencies.models import Agency
from workflows.cases.models import ENDED, Case, CaseSuccession, HumanTask, TaskRole
from workflows.clock import Clock
from workflows.persistence import table_of


def take_on(session: Session, old: Agency, new: Agency, clock: Clock, *, led: str | None = None) -> None:
    """Let the new agency see what the old one saw in cases under way, and what that one had taken on itself.

    Ended cases stay with whoever had them: only open tasks pass on, and what they rest on.

    Args:
        led: only cases of this line, in which the old agency had a step as lead.
    """
    role = () if led is None else (HumanTask.role == TaskRole.LEAD,)
    under_way = (Case.status.not_in(ENDED),) if led is None else (Case.status.not_in(ENDED), Case.measure_no == led)
    own = (
        select(HumanTask.root_id, HumanTask.agency_id)
        .join(Case, Case.id == HumanTask.root_id)
        .where(HumanTask.agency_id == old.id, *role, *under_way)
        .distinct()
    )
    taken_on = select(CaseSuccession.root_id, CaseSuccession.from_agency_id)
    earlier = taken_on.join(Case, Case.id == CaseSuccession.root_id)
    earlier = earlier.where(CaseSuccession.to_agency_id == old.id, *under_way)
    known = taken_on.where(CaseSuccession.to_agency_id == new.id)
    found = {tuple(row) for query in (own, earlier) for row in session.execute(query)}
    pairs = found - {tuple(row) for row in session.execute(known)}
    rows = [
        {"to_agency_id": new.id, "root_id": root_id, "from_agency_id": agency_id, "at": clock.now()}
        for root_id, agency_id in sorted(pairs)
        if agency_id != new.id
    ]
    if rows:
        session.connection().execute(insert(table_of(CaseSuccession)), rows)
