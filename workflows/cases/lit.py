"""Lights as conditions on rows, by the rules of `workflows.deadlines.light`: filter and light agree."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, literal, or_, select, true, union
from sqlalchemy.orm import aliased

from workflows.cases.limits import NO_LIMIT
from workflows.cases.models import Case, CaseStatus, HumanTask
from workflows.deadlines import LIGHT_RULES, Light, WorkingCalendar, amber_before, spans_of

_Still = aliased(Case)


def amber_or_red(calendar: WorkingCalendar, now: datetime, *, days: Any, due: Any) -> ColumnElement[bool]:
    """Return the condition that a running limit is no longer green.

    Args:
        calendar: the calendar to count by.
        now: the present instant, aware.
        days: the column with the limit's length, null where it is not known.
        due: the column with its end: each rule is one bound on it, so that an index over it serves.
    """
    by_rule = []
    for shorter, longest, rule in spans_of():
        served: ColumnElement[bool] = true() if shorter is None else days > shorter
        served = or_(served, days.is_(None)) if longest is None else and_(served, days <= longest)
        by_rule.append(and_(served, due < amber_before(calendar, now, rule)))
    return or_(*by_rule)


def amber_from(calendar: WorkingCalendar, now: datetime) -> datetime:
    """Return the instant before which every running limit that is not red is amber, whatever its length."""
    return min(amber_before(calendar, now, rule) for rule in LIGHT_RULES)


def amber_until(calendar: WorkingCalendar, now: datetime) -> datetime:
    """Return the instant from which on no limit is amber, whatever its length."""
    return max(amber_before(calendar, now, rule) for rule in LIGHT_RULES)


def lit(
    queue: ColumnElement[bool], root: Any, colour: Light, calendar: WorkingCalendar, now: datetime
) -> ColumnElement[bool]:
    """Return the condition on `HumanTask` that a task of a queue has this light.

    Each colour has bounds on `queue_at`, so that the queue's index is walked no further than it reaches.

    Args:
        queue: the condition on `HumanTask` that it is in the queue.
        root: the alias under which the task's root case is joined.
        colour: the light.
        calendar: the calendar to count by.
        now: the present instant, aware.
    """
    if colour is Light.GREY:
        return HumanTask.id.in_(_standing_still(queue))
    runs = and_(root.status != CaseStatus.SUSPENDED, HumanTask.queue_at < NO_LIMIT)
    if colour is Light.RED:
        return and_(runs, HumanTask.queue_at <= now)
    amber = amber_or_red(calendar, now, days=HumanTask.limit_days, due=HumanTask.queue_at)
    if colour is Light.AMBER:
        return and_(runs, HumanTask.queue_at > now, HumanTask.queue_at < amber_until(calendar, now), amber)
    return and_(runs, HumanTask.queue_at >= amber_from(calendar, now), ~amber)


def _standing_still(queue: ColumnElement[bool]) -> Any:
    """The tasks of a queue without a running clock: sought from the few suspended cases, not among all the tasks."""
    no_clock = select(HumanTask.id).where(queue, HumanTask.queue_at == NO_LIMIT).correlate(None)
    suspended = (
        select(HumanTask.id)
        .join(_Still, _Still.id == HumanTask.root_id)
        .where(queue, _Still.status == literal("suspended", literal_execute=True))
        .correlate(None)
    )
    return union(no_clock, suspended)
