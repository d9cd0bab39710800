"""草稿: an application with its papers, put together before it is submitted; only its author sees it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from workflows.cases.access import require
from workflows.cases.commands import OpenCase
from workflows.cases.documents import record_addition
from workflows.cases.forms import unsafe_values
from workflows.cases.materials.lines import name_of
from workflows.cases.materials.models import ApplicationDraft, ContentScan, DraftPaper, ScanStatus
from workflows.cases.materials.placing import check_fits, find_item
from workflows.cases.materials.quota import UNLIMITED, Quota, require_quota
from workflows.cases.materials.scans import ScanRule, ask_for_scan
from workflows.cases.models import Case, CaseDocument
from workflows.cases.open_case import open_case
from workflows.cases.search.contents import ask_for_text
from workflows.cases.search.indexing import index_again
from workflows.cases.views import Moved, Named
from workflows.clock import Clock
from workflows.errors import FieldError, InvalidInputError, NotFoundError, StateConflictError
from workflows.permissions import Actor, Permission
from workflows.processes import Checklist, MaterialItem, get_process, get_published

MAX_DRAFTS = 20
"""Of one person at a time."""
MAX_PAPERS = 100
KEPT_FOR = timedelta(days=90)
"""A draft nobody has touched for so long is thrown away."""


@dataclass(frozen=True)
class DraftFile:
    """A paper laid to a draft.

    Args:
        status: `current`, `held` (not yet scanned) or `blocked` (a virus was found).
    """

    id: int
    name: str
    media_type: str
    size: int
    sha256: str
    added_at: datetime
    status: str


@dataclass(frozen=True)
class DraftLine:
    """One line of the checklist of a draft."""

    item: MaterialItem
    subject: str | None
    title: Named
    required: bool
    files: tuple[DraftFile, ...]

    @property
    def path(self) -> str:
        """How errors name it."""
        return f"materials.{self.item.id}" + (f".{self.subject}" if self.subject else "")

    @property
    def is_lacking(self) -> bool:
        """It stands against submitting."""
        return (self.required and not self.files) or any(file.status != "current" for file in self.files)


@dataclass(frozen=True)
class DraftView:
    """An application that is being put together.

    Args:
        case_no: what it became, once submitted.
    """

    id: int
    process_key: str
    process_name: Named
    data: Mapping[str, Any]
    changed_at: datetime
    lines: tuple[DraftLine, ...]
    case_no: str | None = None

    @property
    def lacking(self) -> tuple[DraftLine, ...]:
        """What stands against submitting it."""
        return tuple(line for line in self.lines if line.is_lacking)


def save_application(
    session: Session,
    process_key: str,
    data: Mapping[str, Any],
    *,
    draft_id: int | None = None,
    actor: Actor,
    clock: Clock,
) -> int:
    """Keep what was filled in, right or not, in a new draft or over an earlier one; return its key.

    Raises:
        NotFoundError: no such process, or not the actor's draft.
        StateConflictError: it has been submitted, or the actor has too many.
        InvalidInputError: values no database can hold.
    """
    require(actor, Permission.CASE_OPEN)
    if errors := unsafe_values(data):
        raise InvalidInputError(errors)
    if draft_id is not None:
        draft = _own(session, draft_id, actor)
        draft.data, draft.changed_at = dict(data), clock.now()
        return draft.id
    get_process(session, process_key)
    require_room(session, actor.person_id, actor.person_name)
    draft = ApplicationDraft(
        process_key=process_key,
        person_id=actor.person_id,
        agency_id=actor.agency_id,
        data=dict(data),
        created_at=clock.now(),
        changed_at=clock.now(),
    )
    session.add(draft)
    session.flush()
    return draft.id


def require_room(session: Session, person_id: int, name: str) -> None:
    """Refuse one more draft to a person who has `MAX_DRAFTS` already.

    Raises:
        StateConflictError: they have; `name` is theirs.
    """
    open_ones = select(func.count()).where(ApplicationDraft.person_id == person_id, ApplicationDraft.case_id.is_(None))
    if (session.scalar(open_ones) or 0) >= MAX_DRAFTS:
        raise StateConflictError("draft", name, "too-many", "save")


def get_application(session: Session, draft_id: int, *, actor: Actor) -> DraftView:
    """Return one of the actor's drafts with its checklist, as the newest version of the process has it.

    Raises:
        NotFoundError: not the actor's draft.
    """
    require(actor, Permission.CASE_OPEN)
    draft = _own(session, draft_id, actor, submitted=True)
    return _view(session, draft, _papers(session, draft_id))


def list_applications(session: Session, *, actor: Actor) -> tuple[DraftView, ...]:
    """List the actor's applications that are not submitted, the newest first."""
    require(actor, Permission.CASE_OPEN)
    drafts = session.scalars(
        select(ApplicationDraft)
        .where(
            ApplicationDraft.person_id == actor.person_id,
            ApplicationDraft.agency_id == actor.agency_id,
            ApplicationDraft.case_id.is_(None),
        )
        .order_by(ApplicationDraft.id.desc())
        .limit(MAX_DRAFTS)
    ).all()
    return tuple(_view(session, draft, _papers(session, draft.id)) for draft in drafts)


@dataclass(frozen=True)
class NewPaper:
    """A stored file to be laid to a draft; see `NewDocument`."""

    item: str
    name: str
    media_type: str
    size: int
    sha256: str
    subject: str | None = None
    scan: ScanRule | None = None


def require_application(session: Session, draft_id: int, *, actor: Actor) -> None:
    """Refuse a paper before its bytes are stored.

    Raises:
        NotFoundError: not the actor's draft.
        StateConflictError: it has been submitted.
    """
    require(actor, Permission.CASE_OPEN)
    _own(session, draft_id, actor)


def add_paper(
    session: Session, draft_id: int, paper: NewPaper, *, actor: Actor, clock: Clock, quota: Quota = UNLIMITED
) -> None:
    """Lay a paper to a draft; a line of one file has it instead of the one before.

    Raises:
        NotFoundError: not the actor's draft.
        StateConflictError: it has been submitted, or holds too many papers.
        InvalidInputError: no such line, not of a kind or size it takes, no room, a virus.
    """
    require(actor, Permission.CASE_OPEN)
    draft = _own(session, draft_id, actor)
    checklist = _checklist(session, draft.process_key)
    item = find_item(checklist, paper.item, actor)
    subjects = [subject for subject, _row in checklist.rows(item, draft.data)]
    if paper.subject not in subjects:
        raise InvalidInputError([FieldError("subject", "not-in-list")])
    check_fits(item, paper.name, paper.size)
    require_quota(session, quota, paper.size, case_id=None, actor=actor, clock=clock)
    papers = _papers(session, draft_id)
    there = [row for row, _status in papers if (row.item, row.subject) == (item.id, paper.subject)]
    if item.max_files == 1:
        for row in there:
            session.delete(row)
    elif len(there) >= item.max_files or len(papers) >= MAX_PAPERS:
        raise InvalidInputError([FieldError("file", "files-full", {"maximum": item.max_files})])
    session.add(
        DraftPaper(
            draft_id=draft_id,
            item=item.id,
            subject=paper.subject,
            name=paper.name,
            media_type=paper.media_type,
            size=paper.size,
            sha256=paper.sha256,
            added_at=clock.now(),
        )
    )
    draft.changed_at = clock.now()
    if paper.scan:
        ask_for_scan(session, paper.sha256, paper.scan, clock=clock)


def remove_paper(session: Session, draft_id: int, paper_id: int, *, actor: Actor) -> None:
    """Take a paper off a draft; nobody else has seen it, so nothing is kept of it.

    Raises:
        NotFoundError: not the actor's draft, or no such paper in it.
    """
    require(actor, Permission.CASE_OPEN)
    draft = _own(session, draft_id, actor)
    paper = session.get(DraftPaper, paper_id)
    if paper is None or paper.draft_id != draft.id:
        raise NotFoundError("document", paper_id)
    session.delete(paper)


def discard_application(session: Session, draft_id: int, *, actor: Actor) -> None:
    """Throw a draft away with its papers.

    Raises:
        NotFoundError: not the actor's draft.
        StateConflictError: it has been submitted.
    """
    require(actor, Permission.CASE_OPEN)
    draft = _own(session, draft_id, actor)
    session.execute(delete(DraftPaper).where(DraftPaper.draft_id == draft.id))
    session.delete(draft)


def submit_application(session: Session, draft_id: int, *, actor: Actor, clock: Clock) -> Moved:
    """Open the case of a draft, its papers with it.

    Raises:
        NotFoundError: not the actor's draft.
        StateConflictError: it has been submitted.
        InvalidInputError: the form is wrong, or papers are lacking (`materials.<item>`, with `.<subject>`).
    """
    require(actor, Permission.CASE_OPEN)
    draft = _own(session, draft_id, actor)
    view = _view(session, draft, _papers(session, draft_id))
    if view.lacking:
        raise InvalidInputError(_lacking(line) for line in view.lacking)
    moved = open_case(session, OpenCase(draft.process_key, draft.data), actor=actor, clock=clock)
    case_id = session.scalars(select(Case.id).where(Case.no == moved.case_no)).one()
    for line in view.lines:
        for number, file in enumerate(line.files, 1):
            _hand_in(session, case_id, line, number, file, actor=actor, clock=clock)
    index_again(session, [case_id])
    draft.case_id, draft.changed_at = case_id, clock.now()
    session.execute(delete(DraftPaper).where(DraftPaper.draft_id == draft.id))
    return moved


def _lacking(line: DraftLine) -> FieldError:
    found = {file.status for file in line.files}
    code = "file-blocked" if "blocked" in found else "still-held" if "held" in found else "paper-missing"
    return FieldError(line.path, code)


def _hand_in(
    session: Session, case_id: int, line: DraftLine, number: int, file: DraftFile, *, actor: Actor, clock: Clock
) -> None:
    ask_for_text(session, file.sha256, file.media_type, clock=clock)
    row = CaseDocument(
        case_id=case_id,
        kind=line.item.id,
        name=file.name,
        media_type=file.media_type,
        size=file.size,
        sha256=file.sha256,
        added_at=clock.now(),
        added_by_person_id=actor.person_id,
        added_by_post_id=actor.post_id,
        item=line.item.id,
        subject=line.subject,
        file_no=number,
        version=1,
        internal=False,
    )
    session.add(row)
    session.flush()
    record_addition(session, row, actor=actor, clock=clock)


def forget_old_drafts(session: Session, *, clock: Clock) -> None:
    """Throw away what nobody has touched for long; the files follow with the sweep of the store."""
    old = select(ApplicationDraft.id).where(
        ApplicationDraft.case_id.is_(None), ApplicationDraft.changed_at < clock.now() - KEPT_FOR
    )
    session.execute(delete(DraftPaper).where(DraftPaper.draft_id.in_(old)))
    session.execute(delete(ApplicationDraft).where(ApplicationDraft.id.in_(old)))


def _own(session: Session, draft_id: int, actor: Actor, *, submitted: bool = False) -> ApplicationDraft:
    draft = session.get(ApplicationDraft, draft_id, with_for_update=not submitted)
    if draft is None or (draft.person_id, draft.agency_id) != (actor.person_id, actor.agency_id):
        raise NotFoundError("draft", draft_id)
    if draft.case_id is not None and not submitted:
        raise StateConflictError("draft", draft_id, "submitted", "change")
    return draft


def _papers(session: Session, draft_id: int) -> Sequence[tuple[DraftPaper, str]]:
    rows = session.execute(
        select(DraftPaper, ContentScan.status)
        .outerjoin(ContentScan, ContentScan.sha256 == DraftPaper.sha256)
        .where(DraftPaper.draft_id == draft_id)
        .order_by(DraftPaper.id)
    )
    words = {ScanStatus.WAITING: "held", ScanStatus.INFECTED: "blocked"}
    return [(row.DraftPaper, words.get(row.status, "current")) for row in rows]


def _checklist(session: Session, process_key: str) -> Checklist:
    summary = get_process(session, process_key)
    return get_published(session, summary.version_id, summary.sha256).checklist


def _view(session: Session, draft: ApplicationDraft, papers: Sequence[tuple[DraftPaper, str]]) -> DraftView:
    summary = get_process(session, draft.process_key)
    checklist = get_published(session, summary.version_id, summary.sha256).checklist
    lines = tuple(
        DraftLine(
            item=item,
            subject=subject,
            title=name_of(item, row),
            required=item.is_required(draft.data, row),
            files=tuple(_file(paper, status) for paper, status in papers if _is_of(paper, item, subject)),
        )
        for item in checklist.items
        if item.supplied_by == "applicant"
        for subject, row in checklist.rows(item, draft.data)
    )
    return DraftView(
        id=draft.id,
        process_key=draft.process_key,
        process_name=Named(summary.key, summary.name_zh, summary.name_en),
        data=draft.data,
        changed_at=draft.changed_at,
        lines=lines,
        case_no=session.scalar(select(Case.no).where(Case.id == draft.case_id)) if draft.case_id else None,
    )


def _is_of(paper: DraftPaper, item: MaterialItem, subject: str | None) -> bool:
    return (paper.item, paper.subject) == (item.id, subject)


def _file(paper: DraftPaper, status: str) -> DraftFile:
    return DraftFile(
        id=paper.id,
        name=paper.name,
        media_type=paper.media_type,
        size=paper.size,
        sha256=paper.sha256,
        added_at=paper.added_at,
        status=status,
    )
