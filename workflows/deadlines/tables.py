"""The versioned working calendar and the due timers as rows.

A loaded calendar version is never changed; a later notice is a later version.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from workflows.persistence import Base, BigKey, UtcDateTime

_WAITING = text("fired_at IS NULL AND cancelled_at IS NULL")


class CalendarVersion(Base):
    """One loading of notices; deadlines store its number."""

    __tablename__ = "calendar_version"

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(unique=True)
    loaded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    issued_on: Mapped[date | None]
    """The date of the notice; none for the first version, which stands on one notice a year."""
    reference: Mapped[str] = mapped_column(String(80))
    """The notice's 文号, or what stands in for one."""
    note: Mapped[str] = mapped_column(String(200))
    note_en: Mapped[str] = mapped_column(String(200))


class CalendarYear(Base):
    """A year that a version publishes; its days replace those of every earlier version for that year."""

    __tablename__ = "calendar_year"

    version_id: Mapped[int] = mapped_column(ForeignKey("calendar_version.id"), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True)


class CalendarDay(Base):
    """A date named by a notice; a date without a row is worked from Monday to Friday."""

    __tablename__ = "calendar_day"

    version_id: Mapped[int] = mapped_column(ForeignKey("calendar_version.id"), primary_key=True)
    on_date: Mapped[date] = mapped_column(primary_key=True)
    working: Mapped[bool]
    name: Mapped[str] = mapped_column(String(40))
    name_en: Mapped[str] = mapped_column(String(80))


class TimerKind(StrEnum):
    """What is to happen when the instant comes."""

    TASK_EXPIRY = "task-expiry"
    """A task's limit runs out: what follows is the node's `onExpiry`."""
    ENGINE = "engine"
    """A timer event of the diagram."""


class DueTimer(Base):
    """One instant at which something is to happen to a case, once; ended by firing or by cancelling."""

    __tablename__ = "due_timer"
    __table_args__ = (
        Index("ix_due_timer_waiting", "due_at", "id", sqlite_where=_WAITING, postgresql_where=_WAITING),
        Index("ix_due_timer_case_id", "case_id", sqlite_where=_WAITING, postgresql_where=_WAITING),
        Index("ix_due_timer_task_id", "task_id", sqlite_where=_WAITING, postgresql_where=_WAITING),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"))
    task_id: Mapped[int | None] = mapped_column(ForeignKey("human_task.id"))
    kind: Mapped[str] = mapped_column(String(20))
    token: Mapped[str | None] = mapped_column(String(24))
    """The engine's token, for timers of the diagram."""
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    fired_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    cancelled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
