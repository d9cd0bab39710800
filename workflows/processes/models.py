"""Process definitions and their versions; a published version never changes."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Integer, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from workflows.persistence import Base, BigKey, Compressed, JsonText, UtcDateTime


class VersionStatus(StrEnum):
    """Where a version stands on its way from draft to use."""

    DRAFT = "draft"
    REQUESTED = "requested"
    PUBLISHED = "published"
    RETIRED = "retired"


class ProcessDefinition(Base):
    """One chain, with all its versions."""

    __tablename__ = "process_definition"

    key: Mapped[str] = mapped_column(String(60), primary_key=True)
    name_zh: Mapped[str] = mapped_column(String(200))
    name_en: Mapped[str] = mapped_column(String(200))
    case_type: Mapped[str] = mapped_column(String(20))
    measure_no: Mapped[str] = mapped_column(String(10))
    case_prefix: Mapped[str] = mapped_column(String(20))


class ProcessVersion(Base):
    """What a case runs on: sources (diagrams and forms) and the compiled spec, addressed by their hash.

    Publishing takes two persons: whoever asks for it does not approve it.
    """

    __tablename__ = "process_version"
    __table_args__ = (
        UniqueConstraint("key", "number"),
        CheckConstraint("approved_by IS NULL OR requested_by IS NULL OR approved_by <> requested_by", "two_persons"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    key: Mapped[str] = mapped_column(ForeignKey("process_definition.key"))
    number: Mapped[int | None] = mapped_column(Integer)
    status: Mapped[str] = mapped_column(String(20))
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    sources: Mapped[bytes] = mapped_column(Compressed)
    spec: Mapped[bytes | None] = mapped_column(LargeBinary)
    findings: Mapped[Any] = mapped_column(JsonText, default=list)
    drafted_by: Mapped[int | None] = mapped_column(BigKey)
    requested_by: Mapped[int | None] = mapped_column(BigKey)
    approved_by: Mapped[int | None] = mapped_column(BigKey)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    published_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
