"""Tables of a policy: its measures, and who is responsible for each line of them.

All pairs of dates are first and last day, both included (see `workflows.agencies.dating`).
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, SmallInteger, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from workflows.agencies.models import stored_as_value
from workflows.persistence import Base


class ResponsibilityKind(StrEnum):
    """What a line asks of an agency: 牵头 or 配合."""

    LEAD = "lead"
    SUPPORT = "support"


class ParticipantSource(StrEnum):
    """Where it is written that an agency takes part in a process."""

    TEXT = "S"
    """The body of the policy says so, outside its responsibility clauses."""
    PRACTICE = "P"
    """Public practice elsewhere."""
    ASSUMPTION = "A"
    """Assumed here; to be confirmed."""


class Policy(Base):
    """A policy document."""

    __tablename__ = "policy"

    id: Mapped[int] = mapped_column(primary_key=True)
    document_number: Mapped[str] = mapped_column(String(40), unique=True)
    title: Mapped[str] = mapped_column(String(200))
    issued_on: Mapped[date]
    source: Mapped[str] = mapped_column(String(200))
    """Who issued it, and where the text was taken from."""


class Measure(Base):
    """A numbered measure of a policy."""

    __tablename__ = "measure"
    __table_args__ = (UniqueConstraint("policy_id", "no"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    policy_id: Mapped[int] = mapped_column(ForeignKey("policy.id"))
    no: Mapped[str] = mapped_column(String(8))
    title: Mapped[str] = mapped_column(String(200))
    section: Mapped[str] = mapped_column(String(200), default="")
    """The heading it stands under, such as （一）充分运用财政手段支持小微企业融资."""
    ordinal: Mapped[int] = mapped_column(SmallInteger)


class ResponsibilityLine(Base):
    """One responsibility clause of a measure: the unit that tasks are routed by."""

    __tablename__ = "responsibility_line"
    __table_args__ = (UniqueConstraint("measure_id", "no", "valid_from"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    measure_id: Mapped[int] = mapped_column(ForeignKey("measure.id"))
    no: Mapped[str] = mapped_column(String(8), index=True)
    """As the measure, with a letter where it has several clauses: `2`, `5a`."""
    title: Mapped[str] = mapped_column(String(200))
    clause: Mapped[str] = mapped_column(Text)
    """The bracket that closes the paragraph, word for word, brackets included."""
    body: Mapped[str] = mapped_column(Text, default="")
    """The paragraph before the bracket, word for word."""
    classes: Mapped[str] = mapped_column(String(8), default="")
    """Letters: A application, B supervised task, C target, D matchmaking, E ranking, F time limit, G enforcement."""
    ordinal: Mapped[int] = mapped_column(SmallInteger)
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]


class Responsibility(Base):
    """An agency, or a group standing for its members, named in a line."""

    __tablename__ = "responsibility"
    __table_args__ = (
        CheckConstraint("(agency_id IS NULL) <> (group_id IS NULL)", name="agency_or_group"),
        UniqueConstraint("line_id", "kind", "agency_id", "valid_from"),
        UniqueConstraint("line_id", "kind", "group_id", "valid_from"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    line_id: Mapped[int] = mapped_column(ForeignKey("responsibility_line.id"), index=True)
    kind: Mapped[ResponsibilityKind] = mapped_column(stored_as_value(ResponsibilityKind))
    ordinal: Mapped[int] = mapped_column(SmallInteger)
    agency_id: Mapped[int | None] = mapped_column(ForeignKey("agency.id"))
    group_id: Mapped[int | None] = mapped_column(ForeignKey("agency_group.id"))
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]


class CaseType(Base):
    """A kind of case that can be handled under a policy, such as CT2 债券融资补助."""

    __tablename__ = "case_type"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(16), unique=True)
    name_zh: Mapped[str] = mapped_column(String(60))
    name_en: Mapped[str] = mapped_column(String(80))
    ordinal: Mapped[int] = mapped_column(SmallInteger)


class LineCaseType(Base):
    """A case type serves a responsibility line."""

    __tablename__ = "responsibility_line_case_type"

    line_id: Mapped[int] = mapped_column(ForeignKey("responsibility_line.id"), primary_key=True)
    case_type_id: Mapped[int] = mapped_column(ForeignKey("case_type.id"), primary_key=True)


class Participant(Base):
    """An agency with a duty in a process that no responsibility clause gives it, such as paying."""

    __tablename__ = "participant"
    __table_args__ = (UniqueConstraint("process_key", "duty", "agency_id", "valid_from"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    process_key: Mapped[str] = mapped_column(String(64))
    duty: Mapped[str] = mapped_column(String(32))
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"))
    source: Mapped[ParticipantSource] = mapped_column(stored_as_value(ParticipantSource, length=1))
    note: Mapped[str] = mapped_column(String(200), default="")
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
