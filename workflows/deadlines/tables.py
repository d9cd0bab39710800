"""The versioned working calendar, the due timers and the pauses of clocks as rows.

A loaded calendar version is never changed; a later notice is a later version. A pause is never changed either: that it
ended is a row of its own.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, Text, text
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
    CASE_EXPIRY = "case-expiry"
    """The limit of a whole case runs out."""
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
    """The engine's token, for timers of the diagram and of tasks."""
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    fired_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    cancelled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class PauseKind(StrEnum):
    """Why a clock stands still; stored, so never renamed."""

    SUPPLEMENT = "supplement"
    """补正: the applicant is asked for more."""
    OUTSIDE = "outside"
    """A decision outside the city's government is waited for, such as the province's."""
    SUSPENDED = "suspended"
    """中止: the only pause that stops the clocks of tasks too."""


class ClockPause(Base):
    """The clocks of a case began to stand still."""

    __tablename__ = "clock_pause"

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"), index=True)
    """The root case: its lock covers its clocks."""
    kind: Mapped[str] = mapped_column(String(12))
    node_id: Mapped[str | None] = mapped_column(String(100))
    """The step waited for; none where the case was suspended."""
    reason: Mapped[str | None] = mapped_column(Text)
    began_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ClockPauseEnd(Base):
    """The clocks of a case went on."""

    __tablename__ = "clock_pause_end"

    pause_id: Mapped[int] = mapped_column(ForeignKey("clock_pause.id"), primary_key=True)
    ended_at: Mapped[datetime] = mapped_column(UtcDateTime)


APPEND_ONLY_DDL = {
    "sqlite": tuple(
        f"CREATE TRIGGER {table}_no_{act.lower()} BEFORE {act} ON {table} "
        "BEGIN SELECT RAISE(ABORT, 'pauses are append-only'); END"
        for table in ("clock_pause", "clock_pause_end")
        for act in ("UPDATE", "DELETE")
    ),
    "postgresql": (
        "CREATE FUNCTION clock_pause_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'pauses are append-only'; END $$",
        *(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION clock_pause_append_only()"
            for table in ("clock_pause", "clock_pause_end")
        ),
    ),
}
"""Executed by the migration, per dialect: a stored pause cannot be changed, whoever asks."""
