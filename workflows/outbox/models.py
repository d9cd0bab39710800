"""Side effects that wait for their commit, and messages that came in from outside."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, Integer, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from workflows.persistence import Base, BigKey, JsonText, UtcDateTime


class Outbox(Base):
    """Something to do after the commit; done at least once, so handlers go by the idempotency key."""

    __tablename__ = "outbox"
    __table_args__ = (
        Index(
            "ix_outbox_available_at",
            "available_at",
            "id",
            sqlite_where=text("done_at IS NULL"),
            postgresql_where=text("done_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    idempotency_key: Mapped[str] = mapped_column(String(80), unique=True)
    topic: Mapped[str] = mapped_column(String(40))
    payload: Mapped[Any] = mapped_column(JsonText)
    available_at: Mapped[datetime] = mapped_column(UtcDateTime)
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_error: Mapped[str | None] = mapped_column(Text)


class Inbox(Base):
    """A message from an outside system; kept until a case waits for it, taken once."""

    __tablename__ = "inbox"
    __table_args__ = (Index("ix_inbox_case_no_name", "case_no", "name"),)

    message_id: Mapped[str] = mapped_column(String(100), primary_key=True)
    name: Mapped[str] = mapped_column(String(60))
    case_no: Mapped[str] = mapped_column(String(60))
    payload: Mapped[Any] = mapped_column(JsonText)
    sender_post_id: Mapped[int] = mapped_column(BigKey)
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    taken_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    refused: Mapped[str | None] = mapped_column(Text)
