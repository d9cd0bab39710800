"""Timers of the diagram: a due row fires the engine, once; nobody polls cases."""

from __future__ import annotations

from sqlalchemy.orm import Session

from workflows import engine
from workflows.cases.aggregate import current_form, lock_family
from workflows.cases.models import ENDED, CaseStatus
from workflows.cases.projection import plan, write
from workflows.clock import Clock
from workflows.deadlines import DueTimer, mark_fired
from workflows.engine import active


def fire_timer(session: Session, timer: DueTimer, *, clock: Clock) -> bool:
    """Fire a due timer of the diagram.

    A timer of a suspended case waits until the case goes on; one whose token is gone is only marked.

    Returns:
        Whether the case moved.

    Raises:
        EngineError: the engine failed.
    """
    family = lock_family(session, timer.case_id)
    if family.status == CaseStatus.SUSPENDED:
        return False
    mark_fired(session, timer.id, now=clock.now())
    if family.status in ENDED or timer.token not in {t.token for t in active(family.process.spec, family.state)}:
        return False
    step = engine.fire_timer(family.process.spec, family.state, timer.token, now=clock.now())
    planned = plan(session, family, step, clock=clock)
    write(session, family, planned, actor=None, clock=clock, form=current_form(session, family.id))
    return True
