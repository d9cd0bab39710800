"""What stands inside uploaded papers: read once for each file, after the virus scanner has passed it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import ColumnElement, and_, exists, func, insert, literal, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from workflows.cases.materials.back_off import pause_after
from workflows.cases.materials.models import ContentScan, ScanStatus
from workflows.cases.models import Case, CaseDocument
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


def ask_for_all(session: Session, *, again: bool = False, clock: Clock) -> None:
    """Have all papers read that have never been asked for.

    Args:
        session: the transaction.
        again: those that could not be read, too.
        clock: tells when.
    """
    if again:
        session.execute(
            update(ContentText)
            .where(ContentText.status == ContentStatus.UNREADABLE)
            .values(status=ContentStatus.WAITING, attempts=0, outages=0, due_at=clock.now())
            .execution_options(synchronize_session=False)
        )
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
        or_(
            ContentScan.status == ScanStatus.WAITING,
            # What was read before is only taken out of the index.
            and_(ContentScan.status == ScanStatus.INFECTED, ContentText.text.is_(None)),
        ),
    )
    return ContentText.status == ContentStatus.WAITING, ContentText.due_at <= clock.now(), ~held


@dataclass(frozen=True)
class Claimed:
    """A file to be read.

    Args:
        sha256: its address.
        media_type: of what kind it is.
        is_read: its text is recorded, and only the cases it was laid to are still to be indexed.
    """

    sha256: str
    media_type: str
    is_read: bool


def claim_text(session: Session, *, clock: Clock) -> Claimed | None:
    """Return the file to be read next, kept from other workers for a while; None for nothing."""
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
    if waiting.attempts >= MAX_ATTEMPTS and waiting.text is None:
        waiting.status = ContentStatus.UNREADABLE  # unless this last try comes to its end
    return Claimed(waiting.sha256, waiting.media_type, waiting.text is not None)


def put_off(session: Session, sha256: str, *, clock: Clock) -> None:
    """Note that a claimed file could not be fetched: no attempt at reading it; later again, after longer pauses."""
    row = session.get(ContentText, sha256, with_for_update=True, populate_existing=True)
    if row is None or row.text is not None:  # read by another worker, who took it when this one was late
        return
    row.status, row.attempts, row.outages = ContentStatus.WAITING, max(0, row.attempts - 1), row.outages + 1
    row.due_at = clock.now() + pause_after(row.outages)


def record_text(session: Session, sha256: str, text: str | None) -> None:
    """Record what stands in a file; where it has a text, its cases are still to be indexed, then `record_indexed`.

    Args:
        session: the transaction.
        sha256: the file.
        text: what stands in it; None where it cannot be read.
    """
    row = session.get(ContentText, sha256, with_for_update=True, populate_existing=True)
    if row is None:
        return
    row.status = ContentStatus.WAITING if text else ContentStatus.UNREADABLE
    row.outages = 0
    row.text = text.encode("utf-8", "ignore") if text else None


def ask_for_indexing(session: Session, sha256: str, *, clock: Clock) -> None:
    """Have the cases anew indexed that a file was laid to, if it has a text."""
    session.execute(
        update(ContentText)
        .where(ContentText.sha256 == sha256, ContentText.text.is_not(None))
        .values(status=ContentStatus.WAITING, due_at=clock.now())
        .execution_options(synchronize_session=False)
    )


def roots_with(session: Session, sha256: str, after: int, limit: int) -> Sequence[int]:
    """Return roots of the families of cases that a file was laid to, in the order of their keys.

    Args:
        session: read only.
        sha256: the file.
        after: the last one done before; 0 to begin.
        limit: how many, at most.
    """
    root_id = func.coalesce(Case.parent_id, Case.id)
    return session.scalars(
        select(root_id)
        .join(CaseDocument, CaseDocument.case_id == Case.id)
        .where(CaseDocument.sha256 == sha256, root_id > after)
        .distinct()
        .order_by(root_id)
        .limit(limit)
    ).all()


def record_indexed(session: Session, sha256: str) -> None:
    """Note that all cases are indexed that a file was laid to."""
    session.execute(
        update(ContentText)
        .where(ContentText.sha256 == sha256, ContentText.text.is_not(None))
        .values(status=ContentStatus.READ)
        .execution_options(synchronize_session=False)
    )
