"""查毒: what the virus scanner is to look at, and what it said."""

from __future__ import annotations

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from workflows import audit
from workflows.cases.materials.models import ContentScan, ScanStatus
from workflows.cases.models import CaseDocument
from workflows.clock import Clock
from workflows.errors import FieldError, InvalidInputError
from workflows.events import EventType
from workflows.outbox import WROTE


def ask_for_scan(session: Session, sha256: str, *, clock: Clock) -> None:
    """Have some bytes scanned before anybody reads them, unless they have been; the commit wakes a worker.

    Raises:
        InvalidInputError: a virus is known to be in them (`file`).
    """
    known = session.get(ContentScan, sha256)
    if known is None:
        try:
            with session.begin_nested():
                session.add(ContentScan(sha256=sha256, status=ScanStatus.WAITING, attempts=0, asked_at=clock.now()))
        except IntegrityError:  # the same bytes, laid to another case at the same moment
            return
        session.info[WROTE] = True
    elif known.status == ScanStatus.INFECTED:
        raise InvalidInputError([FieldError("file", "file-infected", {"signature": known.signature or ""})])


def list_waiting(session: Session, *, limit: int) -> tuple[str, ...]:
    """Return the addresses of the bytes to be scanned, those tried least first."""
    return tuple(
        session.scalars(
            select(ContentScan.sha256)
            .where(ContentScan.status == ScanStatus.WAITING)
            .order_by(ContentScan.attempts, ContentScan.asked_at)
            .limit(limit)
        )
    )


def put_off(session: Session, sha256: str) -> None:
    """Note that the scanner could not say anything; it is asked again."""
    session.execute(
        update(ContentScan)
        .where(ContentScan.sha256 == sha256)
        .values(attempts=ContentScan.attempts + 1)
        .execution_options(synchronize_session=False)
    )


def record_scan(session: Session, sha256: str, signature: str | None, *, clock: Clock) -> None:
    """Record what the scanner said; of each paper with a virus in it the case's trace tells.

    Args:
        sha256: the bytes.
        signature: what was found in them; None for nothing.
    """
    scan = session.get(ContentScan, sha256, with_for_update=True)
    if scan is None or scan.status != ScanStatus.WAITING:
        return
    scan.status = ScanStatus.CLEAN if signature is None else ScanStatus.INFECTED
    scan.signature, scan.checked_at = signature and signature[:200], clock.now()
    if signature is None:
        return
    for paper in session.scalars(select(CaseDocument).where(CaseDocument.sha256 == sha256)).all():
        payload = {"document": paper.id, "item": paper.item, "signature": scan.signature}
        audit.append(
            session,
            actor=None,
            event=EventType.DOCUMENT_BLOCKED,
            case_id=paper.case_id,
            payload=payload,
            clock=clock,
        )
