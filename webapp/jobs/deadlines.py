"""Jobs that do what is due."""

from __future__ import annotations

from webapp import context
from webapp.jobs import job
from webapp.transaction import writing
from workflows.cases import fire_due_timers

BATCH = 20


@job(queue="deadlines")
def sweep_timers() -> None:
    """Fire the timers that are due, batch by batch, until none moves any more."""
    moved = BATCH
    while moved >= BATCH:
        with writing() as session:
            moved = fire_due_timers(session, clock=context.clock(), limit=BATCH)
