"""Work may wait for a post whose holder has left: after the commit the worker looks whether anybody can still do it."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from workflows import outbox
from workflows.agencies.models import Appointment, Post
from workflows.clock import OFFICE_ZONE, Clock, office_date
from workflows.outbox.models import Outbox

REVIEW_TOPIC = "assignment.review"
LOOKS_BACK = timedelta(days=31)
"""How long after its last day an appointment that simply ran out is still looked for, should no worker have run."""

SETTLED = timedelta(minutes=5)
"""Longer than any transaction may take."""


def queue_review(session: Session, post: Post, *, why: str, clock: Clock, from_on: date | None = None) -> None:
    """Have the work that waits for a kind of post in an agency looked at.

    Args:
        session: the transaction.
        post: a post whose holders have changed.
        why: makes the key: one reason is looked at once.
        clock: tells when.
        from_on: the day the change begins, where it is still to come.
    """
    begins = None if from_on is None else datetime.combine(from_on, time(), OFFICE_ZONE)
    payload = {"agency_id": post.agency_id, "post_kind": post.kind.value}
    key = f"{REVIEW_TOPIC}:{why}"
    outbox.enqueue(session, topic=REVIEW_TOPIC, key=key, payload=payload, clock=clock, not_before=begins)


def queue_review_of_ended(session: Session, *, clock: Clock) -> int:
    """Queue a review for each appointment that ran out or was ended lately, once; return how many.

    One that was ended early had its review at once. It gets a second one when whatever was under way at that moment,
    and may have opened a step for the holder who was leaving, has committed.
    """
    today = office_date(clock.now())
    ran_out = and_(Appointment.to_on < today, Appointment.ended_at.is_(None))
    ended = session.execute(
        select(Appointment.id, Appointment.ended_at, Post)
        .join(Post, Post.id == Appointment.post_id)
        .where(Appointment.to_on >= today - LOOKS_BACK, or_(ran_out, Appointment.ended_at <= clock.now() - SETTLED))
    ).all()
    keys = {f"{'ran-out' if early is None else 'settled'}:{key}": post for key, early, post in ended}
    known = set(
        session.scalars(
            select(Outbox.idempotency_key).where(Outbox.idempotency_key.in_([f"{REVIEW_TOPIC}:{key}" for key in keys]))
        )
    )
    wanted = {key: post for key, post in keys.items() if f"{REVIEW_TOPIC}:{key}" not in known}
    for key, post in wanted.items():
        queue_review(session, post, why=key, clock=clock)
    return len(wanted)
