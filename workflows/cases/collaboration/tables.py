"""Tables of what people tell each other about cases."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from workflows.persistence import Base, BigKey, JsonText, UtcDateTime


class Notification(Base):
    """Something one person should know; it is theirs alone.

    `facts` are ids and figures the sentence needs; the words are the page's.
    """

    __tablename__ = "notification"
    __table_args__ = (
        Index("ix_notification_person_id_id", "person_id", "id"),
        Index(
            "ix_notification_unread",
            "person_id",
            "id",
            sqlite_where=text("read_at IS NULL"),
            postgresql_where=text("read_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    kind: Mapped[str] = mapped_column(String(24))
    case_id: Mapped[int | None] = mapped_column(ForeignKey("case.id"))
    task_id: Mapped[int | None] = mapped_column(ForeignKey("human_task.id"))
    facts: Mapped[Any] = mapped_column(JsonText)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    read_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class TaskPart(Base):
    """A task delegated to a colleague (委派): what was asked, and what came back."""

    __tablename__ = "task_part"
    __table_args__ = (Index("ix_task_part_task_id_id", "task_id", "id"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    task_id: Mapped[int] = mapped_column(ForeignKey("human_task.id"))
    owner_person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    owner_post_id: Mapped[int] = mapped_column(ForeignKey("post.id"))
    delegate_person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    delegate_post_id: Mapped[int] = mapped_column(ForeignKey("post.id"))
    reason: Mapped[str] = mapped_column(Text)
    delegated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    handed_back_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    handed_back_by_person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    """Who did the part: the delegate, or whoever stood in for them."""
    taken_back_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    note: Mapped[str | None] = mapped_column(Text)
    decision: Mapped[str | None] = mapped_column(String(40))
    opinion: Mapped[str | None] = mapped_column(Text)
    data: Mapped[Any] = mapped_column(JsonText, nullable=True)


class Urging(Base):
    """A reminder of a task: one a day from each person."""

    __tablename__ = "urging"
    __table_args__ = (UniqueConstraint("task_id", "person_id", "urged_on"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    task_id: Mapped[int] = mapped_column(ForeignKey("human_task.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    urged_on: Mapped[date]
    urged_at: Mapped[datetime] = mapped_column(UtcDateTime)
    reason: Mapped[str] = mapped_column(Text)


class CaseCopy(Base):
    """A case shown to an agency, or to one person of it, for information (抄送), with the receipt.

    It lets them read the case and do nothing; once withdrawn it lets them no more.
    """

    __tablename__ = "case_copy"
    __table_args__ = (
        Index("ix_case_copy_agency_id_id", "agency_id", "id"),
        Index("ix_case_copy_case_id", "case_id"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"))
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    """The one it is for; NULL is the whole agency."""
    note: Mapped[str | None] = mapped_column(Text)
    sent_at: Mapped[datetime] = mapped_column(UtcDateTime)
    sent_by_person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    sent_by_agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"))
    acknowledged_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    acknowledged_by_person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
