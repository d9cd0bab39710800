"""查毒: what the virus scanner is to look at, and what it said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from workflows import audit
from workflows.cases.aggregate import lock_family
from workflows.cases.materials.back_off import pause_after
from workflows.cases.materials.models import ApplicationDraft, ContentScan, DraftPaper, ScanStatus
from workflows.cases.models import Case, CaseDocument
from workflows.cases.notifications import NotificationKind, notify
from workflows.cases.search.contents import ask_for_indexing
from workflows.clock import Clock
from workflows.errors import FieldError, InvalidInputError
from workflows.events import EventType
from workflows.outbox import wake

CLAIMED_FOR = timedelta(minutes=2)
"""Longer than a job may last: after it, whoever claimed a file was killed."""


@dataclass(frozen=True)
class ScanRule:
    """How new papers are scanned.

    Args:
        again_after: what was said of the same bytes counts for so long; None for ever.
    """

    again_after: timedelta | None = None


def ask_for_scan(session: Session, sha256: str, rule: ScanRule, *, clock: Clock) -> None:
    """Have some bytes scanned before anybody reads them, unless they have been; the commit wakes a worker.

    Called before a case is locked: whoever records a result locks in the same order.

    Bytes once found clean stay readable while they are looked at again.

    Raises:
        InvalidInputError: a virus is known to be in them (`file`).
    """
    known = _lock(session, sha256)
    if known is None:
        try:
            with session.begin_nested():
                session.add(_waiting(sha256, clock.now()))
            wake(session)
            return
        except IntegrityError:  # the same bytes, laid to another case at the same moment
            known = _lock(session, sha256)
    if known is None or known.due_at is not None:
        return
    if rule.again_after is not None and (known.checked_at or known.asked_at) + rule.again_after <= clock.now():
        if known.status == ScanStatus.INFECTED:
            known.status, known.signature = ScanStatus.WAITING, None
        known.asked_at = known.due_at = clock.now()
        known.attempts = 0
        wake(session)
    elif known.status == ScanStatus.INFECTED:
        raise InvalidInputError([FieldError("file", "file-infected", {"signature": known.signature or ""})])


def has_due_scans(session: Session, *, clock: Clock) -> bool:
    """Tell whether anything is to be scanned now."""
    due = select(ContentScan.sha256).where(ContentScan.due_at <= clock.now()).limit(1)
    return session.scalar(due) is not None


def claim_scan(session: Session, *, clock: Clock) -> str | None:
    """Return the address of the bytes to be scanned next, kept from other workers for a while; None for nothing."""
    now = clock.now()
    scan = session.scalars(
        select(ContentScan)
        .where(ContentScan.due_at <= now)
        .order_by(ContentScan.due_at, ContentScan.sha256)
        .limit(1)
        .with_for_update(skip_locked=True)
    ).one_or_none()
    if scan is None:
        return None
    scan.attempts += 1
    scan.due_at = now + CLAIMED_FOR
    return scan.sha256


def put_off(session: Session, sha256: str, *, clock: Clock) -> None:
    """Note that the scanner could not say anything; it is asked again, after a pause that doubles to half an hour."""
    scan = _lock(session, sha256)
    if scan is not None and scan.due_at is not None:
        scan.due_at = clock.now() + pause_after(max(1, scan.attempts))


def record_scan(session: Session, sha256: str, signature: str | None, *, clock: Clock) -> bool:
    """Record what the scanner said, and tell whether the bytes must go.

    Of each paper with a virus in it the case's trace tells, and whoever added it is told.

    Args:
        sha256: the bytes.
        signature: what was found in them; None for nothing.
    """
    scan = _lock(session, sha256)
    if scan is None or scan.due_at is None:
        return False
    scan.due_at, scan.checked_at = None, clock.now()
    if signature is None:
        scan.status = ScanStatus.CLEAN
        return False
    scan.status, scan.signature = ScanStatus.INFECTED, signature[:200]
    _block_papers(session, sha256, scan.signature, clock)
    _block_drafts(session, sha256, scan.signature, clock)
    return True


def _block_papers(session: Session, sha256: str, signature: str, clock: Clock) -> None:
    papers = select(CaseDocument).where(CaseDocument.sha256 == sha256).order_by(CaseDocument.id)
    rows: Sequence[CaseDocument] = session.scalars(papers).all()
    cases = session.execute(select(Case.id, Case.parent_id).where(Case.id.in_({row.case_id for row in rows})))
    root_ids = sorted({case.parent_id or case.id for case in cases})
    for root_id in root_ids:
        lock_family(session, root_id)
    for row in rows:
        payload = {"document": row.id, "item": row.item, "signature": signature}
        if row.subject is None:  # one that only some may see is not named to the others
            payload["name"] = row.name
        event = EventType.INTERNAL_DOCUMENT_BLOCKED if row.internal else EventType.DOCUMENT_BLOCKED
        audit.append(session, actor=None, event=event, case_id=row.case_id, payload=payload, clock=clock)
        _tell(session, row.added_by_person_id, row.name, signature, clock, case_id=row.case_id)
    ask_for_indexing(session, sha256, clock=clock)  # what stands in it is to be found no more


def _block_drafts(session: Session, sha256: str, signature: str, clock: Clock) -> None:
    rows = session.execute(
        select(ApplicationDraft.id, ApplicationDraft.person_id, DraftPaper.name)
        .join(DraftPaper, DraftPaper.draft_id == ApplicationDraft.id)
        .where(DraftPaper.sha256 == sha256)
        .order_by(DraftPaper.id)
    )
    for row in rows.all():
        _tell(session, row.person_id, row.name, signature, clock, draft_id=row.id)


def _tell(
    session: Session,
    person_id: int,
    name: str,
    signature: str,
    clock: Clock,
    *,
    case_id: int | None = None,
    draft_id: int | None = None,
) -> None:
    facts = {"file": name, "signature": signature, **({"draft": draft_id} if draft_id else {})}
    kind = NotificationKind.PAPER_BLOCKED
    notify(session, person_ids=[person_id], kind=kind, case_id=case_id, facts=facts, clock=clock)


def _lock(session: Session, sha256: str) -> ContentScan | None:
    return session.get(ContentScan, sha256, with_for_update=True, populate_existing=True)


def _waiting(sha256: str, now: datetime) -> ContentScan:
    return ContentScan(sha256=sha256, status=ScanStatus.WAITING, attempts=0, asked_at=now, due_at=now)
