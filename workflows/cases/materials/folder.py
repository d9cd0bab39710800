"""The papers of a case as somebody may see them, in the order of its checklist."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from workflows.agencies.models import Person
from workflows.cases.aggregate import current_form
from workflows.cases.materials.grounds import PaperGround, for_reader, paper_grounds
from workflows.cases.materials.models import ContentScan, ScanStatus
from workflows.cases.models import Case, CaseDocument
from workflows.cases.paper_views import DocumentRow
from workflows.cases.part_of_family import Part, part_of
from workflows.engine import ProcessModel
from workflows.permissions import Actor, PostKind
from workflows.processes import Checklist, MaterialItem, PublishedProcess, load_version

MAX_SHOWN = 2000
"""Papers of a whole family on one page; more than its limits let in."""

CURRENT = "current"
REPLACED = "replaced"
HELD = "held"
"""The virus scanner has not looked at it yet: nobody can read it."""
BLOCKED = "blocked"
"""A virus was found in it: nobody can ever read it."""


@dataclass(frozen=True)
class Folder:
    """What an actor sees of a case's papers.

    Args:
        subjects: rows of the application the actor sees, by what tells them apart; None where all are seen.
        documents: every version, oldest first.
    """

    case: Case
    part: Part
    process: PublishedProcess
    form: Mapping[str, Any]
    subjects: frozenset[str] | None
    documents: tuple[DocumentRow, ...]
    for_applicant: bool

    @property
    def checklist(self) -> Checklist:
        """The list the case was opened with."""
        return self.process.checklist

    def lines(self) -> Sequence[tuple[MaterialItem, str | None, Mapping[str, Any] | None]]:
        """The lines the actor sees: (item, subject, row of the application)."""
        return [
            (item, subject, row)
            for item in self.checklist.items
            if not (self.for_applicant and item.supplied_by == "officer")
            for subject, row in self.checklist.rows(item, self.form)
            if subject is None or self.subjects is None or subject in self.subjects
        ]

    def grounds(self) -> Mapping[PaperGround, ColumnElement[bool]]:
        """The grounds on which a paper stands in the folder, as conditions on `CaseDocument`."""
        return paper_grounds(self.case, self.part, self.subjects)

    def of_line(self, item: str, subject: str | None) -> tuple[DocumentRow, ...]:
        """The papers of one line, every version."""
        return tuple(row for row in self.documents if row.item == item and row.subject == subject)


def open_folder(session: Session, case: Case, *, actor: Actor) -> Folder:
    """Return the papers of a case that the actor may see; the case itself has been found for them."""
    part = part_of(session, case, actor=actor)
    return _folder(session, case, part, for_applicant=actor.post_kind is PostKind.APPLICANT)


def whole_folder(session: Session, root: Case) -> Folder:
    """Return all papers of a family of cases, for the archive."""
    rows = session.execute(select(Case.id, Case.child_index).where(Case.parent_id == root.id))
    part = Part(root.id, {row.id: row.child_index or 0 for row in rows}, whole=True)
    return _folder(session, root, part, for_applicant=False)


def _folder(session: Session, case: Case, part: Part, *, for_applicant: bool) -> Folder:
    process = load_version(session, case.process_version_id).process
    form = current_form(session, part.root_id)
    subjects = None if part.whole else _subjects(process, form, part.children.values())
    documents = _documents(session, case, part, subjects, for_applicant=for_applicant)
    return Folder(case, part, process, form, subjects, documents, for_applicant)


def list_of_children(model: ProcessModel) -> str | None:
    """Return the name of the list whose rows become child cases."""
    for node in model.nodes.values():
        if node.multi_instance and "childCase" in node.attributes:
            return node.multi_instance.input_name
    return None


def _subjects(process: PublishedProcess, form: Mapping[str, Any], indexes: Collection[int]) -> frozenset[str]:
    name = list_of_children(process.model)
    rows = form.get(name) if name else None
    if name is None or not isinstance(rows, list):
        return frozenset()
    return frozenset(process.checklist.subject(name, n, rows[n]) for n in indexes if n < len(rows))


def _documents(
    session: Session, case: Case, part: Part, subjects: frozenset[str] | None, *, for_applicant: bool
) -> tuple[DocumentRow, ...]:
    seen = or_(*paper_grounds(case, part, subjects).values())
    rows = session.execute(
        select(CaseDocument, Person.name_zh, Person.name_en, ContentScan.status, ContentScan.signature)
        .join(Person, Person.id == CaseDocument.added_by_person_id)
        .outerjoin(ContentScan, ContentScan.sha256 == CaseDocument.sha256)
        .where(seen, for_reader(for_applicant=for_applicant))
        .order_by(CaseDocument.id)
        .limit(MAX_SHOWN)
    ).all()
    newest = {_file(row.CaseDocument): row.CaseDocument.id for row in rows if row.status != ScanStatus.INFECTED}
    return tuple(_row(row, case.no, newest) for row in rows)


def _file(document: CaseDocument) -> tuple[object, ...]:
    if document.item is None:
        return (document.id,)
    return (document.item, document.subject, document.file_no)


def _row(row: Any, case_no: str, newest: Mapping[tuple[object, ...], int]) -> DocumentRow:
    document: CaseDocument = row.CaseDocument
    if row.status == ScanStatus.INFECTED:
        status = BLOCKED
    elif row.status == ScanStatus.WAITING:
        status = HELD
    else:
        status = CURRENT if newest.get(_file(document)) == document.id else REPLACED
    return DocumentRow(
        id=document.id,
        case_no=case_no,
        kind=document.kind,
        name=document.name,
        media_type=document.media_type,
        size=document.size,
        sha256=document.sha256,
        added_at=document.added_at,
        added_by=row.name_zh,
        added_by_en=row.name_en,
        item=document.item,
        subject=document.subject,
        file_no=document.file_no,
        version=document.version,
        internal=document.internal,
        status=status,
        is_newest=newest.get(_file(document)) == document.id,
        signature=row.signature,
    )
