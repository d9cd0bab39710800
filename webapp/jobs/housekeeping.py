"""Jobs that forget what need not be kept."""

from __future__ import annotations

from webapp import context
from webapp.api import idempotency
from webapp.identity.attempts import forget_ended
from webapp.identity.logins import forget_ended_logins
from webapp.jobs import job
from webapp.transaction import writing


@job(queue="outbox")
def sweep_idempotency_keys() -> None:
    """Forget answers kept for more than a day."""
    with writing() as session:
        idempotency.sweep(session, clock=context.clock())


@job(queue="outbox")
def sweep_logins() -> None:
    """Forget logins that ended long ago, and failures whose window is over."""
    with writing() as session:
        forget_ended(session, context.clock().now())
        forget_ended_logins(session, clock=context.clock())
