"""Answers kept for a day, so that a client that did not hear one may ask again without doing it twice."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, SmallInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from workflows.persistence import Base, Compressed, UtcDateTime


class IdempotencyKey(Base):
    """One POST that was carried out under a key of the client's.

    The row is written first and completed last, in the transaction of the change itself: a second request with the key
    waits for the first, and finds either the answer or nothing at all.
    """

    __tablename__ = "idempotency_key"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    call: Mapped[str] = mapped_column(String(300))
    """Method, path and acting post."""
    body_sha256: Mapped[bytes] = mapped_column(LargeBinary(32))
    status: Mapped[int] = mapped_column(SmallInteger)
    location: Mapped[str | None] = mapped_column(String(300))
    answer: Mapped[bytes] = mapped_column(Compressed)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
