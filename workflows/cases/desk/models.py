"""The tables of a desk: each row is one person's own."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from workflows.persistence import Base, BigKey, JsonText, UtcDateTime


class TaskDraft(Base):
    """What a person has filled in for a task and not submitted; `row_version` is the task's when they wrote it."""

    __tablename__ = "task_draft"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    task_id: Mapped[int] = mapped_column(ForeignKey("human_task.id"), primary_key=True)
    decision: Mapped[str] = mapped_column(String(40))
    opinion: Mapped[str] = mapped_column(Text)
    data: Mapped[Any] = mapped_column(JsonText)
    row_version: Mapped[int] = mapped_column(Integer)
    saved_at: Mapped[datetime] = mapped_column(UtcDateTime)


class TaskSeen(Base):
    """A task that a person has opened; in their queues the others are marked as unread."""

    __tablename__ = "task_seen"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    task_id: Mapped[int] = mapped_column(ForeignKey("human_task.id"), primary_key=True)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)


class SavedView(Base):
    """A queue with its filters, under a name of one's own."""

    __tablename__ = "saved_view"
    __table_args__ = (UniqueConstraint("person_id", "name"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    name: Mapped[str] = mapped_column(String(40))
    query: Mapped[str] = mapped_column(String(500))
    saved_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Phrase(Base):
    """A sentence that a person often writes in opinions; `decision` is empty where it suits any."""

    __tablename__ = "phrase"
    __table_args__ = (UniqueConstraint("person_id", "decision", "text"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    decision: Mapped[str] = mapped_column(String(40))
    text: Mapped[str] = mapped_column(String(200))
    added_at: Mapped[datetime] = mapped_column(UtcDateTime)
