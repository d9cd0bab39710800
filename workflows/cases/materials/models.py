"""What is known of papers beside the papers themselves: verdicts on lines of the checklist, scans, drafts."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, Integer, String, text
from sqlalchemy.orm import Mapped, mapped_column

from workflows.persistence import Base, BigKey, JsonText, UtcDateTime


class Verdict(StrEnum):
    """What an officer made of a line of the checklist."""

    SENT_BACK = "sent_back"
    UNDONE = "undone"
    """A sending back is taken back."""
    ACCEPTED = "accepted"


class MaterialReview(Base):
    """A verdict on a line of a case's checklist; a later one goes before it, none is changed.

    `seen_document_id` is the newest paper of the line when it was given: papers added since are not judged by it.
    """

    __tablename__ = "material_review"

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    root_id: Mapped[int] = mapped_column(ForeignKey("case.id"), index=True)
    item: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str | None] = mapped_column(String(40))
    verdict: Mapped[str] = mapped_column(String(12))
    problem: Mapped[str | None] = mapped_column(String(300))
    requirement: Mapped[str | None] = mapped_column(String(300))
    seen_document_id: Mapped[int] = mapped_column(BigKey)
    task_id: Mapped[int] = mapped_column(ForeignKey("human_task.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    by_person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    by_post_id: Mapped[int] = mapped_column(ForeignKey("post.id"))
    told_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When the applicant was asked for it: with the decision, not while the officer is still reading."""


class ScanStatus(StrEnum):
    """What the virus scanner says of some bytes."""

    WAITING = "waiting"
    CLEAN = "clean"
    INFECTED = "infected"


class ContentScan(Base):
    """The scanner's word on some bytes, whatever papers consist of them."""

    __tablename__ = "content_scan"
    __table_args__ = (
        Index(
            "ix_content_scan_due_at",
            "due_at",
            sqlite_where=text("due_at IS NOT NULL"),
            postgresql_where=text("due_at IS NOT NULL"),
        ),
    )

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    status: Mapped[str] = mapped_column(String(12))
    signature: Mapped[str | None] = mapped_column(String(200))
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    checked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When it is to be scanned, for the first time or again; None for not at all."""


class ApplicationDraft(Base):
    """An application that is being put together; nobody but its author sees it."""

    __tablename__ = "application_draft"
    __table_args__ = (Index("ix_application_draft_person_id_id", "person_id", "id"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    process_key: Mapped[str] = mapped_column(ForeignKey("process_definition.key"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"))
    data: Mapped[Any] = mapped_column(JsonText)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    case_id: Mapped[int | None] = mapped_column(ForeignKey("case.id"))
    """What it became; from then on it changes no more."""


class DraftPaper(Base):
    """A paper laid to a draft; it becomes a paper of the case with the application."""

    __tablename__ = "draft_paper"
    __table_args__ = (Index("ix_draft_paper_sha256", "sha256"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    draft_id: Mapped[int] = mapped_column(ForeignKey("application_draft.id"), index=True)
    item: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str | None] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(200))
    media_type: Mapped[str] = mapped_column(String(100))
    size: Mapped[int] = mapped_column(BigKey)
    sha256: Mapped[str] = mapped_column(String(64))
    added_at: Mapped[datetime] = mapped_column(UtcDateTime)
