"""What stands inside uploaded papers: read once for each file, after the virus scanner has passed it."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import ColumnElement, exists, func, insert, literal, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from workflows.cases.materials.models import ContentScan, ScanStatus
from workflows.cases.models import Case, CaseDocument
from workflows.cases.search.indexing import index_again
from workflows.cases.search.tables import ContentStatus, ContentText
from workflows.clock import Clock
from workflows.persistence import table_of

_OFFICE = "application/vnd.openxmlformats-officedocument."
READABLE = frozenset(
    ("application/pdf", f"{_OFFICE}wordprocessingml.document", f"{_OFFICE}spreadsheetml.sheet"),
)
"""Media types of files that have text in them."""
MAX_ATTEMPTS = 3
CLAIMED_FOR = timedelta(minutes=2)
"""Longer than a job may last: after it, whoever claimed a file was killed."""


def ask_for_text(session: Session, sha256: str, media_type: str, *, clock: Clock) -> None:
    """Have a file read for the search by the next sweep, unless it has been.

    Called before a case is locked: whoever records a text locks in the same order.
    """
    if media_type not in READABLE:
        return
    values = {"sha256": sha256, "media_type": media_type, "status": ContentStatus.WAITING, "attempts": 0}
    put = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    session.execute(put(table_of(ContentText)).values(due_at=clock.now(), **values).on_conflict_do_nothing())
    # Held until this commits: a text recorded meanwhile would not know of the paper, nor the paper of the text.
    session.execute(select(ContentText.sha256).where(ContentText.sha256 == sha256).with_for_update())


def ask_for_all(session: Session, *, clock: Clock) -> None:
    """Have all papers read that have never been asked for."""
    known = exists().where(ContentText.sha256 == CaseDocument.sha256)
    papers = (
        select(
            CaseDocument.sha256,
            func.min(CaseDocument.media_type),
            literal(ContentStatus.WAITING.value),
            literal(0),
            literal(clock.now(), table_of(ContentText).c.due_at.type),
        )
        .where(CaseDocument.media_type.in_(READABLE), ~known)
        .group_by(CaseDocument.sha256)
    )
    names = ["sha256", "media_type", "status", "attempts", "due_at"]
    session.execute(insert(table_of(ContentText)).from_select(names, papers))


def has_due_texts(session: Session, *, clock: Clock) -> bool:
    """Tell whether anything is to be read now."""
    return session.scalar(select(ContentText.sha256).where(*_due(clock)).limit(1)) is not None


def _due(clock: Clock) -> tuple[ColumnElement[bool], ...]:
    held = exists().where(
        ContentScan.sha256 == ContentText.sha256,
        ContentScan.status.in_((ScanStatus.WAITING, ScanStatus.INFECTED)),
    )
    return ContentText.status == ContentStatus.WAITING, ContentText.due_at <= clock.now(), ~held


def claim_text(session: Session, *, clock: Clock) -> tuple[str, str] | None:
    """Return the file to be read next, kept from other workers for a while: (address, media type); None for nothing."""
    waiting = session.scalars(
        select(ContentText)
        .where(*_due(clock))
        .order_by(ContentText.due_at, ContentText.sha256)
        .limit(1)
        .with_for_update(skip_locked=True)
    ).one_or_none()
    if waiting is None:
        return None
    waiting.attempts += 1
    waiting.due_at = clock.now() + CLAIMED_FOR
    if waiting.attempts >= MAX_ATTEMPTS:
        waiting.status = ContentStatus.UNREADABLE  # unless this last try comes to its end
    return waiting.sha256, waiting.media_type


def record_text(session: Session, sha256: str, text: str | None) -> None:
    """Record what stands in a file, and index the cases it was laid to.

    Args:
        session: the transaction.
        sha256: the file.
        text: what stands in it; None where it cannot be read.
    """
    row = session.get(ContentText, sha256, with_for_update=True, populate_existing=True)
    if row is None:
        return
    row.status = ContentStatus.UNREADABLE if text is None else ContentStatus.READ
    row.text = text.encode("utf-8", "ignore") if text else None
    if text:
        index_cases_with(session, sha256)


def index_cases_with(session: Session, sha256: str) -> None:
    """Index the cases anew that a file was laid to."""
    roots = session.scalars(
        select(func.coalesce(Case.parent_id, Case.id))
        .join(CaseDocument, CaseDocument.case_id == Case.id)
        .where(CaseDocument.sha256 == sha256)
        .distinct()
    ).all()
    if roots:
        index_again(session, sorted(roots))
