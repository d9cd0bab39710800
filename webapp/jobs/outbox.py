"""Jobs that do what committed transactions asked for."""

from __future__ import annotations

from webapp import context
from webapp.documents.making import make_waiting
from webapp.jobs import job
from webapp.jobs.handlers import HANDLERS
from webapp.transaction import writing
from workflows import outbox

BATCH = 50
PAPERS = 5
"""Made at a time: one takes a second, and side effects wait meanwhile. First, so that archives find what was made."""


@job(queue="outbox")
def drain_outbox() -> None:
    """Do what stands in the outbox, batch by batch, until nothing is left."""
    make_waiting(PAPERS)
    done = BATCH
    while done >= BATCH:
        with writing() as session:
            done = outbox.drain(session, HANDLERS, clock=context.clock(), limit=BATCH)


@job(queue="outbox")
def sweep_outbox() -> None:
    """Find rows whose wake-up was lost."""
    drain_outbox()
