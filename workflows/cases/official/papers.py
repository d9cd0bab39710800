"""What was made of documents: kept once under the hash of what they state, found again by it."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from workflows.cases.models import Case, Notice
from workflows.cases.official.statement import Issue, Statement, read_statement, state
from workflows.cases.official.tables import MadePaper
from workflows.cases.search.indexing import index_again
from workflows.clock import Clock
from workflows.persistence import canonical_json, table_of


@dataclass(frozen=True)
class MadeFile:
    """A file in the storage adapter."""

    sha256: str
    size: int


@dataclass(frozen=True)
class Block:
    """A paragraph: `role` is `title`, `number`, `to`, `body`, `sender` or `date`."""

    role: str
    text: str


@dataclass(frozen=True)
class Paper:
    """A document as it was made."""

    id: int
    blocks: tuple[Block, ...]
    docx: MadeFile
    pdf: MadeFile


def content_key(content: object) -> str:
    """Return the hash of what a document states: the same statement is the same paper."""
    return hashlib.sha256(canonical_json(content)).hexdigest()


def find_paper(session: Session, key: str) -> Paper | None:
    """Return what was made of a content, if it was."""
    row = session.scalars(select(MadePaper).where(MadePaper.content_sha256 == key)).one_or_none()
    return _paper(row) if row else None


def keep_paper(
    session: Session, key: str, blocks: tuple[Block, ...], *, docx: MadeFile, pdf: MadeFile, clock: Clock
) -> Paper:
    """Keep what was made of a content; if somebody was faster, theirs stays and is returned."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    values = {
        "content_sha256": key,
        "text": [{"role": block.role, "text": block.text} for block in blocks],
        "docx_sha256": docx.sha256,
        "docx_size": docx.size,
        "pdf_sha256": pdf.sha256,
        "pdf_size": pdf.size,
        "made_at": clock.now(),
    }
    session.execute(insert(table_of(MadePaper)).values(**values).on_conflict_do_nothing())
    return _paper(session.scalars(select(MadePaper).where(MadePaper.content_sha256 == key)).one())


def paper_of_notice(session: Session, notice_id: int) -> Paper | None:
    """Return what was made of a document that was issued, if it was; the caller has checked who reads."""
    row = session.scalars(
        select(MadePaper).join(Notice, Notice.paper_id == MadePaper.id).where(Notice.id == notice_id)
    ).one_or_none()
    return _paper(row) if row else None


def statement_of(session: Session, notice_id: int) -> Statement:
    """Return what an issued document states; of one issued before that was kept, what its facts say."""
    notice, case = session.execute(
        select(Notice, Case).join(Case, Case.id == Notice.case_id).where(Notice.id == notice_id)
    ).one()
    if notice.content is not None:
        return read_statement(notice.content)
    return state(session, case, Issue(notice.kind, notice.facts, None, None, None, notice.issued_at))


def set_paper(session: Session, notice_id: int, paper: Paper) -> None:
    """Note which paper is the document's, for good."""
    root_id = session.scalar(
        select(func.coalesce(Case.parent_id, Case.id))
        .join(Notice, Notice.case_id == Case.id)
        .where(Notice.id == notice_id)
    )
    if root_id is None:
        return
    session.execute(select(Case.id).where(Case.id == root_id).with_for_update())  # the case first, as all acts lock
    session.execute(
        update(Notice)
        .where(Notice.id == notice_id, Notice.paper_id.is_(None))
        .values(paper_id=paper.id)
        .execution_options(synchronize_session=False)
    )
    index_again(session, [root_id])


def unmade_notices(session: Session, limit: int, *, without: Collection[int] = ()) -> tuple[int, ...]:
    """Return documents whose papers are still to be made, the oldest first, less those named."""
    query = select(Notice.id).where(Notice.paper_id.is_(None), Notice.id.not_in(without))
    return tuple(session.scalars(query.order_by(Notice.id).limit(limit)))


def archived_notices(session: Session, case_ids: Collection[int]) -> list[dict[str, Any]]:
    """Return the documents of cases as JSON values for their archive: what they state, and the hashes of their files.

    A paper that was not made yet has no files; what it states fixes it as well.
    """
    rows = session.execute(
        select(Notice, MadePaper.docx_sha256, MadePaper.pdf_sha256)
        .outerjoin(MadePaper, MadePaper.id == Notice.paper_id)
        .where(Notice.case_id.in_(case_ids))
        .order_by(Notice.id)
    )
    return [
        {
            "kind": row.Notice.kind,
            "no": row.Notice.document_no,
            "issued_at": row.Notice.issued_at,
            "content": row.Notice.content,
            **({"void_reason": row.Notice.void_reason} if row.Notice.voided_at else {}),
            **({"docx_sha256": row.docx_sha256, "pdf_sha256": row.pdf_sha256} if row.pdf_sha256 else {}),
        }
        for row in rows
    ]


def _paper(row: MadePaper) -> Paper:
    return Paper(
        id=row.id,
        blocks=tuple(Block(block["role"], block["text"]) for block in row.text),
        docx=MadeFile(row.docx_sha256, row.docx_size),
        pdf=MadeFile(row.pdf_sha256, row.pdf_size),
    )
