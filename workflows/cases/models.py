"""The aggregate: a case, its form, its human tasks, its papers. One lock, on the root case's row, covers them all."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Boolean, ForeignKey, Index, Integer, LargeBinary, String, Text, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column

from workflows.persistence import Base, BigKey, Compressed, JsonText, UtcDateTime


class CaseStatus(StrEnum):
    """办件状态, as the glossary has them."""

    SUBMITTED = "submitted"
    ACCEPTED = "accepted"
    WAITING_FOR_SUPPLEMENT = "waiting_for_supplement"
    IN_PROGRESS = "in_progress"
    SUSPENDED = "suspended"
    TERMINATED = "terminated"
    CLOSED = "closed"
    ARCHIVED = "archived"


ENDED = frozenset({CaseStatus.TERMINATED, CaseStatus.CLOSED, CaseStatus.ARCHIVED})


class TaskStatus(StrEnum):
    """任务状态."""

    CREATED = "created"
    """In the agency's inbox, waiting for receipt."""
    READY = "ready"
    RESERVED = "reserved"
    COMPLETED = "completed"
    EXITED = "exited"


OPEN = frozenset({TaskStatus.CREATED, TaskStatus.READY, TaskStatus.RESERVED})


class TaskRole(StrEnum):
    """In what part the agency does the task."""

    LEAD = "lead"
    SUPPORT = "support"
    PARTICIPANT = "participant"
    APPLICANT = "applicant"
    CC = "cc"


class Case(Base):
    """One handling of an application.

    A child case (one issuer of a joint bond, say) has a number, a status and an outcome of its own; its steps run
    inside its parent's process, so it has no engine state and shares the parent's lock.
    """

    __tablename__ = "case"
    __table_args__ = (
        UniqueConstraint("parent_id", "child_index"),
        Index("ix_case_applicant_agency_id_id", "applicant_agency_id", "id"),
        Index("ix_case_opened_by_agency_id_id", "opened_by_agency_id", "id"),
        Index("ix_case_measure_no_id", "measure_no", "id"),
        Index(
            "ix_case_suspended",
            "id",
            sqlite_where=text("status = 'suspended'"),
            postgresql_where=text("status = 'suspended'"),
        ),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    no: Mapped[str] = mapped_column(String(60), unique=True)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("case.id"))
    root_id: Mapped[int | None] = mapped_column(ForeignKey("case.id"), index=True)
    child_index: Mapped[int | None] = mapped_column(Integer)
    process_version_id: Mapped[int] = mapped_column(ForeignKey("process_version.id"))
    measure_no: Mapped[str] = mapped_column(String(10))
    title: Mapped[str] = mapped_column(String(300))
    applicant_name: Mapped[str] = mapped_column(String(200))
    applicant_uscc: Mapped[str | None] = mapped_column(String(18), index=True)
    applicant_agency_id: Mapped[int | None] = mapped_column(ForeignKey("agency.id"))
    opened_by_person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    opened_by_agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"))
    status: Mapped[str] = mapped_column(String(24))
    outcome: Mapped[str | None] = mapped_column(String(40))
    rev: Mapped[int] = mapped_column(Integer, default=0)
    state: Mapped[bytes | None] = mapped_column(LargeBinary)
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    accepted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    suspended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    waiting_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Since when nothing but steps that stop the clock (`clock="pause"`) is open."""
    limit_days: Mapped[int | None] = mapped_column(Integer)
    """The limit of the whole case in working days, from acceptance on, if its process declares one."""
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    calendar_version: Mapped[int | None] = mapped_column(Integer)
    overdue_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When it was noted that the limit of the whole case had run out."""
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class CaseForm(Base):
    """The application as it stood from some moment on: a correction adds a row, so earlier figures stay readable."""

    __tablename__ = "case_form"

    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    data: Mapped[Any] = mapped_column(JsonText)
    saved_at: Mapped[datetime] = mapped_column(UtcDateTime)
    saved_by_person_id: Mapped[int] = mapped_column(BigKey)


class CaseSnapshot(Base):
    """The engine state before a return or a migration, to go back to."""

    __tablename__ = "case_snapshot"

    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"), primary_key=True)
    rev: Mapped[int] = mapped_column(Integer, primary_key=True)
    process_version_id: Mapped[int] = mapped_column(ForeignKey("process_version.id"))
    reason: Mapped[str] = mapped_column(String(40))
    state: Mapped[bytes] = mapped_column(LargeBinary)
    taken_at: Mapped[datetime] = mapped_column(UtcDateTime)


class HumanTask(Base):
    """One step, given to one agency.

    It belongs to the agency's post until a person claims it. `queue_at` is `due_at`, or the end of time where there is
    no limit, so that the queues sort by one index.
    """

    __tablename__ = "human_task"
    __table_args__ = (
        Index("ix_human_task_case_id", "case_id"),
        Index("ix_human_task_root_id_token", "root_id", "token"),
        # One index for each status: SQLite uses a partial index only for the very condition it was made with.
        Index(
            "ix_human_task_available",
            "agency_id",
            "post_kind",
            "queue_at",
            "id",
            sqlite_where=text("status = 'ready'"),
            postgresql_where=text("status = 'ready'"),
        ),
        Index(
            "ix_human_task_inbox",
            "agency_id",
            "queue_at",
            "id",
            sqlite_where=text("status = 'created'"),
            postgresql_where=text("status = 'created'"),
        ),
        Index(
            "ix_human_task_mine",
            "assignee_post_id",
            "assignee_person_id",
            "queue_at",
            "id",
            sqlite_where=text("status = 'reserved'"),
            postgresql_where=text("status = 'reserved'"),
        ),
        Index(
            "ix_human_task_done",
            "completed_by_person_id",
            "completed_at",
            "id",
            sqlite_where=text("status = 'completed'"),
            postgresql_where=text("status = 'completed'"),
        ),
        Index(
            "ix_human_task_delegated",
            "owner_post_id",
            "owner_person_id",
            "queue_at",
            "id",
            sqlite_where=text("owner_person_id IS NOT NULL"),
            postgresql_where=text("owner_person_id IS NOT NULL"),
        ),
        Index("ix_human_task_agency_case", "agency_id", "root_id"),
        Index(
            "ix_human_task_held",
            "agency_id",
            "root_id",
            "case_id",
            sqlite_where=text("status IN ('created', 'ready', 'reserved')"),
            postgresql_where=text("status IN ('created', 'ready', 'reserved')"),
        ),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"))
    root_id: Mapped[int] = mapped_column(ForeignKey("case.id"))
    token: Mapped[str] = mapped_column(String(24))
    instance: Mapped[int | None] = mapped_column(Integer)
    """Which instance of the innermost multi-instance around it, from 0; None outside of any."""
    node_id: Mapped[str] = mapped_column(String(100))
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"))
    post_kind: Mapped[str] = mapped_column(String(20))
    role: Mapped[str] = mapped_column(String(12))
    status: Mapped[str] = mapped_column(String(12))
    row_version: Mapped[int] = mapped_column(Integer, default=1)
    from_agency_id: Mapped[int | None] = mapped_column(BigKey)
    assignee_person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    assignee_post_id: Mapped[int | None] = mapped_column(ForeignKey("post.id"))
    owner_person_id: Mapped[int | None] = mapped_column(BigKey)
    owner_post_id: Mapped[int | None] = mapped_column(BigKey)
    """Who has delegated it: the assignee does a part and hands it back to them."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    received_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    claimed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    limit_days: Mapped[int | None] = mapped_column(Integer)
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    calendar_version: Mapped[int | None] = mapped_column(Integer)
    queue_at: Mapped[datetime] = mapped_column(UtcDateTime)
    overdue_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When it was noted that its limit had run out; the mark stays with the agency."""
    added_signer: Mapped[bool] = mapped_column(Boolean, default=False)
    has_incident: Mapped[bool] = mapped_column(Boolean, default=False)
    """An incident was opened for it at some time."""
    completed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    completed_by_person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    completed_by_post_id: Mapped[int | None] = mapped_column(ForeignKey("post.id"))
    completed_for_person_id: Mapped[int | None] = mapped_column(BigKey)
    """Whose work it was, where somebody stood in for them."""
    decision: Mapped[str | None] = mapped_column(String(40))
    opinion: Mapped[str | None] = mapped_column(Text)
    data: Mapped[Any] = mapped_column(JsonText, nullable=True)
    voided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """The case went back behind this decision: it is shown, and counts no more."""
    void_reason: Mapped[str | None] = mapped_column(String(24))
    """Why it counts no more: one of `workflows.cases.opinions.voiding.VoidReason`."""
    rule: Mapped[Any] = mapped_column(JsonText, nullable=True)
    """Which rule acted when nobody could be offered the step: see `workflows.cases.assignment.rules.RuleActed`."""


class CaseDocument(Base):
    """A paper of a case; its bytes lie in the storage adapter under their hash.

    On a line of the checklist it is one version of one of the line's files; the newest version counts, none is ever
    removed.
    """

    __tablename__ = "case_document"
    __table_args__ = (
        Index("ix_case_document_sha256", "sha256"),
        Index("ix_case_document_added_by_post_id_added_at", "added_by_post_id", "added_at"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"), index=True)
    kind: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(200))
    media_type: Mapped[str] = mapped_column(String(100))
    size: Mapped[int] = mapped_column(BigKey)
    sha256: Mapped[str] = mapped_column(String(64))
    added_at: Mapped[datetime] = mapped_column(UtcDateTime)
    added_by_person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    added_by_post_id: Mapped[int] = mapped_column(ForeignKey("post.id"))
    item: Mapped[str | None] = mapped_column(String(40))
    """The line of the checklist it belongs to."""
    subject: Mapped[str | None] = mapped_column(String(40))
    """Which row of the application it is about, where the line is asked for each, such as a credit code."""
    file_no: Mapped[int] = mapped_column(Integer, default=1, server_default="1")
    version: Mapped[int] = mapped_column(Integer, default=1, server_default="1")
    internal: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    """Officers' own: applicants do not see it."""


class Incident(Base):
    """A case the engine could not move: what was tried, so that a person can try it again once the cause is gone."""

    __tablename__ = "incident"

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"), index=True)
    task_id: Mapped[int | None] = mapped_column(ForeignKey("human_task.id"))
    node_id: Mapped[str | None] = mapped_column(String(100))
    cause: Mapped[str] = mapped_column(Text)
    attempt: Mapped[Any] = mapped_column(JsonText)
    actor_person_id: Mapped[int | None] = mapped_column(BigKey)
    actor_post_id: Mapped[int | None] = mapped_column(BigKey)
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    resolved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    resolved_by_person_id: Mapped[int | None] = mapped_column(BigKey)


class CaseArchive(Base):
    """What was frozen when the case closed, whole, with its hash."""

    __tablename__ = "case_archive"

    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"), primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64))
    content: Mapped[bytes] = mapped_column(Compressed)
    retention: Mapped[str] = mapped_column(String(12))
    archived_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Notice(Base):
    """An official document told to the applicant: acceptance, supplement, refusal, completion.

    `facts` are what came with the act, `content` is all that the document states, fixed when it was issued. Its row is
    its line in the issuer's register; a number that was voided stays there and is never given again.
    """

    __tablename__ = "notice"
    __table_args__ = (
        UniqueConstraint("case_id", "kind", "number"),
        UniqueConstraint("issuer_agency_id", "register_year", "register_number"),
        Index(
            "ix_notice_unmade",
            "id",
            sqlite_where=text("paper_id IS NULL"),
            postgresql_where=text("paper_id IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"))
    kind: Mapped[str] = mapped_column(String(24))
    number: Mapped[int] = mapped_column(Integer)
    to_agency_id: Mapped[int | None] = mapped_column(ForeignKey("agency.id"), index=True)
    facts: Mapped[Any] = mapped_column(JsonText)
    issued_at: Mapped[datetime] = mapped_column(UtcDateTime)
    read_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    issuer_agency_id: Mapped[int | None] = mapped_column(ForeignKey("agency.id"))
    register_year: Mapped[int | None] = mapped_column(Integer)
    register_number: Mapped[int | None] = mapped_column(Integer)
    document_no: Mapped[str | None] = mapped_column(String(60), unique=True)
    content: Mapped[Any] = mapped_column(JsonText, nullable=True)
    paper_id: Mapped[int | None] = mapped_column(ForeignKey("made_paper.id"))
    voided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    voided_by_person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    void_reason: Mapped[str | None] = mapped_column(Text)


class CaseSuccession(Base):
    """An agency has taken on the work of another in a family of cases under way: it sees what that one saw there."""

    __tablename__ = "case_succession"
    __table_args__ = (Index("ix_case_succession_root_id", "root_id"),)

    to_agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"), primary_key=True)
    root_id: Mapped[int] = mapped_column(ForeignKey("case.id"), primary_key=True)
    from_agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"), primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class CaseNumber(Base):
    """The last number given in a register: one per prefix and year."""

    __tablename__ = "case_number"

    prefix: Mapped[str] = mapped_column(String(20), primary_key=True)
    year: Mapped[int] = mapped_column(Integer, primary_key=True)
    last: Mapped[int] = mapped_column(Integer)
