"""Jobs that forget what need not be kept."""

from __future__ import annotations

from datetime import timedelta

from webapp import context
from webapp.api import idempotency
from webapp.identity.attempts import forget_ended
from webapp.identity.devices import forget_old_devices
from webapp.identity.logins import forget_ended_logins
from webapp.jobs import job
from webapp.transaction import reading, writing
from workflows.cases.assignment.emptied import queue_review_of_ended
from workflows.cases.documents import addresses_in_use
from workflows.cases.materials.drafts import forget_old_drafts

UNUSED_FOR = timedelta(days=1)
"""Far longer than a request lasts: bytes are stored before the paper that refers to them is committed."""


@job(queue="outbox")
def sweep_idempotency_keys() -> None:
    """Forget answers kept for more than a day."""
    with writing() as session:
        idempotency.sweep(session, clock=context.clock())


@job(queue="outbox")
def sweep_posts() -> None:
    """Have the work looked at that waits for posts whose holders' appointments have run out."""
    with writing() as session:
        queue_review_of_ended(session, clock=context.clock())


@job(queue="outbox")
def sweep_logins() -> None:
    """Forget logins that ended long ago, failures whose window is over, and browsers not seen for long."""
    with writing() as session:
        forget_ended(session, context.clock().now())
        forget_ended_logins(session, clock=context.clock())
        forget_old_devices(session, context.clock().now())


@job(queue="outbox")
def sweep_attachments() -> None:
    """Remove files that no paper refers to, such as those of refused uploads; each hour a sixteenth of the store."""
    now = context.clock().now()
    store, first = context.store(), f"{now.hour % 16:x}"
    old = store.old(first, now - UNUSED_FOR)
    if old:
        # Asked after looking: a paper committed in between is seen, one still to come has put its file anew.
        in_use = addresses_in_use(reading(), first)
        store.forget(set(old) - in_use, now - UNUSED_FOR)
        store.keep(set(old) & in_use)
    store.forget_drafts(now - UNUSED_FOR)


@job(queue="outbox")
def sweep_drafts() -> None:
    """Throw away applications that nobody has gone on with for long."""
    with writing() as session:
        forget_old_drafts(session, clock=context.clock())
