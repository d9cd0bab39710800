"""Counts failures against a name, so that at most a few guesses per window are answered.

The count is one row per name and is changed by one statement, which both waits for rivals and decides: of ten guesses
at once exactly the first five are answered. Names nobody has are counted alike: a lock-out gives nothing away.
"""

from __future__ import annotations

import hashlib
import unicodedata
from datetime import datetime, timedelta

from sqlalchemy import case, delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from webapp.identity.models import LoginAttempt

MAX_FAILURES = 5
WINDOW = timedelta(minutes=15)
"""Failures are counted for so long from the first; the last one allowed locks for so long."""


def fold_username(username: str) -> str:
    """Return the form in which names are compared: full-width letters, capitals and outer blanks do not matter."""
    return unicodedata.normalize("NFKC", username).casefold().strip()


def username_key(username: str) -> str:
    """Return the key under which failures against `username` are counted."""
    return hashlib.sha256(fold_username(username).encode("utf-8", "surrogatepass")).hexdigest()


def locked_until(session: Session, key: str, now: datetime) -> datetime | None:
    """Return when the name may be tried again, or None if it may be now. Only looks."""
    row = session.execute(
        select(LoginAttempt.failures, LoginAttempt.window_ends_at).where(LoginAttempt.username_key == key)
    ).one_or_none()
    if row is None or row.failures < MAX_FAILURES:
        return None
    ends_at: datetime = row.window_ends_at
    return ends_at if ends_at > now else None


def take_try(session: Session, key: str, now: datetime) -> int | None:
    """Use up one try against the name; it counts as a failure until `forget` is called.

    Returns:
        How many tries are left after this one, or None if there was none left to take.
    """
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    over = LoginAttempt.window_ends_at <= now
    restarts = over | (LoginAttempt.failures + 1 >= MAX_FAILURES)
    statement = (
        insert(LoginAttempt)
        .values(username_key=key, failures=1, window_ends_at=now + WINDOW)
        .on_conflict_do_update(
            index_elements=[LoginAttempt.username_key],
            set_={
                "failures": case((over, 1), else_=LoginAttempt.failures + 1),
                "window_ends_at": case((restarts, now + WINDOW), else_=LoginAttempt.window_ends_at),
            },
            where=over | (LoginAttempt.failures < MAX_FAILURES),
        )
        .returning(LoginAttempt.failures)
    )
    failures = session.execute(statement).scalar_one_or_none()
    return None if failures is None else MAX_FAILURES - failures


def forget(session: Session, key: str) -> None:
    """Drop the failures counted against the name: it has just been used rightly."""
    session.execute(delete(LoginAttempt).where(LoginAttempt.username_key == key))


def forget_ended(session: Session, now: datetime) -> int:
    """Drop the counts whose window is over; return how many. For a sweep: guesses at random names leave rows behind."""
    ended = delete(LoginAttempt).where(LoginAttempt.window_ends_at <= now).returning(LoginAttempt.username_key)
    return len(session.execute(ended).all())
