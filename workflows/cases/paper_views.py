"""Read models of the papers of a case: each file, and the lines of the checklist."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from workflows.cases.views import Named


@dataclass(frozen=True)
class DocumentRow:
    """A paper of a case.

    Args:
        item: the line of the checklist it belongs to; None for a paper beside the list.
        subject: which row of the application it is about, such as a credit code.
        file_no, version: which of the line's files, in which version.
        internal: officers' own.
        status: `current`, `replaced`, `held` (not yet scanned), `blocked` (a virus was found).
        is_newest: the version that counts.
        signature: what the scanner calls what it found.
    """

    id: int
    case_no: str
    kind: str
    name: str
    media_type: str
    size: int
    sha256: str
    added_at: datetime
    added_by: str
    added_by_en: str
    item: str | None = None
    subject: str | None = None
    file_no: int = 1
    version: int = 1
    internal: bool = False
    status: str = "current"
    is_newest: bool = True
    signature: str | None = None

    @property
    def readable(self) -> bool:
        """Its bytes may be handed out."""
        return self.status in ("current", "replaced")


@dataclass(frozen=True)
class SentBack:
    """Why a line of the checklist was sent back.

    Args:
        problem: what is wrong.
        requirement: what is needed instead.
        told_at: when the applicant was asked; None while the officer is still reading.
    """

    problem: str
    requirement: str | None
    at: datetime
    by: str
    by_en: str
    told_at: datetime | None


@dataclass(frozen=True)
class MaterialLine:
    """One line of a case's checklist.

    Args:
        title: the name, and whose it is where the line is asked for each row of the application.
        whose: that row, by name.
        required: for this application.
        state: `missing`, `held` (not yet scanned), `supplied`, `sent_back` or `accepted`.
        files: the newest version of each file.
        earlier: the versions before, and what was blocked.
        max_mb: of one file.
    """

    item: str
    subject: str | None
    name: Named
    title: Named
    whose: str | None
    required: bool
    supplied_by: str
    state: str
    sent_back: SentBack | None
    files: tuple[DocumentRow, ...]
    earlier: tuple[DocumentRow, ...]
    kinds: tuple[str, ...]
    max_mb: int
    max_files: int
    hint: Named
    sample: Named

    @property
    def is_pending(self) -> bool:
        """It is sent back and the applicant has not been told yet."""
        return self.state == "sent_back" and self.sent_back is not None and self.sent_back.told_at is None

    @property
    def is_lacking(self) -> bool:
        """It stands against taking the application in."""
        return self.state == "sent_back" or (self.required and self.state in ("missing", "held"))

    @property
    def is_held(self) -> bool:
        """A file of it waits for the virus scanner."""
        return any(file.status == "held" for file in self.files)


@dataclass(frozen=True)
class MaterialList:
    """The checklist of a case, and the papers beside it.

    Args:
        may_send_back: the actor holds the step at which papers are sent back.
        accepting: the decisions of that step that take the application in, papers lacking or not.
    """

    case_no: str
    lines: tuple[MaterialLine, ...]
    others: tuple[DocumentRow, ...]
    may_send_back: bool
    accepting: tuple[str, ...] = ()

    @property
    def lacking(self) -> tuple[MaterialLine, ...]:
        """The lines that stand against taking the application in."""
        return tuple(line for line in self.lines if line.is_lacking)

    @property
    def pending(self) -> tuple[MaterialLine, ...]:
        """The lines sent back of which the applicant has not been told."""
        return tuple(line for line in self.lines if line.is_pending)
