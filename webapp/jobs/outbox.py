"""Jobs that do what committed transactions asked for."""

from __future__ import annotations

from webapp import context
from webapp.jobs import job
from webapp.jobs.handlers import HANDLERS
from webapp.transaction import writing
from workflows import outbox

BATCH = 50


@job(queue="outbox")
def drain_outbox() -> None:
    """Do what stands in the outbox, batch by batch, until nothing is left."""
    done = BATCH
    while done >= BATCH:
        with writing() as session:
            done = outbox.drain(session, HANDLERS, clock=context.clock(), limit=BATCH)


@job(queue="outbox")
def sweep_outbox() -> None:
    """Find rows whose wake-up was lost."""
    drain_outbox()
