"""Many people at once: threads with sessions of their own, let go at the same instant."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from tests.factories.org import LONG_AGO, agency, make_person, make_post
from webapp.database import begin_write
from workflows.agencies.models import Appointment, Post
from workflows.agencies.posts import load_actor
from workflows.clock import Clock, office_date
from workflows.errors import LianbanError
from workflows.permissions import Actor, PostKind

Act = Callable[[Session], object]
"""Done in a writing transaction of its own; what it returns is kept if it commits."""


class Crowd:
    """As many threads as there are places, each with sessions of its own on one engine.

    What goes wrong on purpose (`LianbanError`) is an answer; anything else fails the test.
    """

    def __init__(self, engine: Engine, size: int) -> None:
        self._engine, self._pool, self._size = engine, ThreadPoolExecutor(size), size

    def close(self) -> None:
        """End the threads."""
        self._pool.shutdown()

    def at_once(self, acts: Sequence[Act]) -> list[object]:
        """Do all acts at the same instant; return for each what it returned, or the error it was refused with."""
        assert len(acts) <= self._size
        barrier = Barrier(len(acts))
        futures = [self._pool.submit(self._do, act, barrier) for act in acts]
        return [future.result(timeout=60) for future in futures]

    def _do(self, act: Act, barrier: Barrier) -> object:
        with Session(self._engine, expire_on_commit=False) as session:
            barrier.wait(30)
            try:
                begin_write(session)
                answer = act(session)
                session.commit()
            except LianbanError as error:
                session.rollback()
                return error
            return answer


def handlers_of(session: Session, code: str, count: int, clock: Clock) -> tuple[Actor, ...]:
    """Return `count` handlers of an agency, appointing as many more as that takes."""
    office = agency(session, code)
    seats = session.scalar(select(func.count()).where(Post.agency_id == office.id, Post.kind == PostKind.HANDLER))
    for seat in range((seats or 0) + 1, count + 1):
        post = make_post(session, office, seat=seat)
        who = make_person(session, clock, f"{code.lower()}.extra{seat}")
        session.add(Appointment(post_id=post.id, person_id=who.id, from_on=LONG_AGO))
    session.flush()
    held = session.execute(
        select(Appointment.person_id, Appointment.post_id)
        .join(Post, Post.id == Appointment.post_id)
        .where(Post.agency_id == office.id, Post.kind == PostKind.HANDLER)
        .order_by(Post.seat)
        .limit(count)
    ).all()
    on = office_date(clock.now())
    actors = tuple(load_actor(session, row.person_id, row.post_id, on) for row in held)
    session.commit()
    return actors
