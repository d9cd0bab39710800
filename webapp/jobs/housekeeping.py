"""Jobs that forget what need not be kept."""

from __future__ import annotations

from webapp import context
from webapp.api import idempotency
from webapp.jobs import job
from webapp.transaction import writing


@job(queue="outbox")
def sweep_idempotency_keys() -> None:
    """Forget answers kept for more than a day."""
    with writing() as session:
        idempotency.sweep(session, clock=context.clock())
