"""时限和用时: when the whole case and each open step are due and why, and which agency used how much of the time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from webapp.ui.cases.opened import OpenedCase
from webapp.ui.clocks import DueStrip, PauseLine, due_strip, pause_line
from webapp.ui.formats import named
from workflows.cases.time_used import AgencyTime, time_used
from workflows.cases.why_due import why_case_is_due, why_open_steps_are_due
from workflows.clock import office_date


@dataclass(frozen=True)
class CaseLimit:
    """The limit of the whole case.

    Args:
        state: as in `workflows.cases.why_due`.
    """

    state: str
    limit_days: int
    due_on: date
    overdue: bool
    strip: DueStrip | None


@dataclass(frozen=True)
class StepStrip:
    """Why one open step is due on that day."""

    name: str
    strip: DueStrip


@dataclass(frozen=True)
class CaseClocks:
    """What the card shows.

    Args:
        limit: None where the process declares no limit for the whole case, or its clock has not begun.
        pauses: what stopped the clock, where there is no limit to show them with.
    """

    limit: CaseLimit | None
    steps: tuple[StepStrip, ...]
    pauses: tuple[PauseLine, ...]
    agencies: tuple[AgencyTime, ...]


def case_clocks(session: Session, case: OpenedCase) -> CaseClocks:
    """Gather what the card shows."""
    today = office_date(case.clock.now())
    whole = why_case_is_due(session, case.no, actor=case.actor, clock=case.clock)
    limit = None
    if whole.limit_days is not None and whole.due_on is not None:
        late = whole.due_at is not None and whole.state == "running" and whole.due_at <= case.clock.now()
        limit = CaseLimit(whole.state, whole.limit_days, whole.due_on, late, due_strip(whole, today))
    steps = why_open_steps_are_due(session, case.no, actor=case.actor, clock=case.clock)
    strips = [(named(step.name), due_strip(step.reason, today)) for step in steps]
    return CaseClocks(
        limit=limit,
        steps=tuple(StepStrip(name, strip) for name, strip in strips if strip is not None),
        pauses=() if limit else tuple(pause_line(pause) for pause in whole.pauses),
        agencies=time_used(session, case.no, actor=case.actor, clock=case.clock),
    )
