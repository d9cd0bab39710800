"""Queueing side effects with the transaction, and draining them after it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.clock import Clock
from workflows.outbox.models import Outbox

Handler = Callable[[Session, Mapping[str, Any], Clock], None]
"""Takes the session, the payload and the clock; runs inside a savepoint; must bear being run twice."""

WROTE = "outbox_written"
"""Key in `Session.info`: this transaction queued something, so its commit should wake a worker."""

MAX_BACK_OFF = timedelta(minutes=30)


def enqueue(
    session: Session,
    *,
    topic: str,
    key: str,
    payload: Mapping[str, Any],
    clock: Clock,
    not_before: datetime | None = None,
) -> None:
    """Queue a side effect to happen after `session` commits.

    Args:
        session: the transaction.
        topic: names the handler.
        key: idempotency key, unique for ever; a second effect with the same key violates the constraint.
        payload: JSON values, ids rather than contents.
        clock: tells when.
        not_before: the instant before which it must not happen, aware; None for at once.
    """
    at = max(clock.now(), not_before or clock.now())
    session.add(Outbox(topic=topic, idempotency_key=key, payload=dict(payload), available_at=at, attempts=0))
    wake(session)


def wake(session: Session) -> None:
    """Have a worker look for work once `session` has committed."""
    session.info[WROTE] = True


def drain(session: Session, handlers: Mapping[str, Handler], *, clock: Clock, limit: int = 20) -> int:
    """Take up to `limit` due rows, run their handlers, mark them done; the caller commits.

    A handler that fails has its savepoint rolled back and its row put off, doubling from 5 s to 30 min; it is never
    dropped. Rows that another worker holds are skipped.

    Returns:
        How many rows were taken; 0 means there is nothing due.
    """
    now = clock.now()
    rows = session.scalars(
        select(Outbox)
        .where(Outbox.done_at.is_(None), Outbox.available_at <= now)
        .order_by(Outbox.available_at, Outbox.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    for row in rows:
        row.attempts += 1
        try:
            with session.begin_nested():
                handlers[row.topic](session, row.payload, clock)
            row.done_at = clock.now()
        except Exception as error:  # one bad row must not hold up the rest
            row.last_error = f"{type(error).__name__}: {error}"[:2000]
            row.available_at = now + min(timedelta(seconds=5 * 2 ** min(row.attempts - 1, 12)), MAX_BACK_OFF)
    session.flush()
    return len(rows)
