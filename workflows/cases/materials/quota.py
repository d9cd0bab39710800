"""How much may be laid to one case, and by one applicant in a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from workflows.agencies.models import Post
from workflows.cases.materials.models import ApplicationDraft, DraftPaper
from workflows.cases.models import CaseDocument
from workflows.clock import OFFICE_ZONE, Clock, office_date
from workflows.errors import FieldError, InvalidInputError
from workflows.permissions import Actor, PostKind


@dataclass(frozen=True)
class Quota:
    """Room for papers.

    Args:
        case_bytes: of one case, every version counted.
        daily_bytes: that one applicant may add between midnight and midnight, the office's time; officers may more.
    """

    case_bytes: int
    daily_bytes: int


UNLIMITED = Quota(1 << 62, 1 << 62)


def require_quota(
    session: Session, quota: Quota, size: int, *, case_id: int | None, actor: Actor, clock: Clock
) -> None:
    """Refuse a file there is no room for.

    Args:
        size: in bytes.
        case_id: the case it is for; None for a draft.

    Raises:
        InvalidInputError: naming `file`.
    """
    if case_id is not None:
        used = session.scalar(select(func.sum(CaseDocument.size)).where(CaseDocument.case_id == case_id)) or 0
        _require(int(used) + size, quota.case_bytes, "quota-case")
    if actor.post_kind is PostKind.APPLICANT:
        _require(_added_today(session, actor, clock) + size, quota.daily_bytes, "quota-day")


def _added_today(session: Session, actor: Actor, clock: Clock) -> int:
    midnight = datetime.combine(office_date(clock.now()), time.min, OFFICE_ZONE)
    posts = select(Post.id).where(Post.agency_id == actor.agency_id)
    laid_to_cases = select(func.sum(CaseDocument.size)).where(
        CaseDocument.added_by_post_id.in_(posts), CaseDocument.added_at >= midnight
    )
    laid_to_drafts = (
        select(func.sum(DraftPaper.size))
        .join(ApplicationDraft, ApplicationDraft.id == DraftPaper.draft_id)
        .where(ApplicationDraft.agency_id == actor.agency_id, DraftPaper.added_at >= midnight)
    )
    return int(session.scalar(laid_to_cases) or 0) + int(session.scalar(laid_to_drafts) or 0)


def _require(wanted: int, allowed: int, code: str) -> None:
    if wanted > allowed:
        raise InvalidInputError([FieldError("file", code, {"maximum": allowed >> 20})])
