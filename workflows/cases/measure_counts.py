"""How many cases are under way for each measure, by light: only those the reader may see, all for the supervisor."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from sqlalchemy import and_, case, func, or_, select
from sqlalchemy.orm import Session

from workflows.cases.access import require, visible_cases
from workflows.cases.limits import CALENDARS
from workflows.cases.lit import amber_or_red
from workflows.cases.models import ENDED, OPEN, Case, CaseStatus, HumanTask
from workflows.clock import Clock
from workflows.deadlines import Light
from workflows.permissions import Actor, Permission

_WAITS = (CaseStatus.SUSPENDED, CaseStatus.WAITING_FOR_SUPPLEMENT)


def count_cases_by_measure(session: Session, *, actor: Actor, clock: Clock) -> Mapping[str, Mapping[Light, int]]:
    """Return responsibility line → light → cases under way: as many as `list_cases` lists with the same filters."""
    require(actor, Permission.CASE_READ)
    calendar, now = CALENDARS.current(session), clock.now()
    soonest = (
        select(HumanTask.due_at, HumanTask.limit_days)
        .where(
            or_(HumanTask.case_id == Case.id, and_(HumanTask.root_id == Case.id, Case.parent_id.is_(None))),
            HumanTask.status.in_(OPEN),
            HumanTask.due_at.is_not(None),
        )
        .order_by(HumanTask.due_at, HumanTask.id)
        .limit(1)
    )
    under_way = (
        select(
            Case.measure_no,
            Case.status,
            soonest.with_only_columns(HumanTask.due_at).scalar_subquery().label("due_at"),
            soonest.with_only_columns(HumanTask.limit_days).scalar_subquery().label("limit_days"),
        )
        .where(
            visible_cases(actor),
            or_(Case.parent_id.is_(None), Case.applicant_agency_id == actor.agency_id),
            Case.status.not_in(ENDED),
        )
        .subquery()
    )
    due, days = under_way.c.due_at, under_way.c.limit_days
    lit = case(
        (or_(under_way.c.status.in_(_WAITS), due.is_(None)), Light.GREY.value),
        (due <= now, Light.RED.value),
        (amber_or_red(calendar, now, days=days, due=due), Light.AMBER.value),
        else_=Light.GREEN.value,
    )
    rows = session.execute(select(under_way.c.measure_no, lit, func.count()).group_by(under_way.c.measure_no, lit))
    found: defaultdict[str, dict[Light, int]] = defaultdict(dict)
    for measure_no, colour, number in rows:
        found[measure_no][Light(colour)] = number
    return found
