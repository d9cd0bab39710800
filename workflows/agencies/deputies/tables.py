"""Tables of who stands in for whom. Dates are first and last day, both included."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from workflows.persistence import Base, UtcDateTime


class Delegation(Base):
    """委托: for some days somebody else does what a person does in a post; ended early, it holds no more."""

    __tablename__ = "delegation"
    __table_args__ = (
        CheckConstraint("to_on >= from_on", name="days_in_order"),
        CheckConstraint("deputy_id <> principal_id", name="two_people"),
        Index("ix_delegation_deputy_id_to_on", "deputy_id", "to_on"),
        Index("ix_delegation_principal_id_to_on", "principal_id", "to_on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    post_id: Mapped[int] = mapped_column(ForeignKey("post.id"))
    principal_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    deputy_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    from_on: Mapped[date]
    to_on: Mapped[date]
    scope: Mapped[str] = mapped_column(String(40))
    """`all`, or `measure:<no>`."""
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


class Absence(Base):
    """A person is away for some days; the B角 of their posts act meanwhile."""

    __tablename__ = "absence"
    __table_args__ = (
        CheckConstraint("to_on >= from_on", name="days_in_order"),
        Index("ix_absence_person_id_to_on", "person_id", "to_on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    from_on: Mapped[date]
    to_on: Mapped[date]
    reason: Mapped[str] = mapped_column(String(200))
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    recorded_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class PostBackup(Base):
    """The B角 of a post: who may act in it while its holder is away."""

    __tablename__ = "post_backup"
    __table_args__ = (
        UniqueConstraint("post_id", "person_id", "from_on"),
        CheckConstraint("to_on IS NULL OR to_on >= from_on", name="days_in_order"),
        Index("ix_post_backup_person_id", "person_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    post_id: Mapped[int] = mapped_column(ForeignKey("post.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    from_on: Mapped[date]
    to_on: Mapped[date | None]
    named_at: Mapped[datetime] = mapped_column(UtcDateTime)
    named_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
