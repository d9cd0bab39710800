"""Table of what holds in this deployment where a diagram does not say what follows."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from workflows.persistence import Base, UtcDateTime

_RULES = "('refuse', 'pass_with_record', 'next_superior')"


class AssignmentDefault(Base):
    """One version of the deployment's own rules; only ever added to, the highest number holds."""

    __tablename__ = "assignment_default"
    __table_args__ = (
        CheckConstraint(f"nobody IN {_RULES}", name="nobody_known"),
        CheckConstraint(f"same_person IN {_RULES}", name="same_person_known"),
        CheckConstraint(f"applicant IN {_RULES}", name="applicant_known"),
    )

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    nobody: Mapped[str] = mapped_column(String(20))
    same_person: Mapped[str] = mapped_column(String(20))
    applicant: Mapped[str] = mapped_column(String(20))
    note: Mapped[str] = mapped_column(String(200))
    set_at: Mapped[datetime] = mapped_column(UtcDateTime)
    set_by_person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
