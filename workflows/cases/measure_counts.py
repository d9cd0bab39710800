"""How many cases are under way for each measure, by light: only those the reader may see, all for the supervisor."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from sqlalchemy import CTE, ColumnElement, and_, case, func, or_, select, union_all
from sqlalchemy.orm import InstrumentedAttribute, Session

from workflows.cases.access import require
from workflows.cases.limits import CALENDARS
from workflows.cases.listed import listed
from workflows.cases.lit import amber_or_red, amber_until
from workflows.cases.models import ENDED, OPEN, Case, CaseStatus, HumanTask
from workflows.clock import Clock
from workflows.deadlines import Light
from workflows.permissions import Actor, Permission

_RUNNING = (HumanTask.status.in_(OPEN), HumanTask.due_at.is_not(None))
_WAITS = (CaseStatus.SUSPENDED, CaseStatus.WAITING_FOR_SUPPLEMENT)


def count_cases_by_measure(session: Session, *, actor: Actor, clock: Clock) -> Mapping[str, Mapping[Light, int]]:
    """Return responsibility line → light → cases under way: as many as `list_cases` lists with the same filters."""
    require(actor, Permission.CASE_READ)
    calendar, now = CALENDARS.current(session), clock.now()
    of_actor = listed(actor, (Case.status.not_in(ENDED),)).cte("listed")
    each = union_all(
        _soonest(of_actor, Case.parent_id.is_(None), HumanTask.root_id),
        _soonest(of_actor, Case.parent_id.is_not(None), HumanTask.case_id),
    ).subquery()
    lit = case(
        (or_(each.c.status.in_(_WAITS), each.c.due_at.is_(None)), Light.GREY.value),
        (each.c.due_at <= now, Light.RED.value),
        # The length of the limit is looked up only where it decides.
        (each.c.due_at >= amber_until(calendar, now), Light.GREEN.value),
        (amber_or_red(calendar, now, days=_length_of(each), due=each.c.due_at), Light.AMBER.value),
        else_=Light.GREEN.value,
    )
    rows = session.execute(select(each.c.measure_no, lit, func.count()).group_by(each.c.measure_no, lit))
    found: defaultdict[str, dict[Light, int]] = defaultdict(dict)
    for measure_no, colour, number in rows:
        found[measure_no][Light(colour)] = number
    return found


def _soonest(of_actor: CTE, those: ColumnElement[bool], key: InstrumentedAttribute[int]) -> Any:
    """Return those cases, each with the end of its soonest limit: a family's tasks count for its root."""
    task = and_(key == Case.id, *_RUNNING)
    return (
        select(Case.id, Case.parent_id, Case.measure_no, Case.status, func.min(HumanTask.due_at).label("due_at"))
        .join(of_actor, of_actor.c.id == Case.id)
        .outerjoin(HumanTask, task)
        .where(those)
        .group_by(Case.id)
    )


def _length_of(each: Any) -> ColumnElement[Any]:
    of_case = or_(HumanTask.case_id == each.c.id, and_(HumanTask.root_id == each.c.id, each.c.parent_id.is_(None)))
    days = select(HumanTask.limit_days).where(of_case, HumanTask.due_at == each.c.due_at, *_RUNNING)
    return days.order_by(HumanTask.id).limit(1).scalar_subquery()
