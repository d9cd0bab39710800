"""One commit or one rollback for each request or job: the only place in the program that commits."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from flask import current_app
from sqlalchemy.orm import Session

from webapp.database import begin_write, db
from workflows.outbox import WROTE
from workflows.persistence import forget_answers, keep_answers

WAKE = "lianban.wake"
"""Key in `app.extensions` of the function that wakes the worker; it must neither wait nor raise."""

_WRITING = "lianban.writing"


@contextmanager
def writing(*, patience_ms: int | None = None) -> Iterator[Session]:
    """Run the block as one writing transaction: commit at its end, undo everything if it raises.

    What was read before is read anew inside, since it may have changed. Nothing is tried again by itself. After a
    commit that put rows into the outbox the worker is woken; a worker that cannot be woken finds them in its sweep.

    Args:
        patience_ms: how long to wait for locks, where that is less than usual.

    Raises:
        RuntimeError: another writing transaction is open, or something was changed outside one.
    """
    session = db.session()
    if session.info.get(_WRITING):
        raise RuntimeError("a writing transaction is open already")
    _end_reading(session)
    session.info[_WRITING] = True
    try:
        begin_write(session, patience_ms=patience_ms)
        yield session
        session.commit()
    except BaseException:
        session.rollback()
        session.info.pop(WROTE, None)
        raise
    finally:
        session.info.pop(_WRITING, None)
    if session.info.pop(WROTE, False):
        wake: Callable[[], None] = current_app.extensions[WAKE]
        wake()


def reading() -> Session:
    """Return the session for queries; the request's or the job's end rolls it back."""
    session = db.session()
    if not session.info.get(_WRITING):
        keep_answers(session)
    return session


def _end_reading(session: Session) -> None:
    if session.new or session.dirty or session.deleted:
        raise RuntimeError("something was changed outside a writing transaction")
    forget_answers(session)
    session.rollback()
    # With nothing begun a rollback expires nothing, yet an earlier commit may have left objects behind.
    session.expire_all()
