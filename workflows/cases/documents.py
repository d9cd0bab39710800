"""Papers of a case. Only their facts are kept here; the bytes lie in the storage adapter under their hash."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, literal, select, union, union_all
from sqlalchemy.orm import Session

from workflows import audit
from workflows.cases.access import get_own_case, get_visible_case, require, root_id_of
from workflows.cases.aggregate import lock_family
from workflows.cases.materials.folder import Folder, open_folder
from workflows.cases.materials.lines import latest_reviews, state_of
from workflows.cases.materials.models import ContentScan, DraftPaper, ScanStatus
from workflows.cases.materials.placing import FINAL, Place, check_fits, find_item, find_subject, place
from workflows.cases.materials.quota import UNLIMITED, Quota, require_quota
from workflows.cases.materials.scans import ScanRule, ask_for_scan
from workflows.cases.models import ENDED, Case, CaseDocument
from workflows.cases.official.tables import MadePaper
from workflows.cases.paper_views import DocumentRow
from workflows.cases.search.contents import ask_for_text
from workflows.cases.search.indexing import index_again
from workflows.clock import Clock
from workflows.errors import FieldError, InvalidInputError, NotFoundError, StateConflictError
from workflows.events import EventType
from workflows.permissions import Actor, Permission, PostKind

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
        item: the line of the checklist it belongs to; None lays it beside the list.
        subject: which row of the application it is about; the only one there is needs no telling.
        replaces: the file of the line it takes the place of; a line of one file needs no telling.
        internal: officers' own, which applicants do not see.
        scan: nobody reads it before the virus scanner has; None where nothing is scanned.
    """

    kind: str
    name: str
    media_type: str
    size: int
    sha256: str
    item: str | None = None
    subject: str | None = None
    replaces: int | None = None
    internal: bool = False
    scan: ScanRule | None = None


def add_document(
    session: Session, case_no: str, document: NewDocument, *, actor: Actor, clock: Clock, quota: Quota = UNLIMITED
) -> DocumentRow:
    """Add a paper to a case: beside its checklist, or as the next version on a line of it.

    Raises:
        NotFoundError: no such case for the actor.
        StateConflictError: the case has ended, or holds too many papers; the line has been accepted.
        InvalidInputError: kind or name is empty or too long; no such line; not of a kind or size the line takes;
            more than the quota.
    """
    require(actor, Permission.DOCUMENT_ADD)
    case = get_own_case(session, case_no, Permission.DOCUMENT_ADD, actor=actor)
    _check(document)
    if document.scan:
        ask_for_scan(session, document.sha256, document.scan, clock=clock)
    ask_for_text(session, document.sha256, document.media_type, clock=clock)
    # Under the family's lock: no paper slips in beside the archive that freezes them, none beyond the limit, and no
    # two become the same version.
    lock_family(session, root_id_of(case))
    session.refresh(case)
    _require_room(session, case)
    require_quota(session, quota, document.size, case_id=case.id, actor=actor, clock=clock)
    at = _place(session, open_folder(session, case, actor=actor), document, actor)
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
        item=at.item,
        subject=at.subject,
        file_no=at.file_no,
        version=at.version,
        internal=at.internal,
    )
    session.add(row)
    session.flush()
    record_addition(session, row, actor=actor, clock=clock)
    index_again(session, [root_id_of(case)])
    return get_document(session, case_no, row.id, actor=actor)


def record_addition(session: Session, row: CaseDocument, *, actor: Actor, clock: Clock) -> None:
    """Note in the trace that a paper was added; one that only some may see is not named to the others."""
    payload = {"document": row.id, "sha256": row.sha256, "size": row.size, "item": row.item, "version": row.version}
    if row.subject is None:
        payload["name"] = row.name
    event = EventType.INTERNAL_DOCUMENT_ADDED if row.internal else EventType.DOCUMENT_ADDED
    audit.append(session, actor=actor, event=event, case_id=row.case_id, payload=payload, clock=clock)


def _place(session: Session, folder: Folder, document: NewDocument, actor: Actor) -> Place:
    is_applicant = actor.post_kind is PostKind.APPLICANT
    if document.item is None:
        extra = [name for name in ("subject", "replaces") if getattr(document, name) is not None]
        if extra:
            raise InvalidInputError(FieldError(name, "unknown-field") for name in extra)
        return Place(internal=document.internal and not is_applicant)
    item = find_item(folder.checklist, document.item, actor)
    subject = find_subject(folder, item, document.subject)
    check_fits(item, document.name, document.size)
    there = folder.of_line(item.id, subject)
    review = latest_reviews(session, folder.part.root_id).get((item.id, subject))
    if is_applicant and state_of([row for row in there if row.is_newest], review) in FINAL:
        raise StateConflictError("material", item.id, "accepted", "add-document")
    return place(item, subject, there, replaces=document.replaces)


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
    """List the papers of a case in every version, oldest first.

    Raises:
        NotFoundError: no such case for the actor.
    """
    require(actor, Permission.CASE_READ)
    return open_folder(session, get_visible_case(session, case_no, actor=actor), actor=actor).documents


def get_document(session: Session, case_no: str, document_id: int, *, actor: Actor) -> DocumentRow:
    """Return one paper of a case.

    Raises:
        NotFoundError: no such case for the actor, or no such paper in it.
    """
    for document in list_documents(session, case_no, actor=actor):
        if document.id == document_id:
            return document
    raise NotFoundError("document", document_id)


def get_readable(session: Session, case_no: str, document_id: int, *, actor: Actor) -> DocumentRow:
    """Return one paper of a case whose bytes may be handed out.

    Raises:
        NotFoundError: no such case for the actor, or no such paper in it.
        StateConflictError: the virus scanner has not passed it.
    """
    document = get_document(session, case_no, document_id, actor=actor)
    if not document.readable:
        raise StateConflictError("document", document_id, document.status, "read")
    return document


def addresses_in_use(session: Session, first: str) -> frozenset[str]:
    """Return the addresses beginning with the hexadecimal digit `first` that papers refer to, of whatever case.

    Bytes with a virus in them are nobody's.
    """
    columns = (CaseDocument.sha256, DraftPaper.sha256, MadePaper.docx_sha256, MadePaper.pdf_sha256)
    named = union(*(select(column).where(column.startswith(first)) for column in columns))
    infected = select(ContentScan.sha256).where(
        ContentScan.status == ScanStatus.INFECTED, ContentScan.sha256.startswith(first)
    )
    return frozenset(session.scalars(named)) - frozenset(session.scalars(infected))


def papers_in_use(session: Session) -> dict[str, str]:
    """Return every address that papers refer to, of whatever case, with the name of one of them for people.

    Bytes with a virus in them are nobody's.
    """
    named = union_all(
        select(CaseDocument.sha256, (Case.no + " " + CaseDocument.name).label("name")).join(
            Case, Case.id == CaseDocument.case_id
        ),
        select(DraftPaper.sha256, DraftPaper.name),
        select(MadePaper.docx_sha256, literal("公文 · official document")),
        select(MadePaper.pdf_sha256, literal("公文 · official document")),
    )
    papers = {row.sha256: row.name for row in session.execute(named)}
    for sha256 in session.scalars(select(ContentScan.sha256).where(ContentScan.status == ScanStatus.INFECTED)):
        papers.pop(sha256, None)
    return papers


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
