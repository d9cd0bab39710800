"""The grounds on which a paper of a visible case is seen, each named once, and who of those does not see it.

What decides (`folder`) joins these conditions, and what explains (`why_seen_item`) asks them one by one.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, or_, true

from workflows.cases.models import Case, CaseDocument
from workflows.cases.part_of_family import Part


class PaperGround(StrEnum):
    """Why a paper is seen with a case."""

    OF_CASE = "of-case"
    """It was laid to this very case."""
    SHARED = "shared"
    """It lies on a line of the checklist that all parts of the application share."""
    OF_ROW = "of-row"
    """It lies on a line of the checklist about a row of the application that the reader sees."""


def paper_grounds(
    case: Case, part: Part, subjects: Collection[str] | None
) -> Mapping[PaperGround, ColumnElement[bool]]:
    """Return the condition on `CaseDocument` of each ground.

    Args:
        case: the visible case.
        part: what the reader sees of its family.
        subjects: rows of the application the reader sees; None where all are seen.
    """
    on_line = and_(CaseDocument.case_id.in_(part.case_ids), CaseDocument.item.is_not(None))
    about_seen = CaseDocument.subject.in_(subjects) if subjects is not None else true()
    unsaid = CaseDocument.subject.is_(None)
    return {
        PaperGround.OF_CASE: and_(CaseDocument.case_id == case.id, or_(unsaid, about_seen)),
        PaperGround.SHARED: and_(on_line, unsaid),
        PaperGround.OF_ROW: and_(on_line, CaseDocument.subject.is_not(None), about_seen),
    }


def for_reader(*, for_applicant: bool) -> ColumnElement[bool]:
    """Return the condition on `CaseDocument` that it is not kept from the reader: officers' own from applicants."""
    return CaseDocument.internal.is_(False) if for_applicant else true()
