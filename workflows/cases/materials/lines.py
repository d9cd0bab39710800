"""What stands on each line of a checklist: missing, supplied, sent back, accepted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.agencies.models import Person
from workflows.cases.materials.folder import BLOCKED, HELD, Folder
from workflows.cases.materials.models import MaterialReview, Verdict
from workflows.cases.paper_views import DocumentRow, MaterialLine, SentBack
from workflows.cases.views import Named
from workflows.processes import MaterialItem

Key = tuple[str, str | None]


class MaterialState(StrEnum):
    """How a line of the checklist stands."""

    MISSING = "missing"
    HELD = "held"
    """Supplied, and not scanned for viruses yet: it does not count."""
    SUPPLIED = "supplied"
    SENT_BACK = "sent_back"
    ACCEPTED = "accepted"


def lines_of(session: Session, folder: Folder) -> tuple[MaterialLine, ...]:
    """Return every line of a checklist with its papers and what became of it."""
    latest = latest_reviews(session, folder.part.root_id)
    people = _people(session, latest.values())
    return tuple(
        _line(folder, item, subject, row, latest.get((item.id, subject)), people)
        for item, subject, row in folder.lines()
    )


def latest_reviews(session: Session, root_id: int) -> dict[Key, MaterialReview]:
    """Return the last word on each line of a family of cases."""
    rows = session.scalars(select(MaterialReview).where(MaterialReview.root_id == root_id).order_by(MaterialReview.id))
    return {(row.item, row.subject): row for row in rows}


def name_of(item: MaterialItem, row: Mapping[str, Any] | None) -> Named:
    """Return what a line is called: the paper, and whose where it is asked for each row of a list."""
    whose = str((row or {}).get("name") or "")
    if not whose:
        return Named(item.id, item.name, item.name_en)
    return Named(item.id, f"{item.name}（{whose}）", f"{item.name_en} ({whose})")


def _people(session: Session, reviews: Any) -> Mapping[int, tuple[str, str]]:
    ids = {review.by_person_id for review in reviews}
    rows = session.execute(select(Person.id, Person.name_zh, Person.name_en).where(Person.id.in_(ids))) if ids else ()
    return {row.id: (row.name_zh, row.name_en) for row in rows}


def _line(
    folder: Folder,
    item: MaterialItem,
    subject: str | None,
    row: Mapping[str, Any] | None,
    review: MaterialReview | None,
    people: Mapping[int, tuple[str, str]],
) -> MaterialLine:
    documents = folder.of_line(item.id, subject)
    files = [document for document in documents if document.is_newest]
    if review is not None and folder.for_applicant and review.verdict == Verdict.SENT_BACK and review.told_at is None:
        review = None  # the officer is still reading: the applicant is told everything at once, with the decision
    return MaterialLine(
        item=item.id,
        subject=subject,
        name=Named(item.id, item.name, item.name_en),
        title=name_of(item, row),
        whose=str((row or {}).get("name") or "") or None,
        required=item.is_required(folder.form, row),
        supplied_by=item.supplied_by,
        state=state_of(files, review),
        sent_back=_sent_back(review, people),
        files=tuple(files),
        earlier=tuple(document for document in documents if not document.is_newest),
        kinds=item.kinds,
        max_mb=item.max_mb,
        max_files=item.max_files,
        hint=Named("hint", item.hint, item.hint_en or item.hint),
        sample=Named("sample", item.sample, item.sample_en or item.sample),
    )


def state_of(files: Sequence[DocumentRow], review: MaterialReview | None) -> MaterialState:
    """Tell how a line stands.

    Args:
        files: the newest version of each of its files.
        review: the last word on it.
    """
    newest = max((file.id for file in files if file.status not in (BLOCKED, HELD)), default=0)
    if review is not None and review.verdict != Verdict.UNDONE and newest <= review.seen_document_id:
        return MaterialState.SENT_BACK if review.verdict == Verdict.SENT_BACK else MaterialState.ACCEPTED
    if any(file.status == HELD for file in files):
        return MaterialState.HELD
    return MaterialState.SUPPLIED if newest else MaterialState.MISSING


def _sent_back(review: MaterialReview | None, people: Mapping[int, tuple[str, str]]) -> SentBack | None:
    if review is None or review.verdict != Verdict.SENT_BACK:
        return None
    by, by_en = people.get(review.by_person_id, ("", ""))
    return SentBack(review.problem or "", review.requirement, review.at, by, by_en, review.told_at)
