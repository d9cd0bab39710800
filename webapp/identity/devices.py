"""Browsers from which somebody has signed in before.

Anybody can type wrong passwords for a name, and so keep it locked. Such a stranger locks the name for browsers that
nobody knows; one that its owner has signed in from counts its failures apart, and lets the owner in.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from webapp.identity.attempts import username_key
from webapp.identity.models import KnownDevice

REMEMBERED_FOR = timedelta(days=180)
"""A browser not signed in from for so long is a stranger again."""
KEY_BYTES = 24
LONGEST_KEY = 100


def counted_under(session: Session, username: str, person_id: int | None, device: str | None, now: datetime) -> str:
    """Return the key under which failures are counted: the browser's where the person is known in it, else the name's.

    Args:
        session: only read; asked in the same way whether or not there is such a person.
        username: as typed.
        person_id: who has that name, None for nobody.
        device: what the browser's cookie holds.
        now: tells whether the browser is still known.
    """
    hashed = _hash(device)
    known = select(KnownDevice.id).where(
        KnownDevice.key_hash == hashed,
        KnownDevice.person_id == (person_id or 0),
        KnownDevice.used_at > now - REMEMBERED_FOR,
    )
    if session.scalar(known) is None:
        return username_key(username)
    return hashlib.sha256(f"device {hashed} {person_id}".encode()).hexdigest()


def remember(session: Session, device: str | None, person_id: int, now: datetime) -> str:
    """Know the browser from now on; return what its cookie is to hold.

    The key is new each time, so that one planted in somebody's browser, or copied from it, is worth nothing after.
    Others who use the same browser stay known in it.
    """
    fresh = secrets.token_urlsafe(KEY_BYTES)
    hashed = _hash(fresh)
    if device is not None:
        session.execute(update(KnownDevice).where(KnownDevice.key_hash == _hash(device)).values(key_hash=hashed))
    known = update(KnownDevice).where(KnownDevice.key_hash == hashed, KnownDevice.person_id == person_id)
    if session.execute(known.values(used_at=now).returning(KnownDevice.id)).first() is None:
        session.add(KnownDevice(key_hash=hashed, person_id=person_id, used_at=now))
        session.flush()
    return fresh


def forget_devices(session: Session, person_id: int, *, but: str | None = None) -> None:
    """Know the person in no browser any more, save the one whose cookie holds `but`."""
    others = (KnownDevice.person_id == person_id, KnownDevice.key_hash != _hash(but))
    session.execute(delete(KnownDevice).where(*others))


def forget_old_devices(session: Session, now: datetime) -> int:
    """Drop browsers not signed in from for long; return how many. For a sweep."""
    old = delete(KnownDevice).where(KnownDevice.used_at <= now - REMEMBERED_FOR)
    return len(session.execute(old.returning(KnownDevice.id)).all())


def _hash(device: str | None) -> str:
    return hashlib.sha256((device or "")[:LONGEST_KEY].encode("utf-8", "surrogatepass")).hexdigest()
