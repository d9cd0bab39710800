"""Papers: those of a case, and the checklist they stand on."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import StringConstraints

from webapp.api.sentences import Language
from webapp.api.v1.content.base import Code, Incoming, Outgoing, name_of
from workflows.cases.paper_views import DocumentRow, MaterialLine, MaterialList

Text300 = Annotated[str, StringConstraints(max_length=300)]


class Document(Outgoing):
    """A paper of a case."""

    id: int
    case_no: str
    kind: str
    name: str
    media_type: str
    size: int
    sha256: str
    added_at: datetime
    added_by: str
    item: str | None
    """The line of the checklist it belongs to."""
    subject: str | None
    """Which row of the application it is about, such as a credit code."""
    file_no: int
    version: int
    internal: bool
    """Officers' own; applicants do not see it."""
    status: str
    """`current`, `replaced`, `held` (not scanned yet) or `blocked` (a virus was found)."""


class DocumentList(Outgoing):
    """The papers of a case in every version, oldest first."""

    items: list[Document]
    next: str | None


class SentBack(Outgoing):
    """Why a line was sent back."""

    problem: str
    requirement: str | None
    at: datetime
    by: str
    told_at: datetime | None
    """When the applicant was asked; null while the officer is still reading."""


class Material(Outgoing):
    """One line of a case's checklist."""

    item: str
    subject: str | None
    name: str
    whose: str | None
    required: bool
    supplied_by: str
    state: str
    """`missing`, `held` (not scanned yet), `supplied`, `sent_back` or `accepted`."""
    sent_back: SentBack | None
    files: list[Document]
    """The newest version of each file."""
    earlier: list[Document]
    kinds: list[str]
    max_mb: int
    max_files: int
    hint: str
    sample: str


class Materials(Outgoing):
    """The checklist of a case."""

    case_no: str
    items: list[Material]
    others: list[Document]
    """Papers beside the list."""
    may_send_back: bool


class SendBackBody(Incoming):
    """Why a line is sent back."""

    problem: Text300
    requirement: Text300 | None = None
    subject: Code | None = None
    """Which row of the application, where the line is asked for each and there are several."""


class SubjectBody(Incoming):
    """Which row of the application."""

    subject: Code | None = None


def document(row: DocumentRow) -> Document:
    """Return a paper as content."""
    return Document(
        id=row.id,
        case_no=row.case_no,
        kind=row.kind,
        name=row.name,
        media_type=row.media_type,
        size=row.size,
        sha256=row.sha256,
        added_at=row.added_at,
        added_by=row.added_by,
        item=row.item,
        subject=row.subject,
        file_no=row.file_no,
        version=row.version,
        internal=row.internal,
        status=row.status,
    )


def materials(given: MaterialList, language: Language) -> Materials:
    """Return a checklist as content."""
    return Materials(
        case_no=given.case_no,
        items=[_material(line, language) for line in given.lines],
        others=[document(row) for row in given.others],
        may_send_back=given.may_send_back,
    )


def _material(line: MaterialLine, language: Language) -> Material:
    sent_back = line.sent_back
    return Material(
        item=line.item,
        subject=line.subject,
        name=name_of(line.name, language),
        whose=line.whose,
        required=line.required,
        supplied_by=line.supplied_by,
        state=line.state,
        sent_back=None
        if sent_back is None
        else SentBack(
            problem=sent_back.problem,
            requirement=sent_back.requirement,
            at=sent_back.at,
            by=sent_back.by,
            told_at=sent_back.told_at,
        ),
        files=[document(row) for row in line.files],
        earlier=[document(row) for row in line.earlier],
        kinds=list(line.kinds),
        max_mb=line.max_mb,
        max_files=line.max_files,
        hint=name_of(line.hint, language),
        sample=name_of(line.sample, language),
    )
