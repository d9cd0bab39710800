"""Papers of a case. Only their facts are kept here; the bytes lie in the storage adapter under their hash."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select, union
from sqlalchemy.orm import Session

from workflows import audit
from workflows.agencies.models import Person
from workflows.cases.access import get_own_case, get_visible_case, require, root_id_of
from workflows.cases.aggregate import lock_family
from workflows.cases.models import ENDED, Case, CaseDocument
from workflows.cases.official.tables import MadePaper
from workflows.cases.views import DocumentRow
from workflows.clock import Clock
from workflows.errors import FieldError, InvalidInputError, NotFoundError, StateConflictError
from workflows.events import EventType
from workflows.permissions import Actor, Permission

MAX_DOCUMENTS = 200
"""Per case: a case is a folder, not a store."""


@dataclass(frozen=True)
class NewDocument:
    """A stored file to be added to a case.

    Args:
        kind: which paper it is, such as `issue_certificate`; up to 40 characters.
        name: file name as shown, up to 200 characters.
        media_type: as found from the content, never as claimed.
        size: bytes.
        sha256: hexadecimal; where the storage adapter keeps it.
    """

    kind: str
    name: str
    media_type: str
    size: int
    sha256: str


def add_document(session: Session, case_no: str, document: NewDocument, *, actor: Actor, clock: Clock) -> DocumentRow:
    """Add a paper to a case.

    Raises:
        NotFoundError: no such case for the actor.
        StateConflictError: the case has ended, or holds too many papers.
        InvalidInputError: kind or name is empty or too long.
    """
    require(actor, Permission.DOCUMENT_ADD)
    case = get_own_case(session, case_no, Permission.DOCUMENT_ADD, actor=actor)
    _check(document)
    # Under the family's lock: no paper slips in beside the archive that freezes them, none beyond the limit.
    lock_family(session, root_id_of(case))
    session.refresh(case)
    _require_room(session, case)
    row = CaseDocument(
        case_id=case.id,
        kind=document.kind,
        name=document.name,
        media_type=document.media_type,
        size=document.size,
        sha256=document.sha256,
        added_at=clock.now(),
        added_by_person_id=actor.person_id,
        added_by_post_id=actor.post_id,
    )
    session.add(row)
    session.flush()
    payload = {"document": row.id, "name": row.name, "sha256": row.sha256, "size": row.size}
    audit.append(session, actor=actor, event=EventType.DOCUMENT_ADDED, case_id=case.id, payload=payload, clock=clock)
    return _view(row, case.no, actor.person_name)


def require_room(session: Session, case_no: str, *, actor: Actor) -> None:
    """Refuse a paper before its bytes are stored: refused later, they would stay without a record.

    Raises:
        NotFoundError: no such case for the actor.
        StateConflictError: the case has ended, or holds too many papers.
    """
    require(actor, Permission.DOCUMENT_ADD)
    _require_room(session, get_own_case(session, case_no, Permission.DOCUMENT_ADD, actor=actor))


def _require_room(session: Session, case: Case) -> None:
    if case.status in ENDED:
        raise StateConflictError("case", case.no, case.status, "add-document")
    count = session.scalar(select(func.count()).select_from(CaseDocument).where(CaseDocument.case_id == case.id))
    if (count or 0) >= MAX_DOCUMENTS:
        raise StateConflictError("case", case.no, "full", "add-document")


def list_documents(session: Session, case_no: str, *, actor: Actor) -> tuple[DocumentRow, ...]:
    """List the papers of a case, oldest first.

    Raises:
        NotFoundError: no such case for the actor.
    """
    require(actor, Permission.CASE_READ)
    case = get_visible_case(session, case_no, actor=actor)
    rows = session.execute(
        select(CaseDocument, Case.no, Person.name_zh)
        .join(Case, Case.id == CaseDocument.case_id)
        .join(Person, Person.id == CaseDocument.added_by_person_id)
        .where(CaseDocument.case_id == case.id)
        .order_by(CaseDocument.id)
        .limit(MAX_DOCUMENTS)
    )
    return tuple(_view(row.CaseDocument, row.no, row.name_zh) for row in rows)


def get_document(session: Session, case_no: str, document_id: int, *, actor: Actor) -> DocumentRow:
    """Return one paper of a case.

    Raises:
        NotFoundError: no such case for the actor, or no such paper in it.
    """
    for document in list_documents(session, case_no, actor=actor):
        if document.id == document_id:
            return document
    raise NotFoundError("document", document_id)


def addresses_in_use(session: Session, first: str) -> frozenset[str]:
    """Return the addresses beginning with the hexadecimal digit `first` that papers refer to, of whatever case."""
    columns = (CaseDocument.sha256, MadePaper.docx_sha256, MadePaper.pdf_sha256)
    return frozenset(session.scalars(union(*(select(column).where(column.startswith(first)) for column in columns))))


def _check(document: NewDocument) -> None:
    errors = []
    for field, value, maximum in (("kind", document.kind, 40), ("name", document.name, 200)):
        if not value.strip():
            errors.append(FieldError(field, "required"))
        elif len(value) > maximum:
            errors.append(FieldError(field, "too-long", {"maximum": maximum}))
        elif any(ord(c) < 32 or 0xD800 <= ord(c) < 0xE000 for c in value):
            errors.append(FieldError(field, "characters"))
    if errors:
        raise InvalidInputError(errors)


def _view(row: CaseDocument, case_no: str, added_by: str) -> DocumentRow:
    return DocumentRow(
        id=row.id,
        case_no=case_no,
        kind=row.kind,
        name=row.name,
        media_type=row.media_type,
        size=row.size,
        sha256=row.sha256,
        added_at=row.added_at,
        added_by=added_by,
    )
