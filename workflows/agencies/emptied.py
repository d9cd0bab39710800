"""Work may wait for a post whose holder has left: after the commit the worker looks whether anybody can still do it."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows import outbox
from workflows.agencies.models import Appointment, Post
from workflows.clock import Clock, office_date
from workflows.outbox.models import Outbox

REVIEW_TOPIC = "assignment.review"
LOOKS_BACK = timedelta(days=31)
"""How long after its last day an appointment that simply ran out is still looked for, should no worker have run."""


def queue_review(session: Session, post: Post, *, why: str, clock: Clock) -> None:
    """Have the work that waits for a kind of post in an agency looked at.

    Args:
        session: the transaction.
        post: a post whose holders have changed.
        why: makes the key: one reason is looked at once.
        clock: tells when.
    """
    payload = {"agency_id": post.agency_id, "post_kind": post.kind.value}
    outbox.enqueue(session, topic=REVIEW_TOPIC, key=f"{REVIEW_TOPIC}:{why}", payload=payload, clock=clock)


def queue_review_of_ended(session: Session, *, clock: Clock) -> int:
    """Queue a review for each appointment that ran out lately, once; return how many."""
    today = office_date(clock.now())
    ended = session.execute(
        select(Appointment.id, Post)
        .join(Post, Post.id == Appointment.post_id)
        .where(Appointment.to_on < today, Appointment.to_on >= today - LOOKS_BACK, Appointment.ended_at.is_(None))
    ).all()
    keys = {f"ran-out:{appointment_id}": post for appointment_id, post in ended}
    known = set(
        session.scalars(
            select(Outbox.idempotency_key).where(Outbox.idempotency_key.in_([f"{REVIEW_TOPIC}:{key}" for key in keys]))
        )
    )
    wanted = {key: post for key, post in keys.items() if f"{REVIEW_TOPIC}:{key}" not in known}
    for key, post in wanted.items():
        queue_review(session, post, why=key, clock=clock)
    return len(wanted)
