"""Copies of cases, and reminders."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field

from webapp.api.sentences import Language
from webapp.api.v1.content.base import Agency, Code, Incoming, Opinion, Outgoing, name_of
from workflows.cases.collaboration.copies import CopyRow
from workflows.cases.views import Named


class NewCopies(Incoming):
    """To whom a case is copied."""

    to: Annotated[list[Code], Field(min_length=1, max_length=50)]
    """Codes of agencies, or user names of officers."""
    note: Opinion | None = None


class Copy(Outgoing):
    """A copy with its receipt."""

    id: int
    agency: Agency
    person: str | None
    """The one it is for; none for the whole agency."""
    note: str | None
    sent_at: datetime
    sent_by: str
    sent_by_agency: Agency
    read_at: datetime | None
    read_by: str | None
    withdrawn_at: datetime | None


class CopyList(Outgoing):
    """Copies of a case, oldest first."""

    items: list[Copy]
    next: str | None


class Reminder(Outgoing):
    """A reminder that was sent."""

    task_id: int
    case_no: str
    urged_at: datetime
    told: int
    """How many people were told."""


def copy_content(row: CopyRow, language: Language) -> Copy:
    """Return a copy as content."""
    return Copy(
        id=row.key,
        agency=_agency(row.agency, language),
        person=name_of(row.person, language) if row.person else None,
        note=row.note,
        sent_at=row.sent_at,
        sent_by=name_of(row.sent_by, language),
        sent_by_agency=_agency(row.sent_by_agency, language),
        read_at=row.read_at,
        read_by=name_of(row.read_by, language) if row.read_by else None,
        withdrawn_at=row.withdrawn_at,
    )


def copy_list(rows: tuple[CopyRow, ...], language: Language) -> CopyList:
    """Return copies as content."""
    return CopyList(items=[copy_content(row, language) for row in rows], next=None)


def _agency(named: Named, language: Language) -> Agency:
    return Agency(code=named.code, name=name_of(named, language))
