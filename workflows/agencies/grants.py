"""Requests for grants, as both administrators and the auditor see them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from workflows.agencies.models import Agency, GrantKind, GrantRequest, GrantStatus, Person
from workflows.errors import NotFoundError
from workflows.permissions import PostKind


@dataclass(frozen=True)
class Grant:
    """A request for a grant. A password that waits is not part of it.

    Args:
        id: key.
        kind, status: what is asked for, and where it stands.
        person_id: whom it concerns; None for a new account that is not there yet.
        username, name_zh, name_en: of that person.
        agency_code, agency_zh, agency_en, post_kind: the post, where one is asked for.
        from_on, to_on: its days; None is the day of the approval, and open.
        requested_by, requester_zh, requester_en, requested_at: who asked, and when.
        decided_by, decider_zh, decider_en, decided_at: who decided, and when.
        note: why it was refused or withdrawn.
        row_version: rises with each change.
    """

    id: int
    kind: GrantKind
    status: GrantStatus
    person_id: int | None
    username: str
    name_zh: str
    name_en: str
    agency_code: str | None
    agency_zh: str | None
    agency_en: str | None
    post_kind: PostKind | None
    from_on: date | None
    to_on: date | None
    requested_by: int
    requester_zh: str
    requester_en: str
    requested_at: datetime
    decided_by: int | None
    decider_zh: str | None
    decider_en: str | None
    decided_at: datetime | None
    note: str
    row_version: int

    def facts(self) -> dict[str, Any]:
        """Return what the trace keeps of it."""
        days = {"from_on": self.from_on, "to_on": self.to_on}
        return {
            "grant": self.id,
            "kind": self.kind.value,
            "username": self.username,
            **({"agency": self.agency_code, "post": self.post_kind.value} if self.post_kind else {}),
            **{name: day.isoformat() for name, day in days.items() if day is not None},
            **({"note": self.note} if self.note else {}),
        }


@dataclass(frozen=True)
class GrantPage:
    """A part of the requests; `next` is the cursor of what follows, None at the end."""

    items: tuple[Grant, ...]
    next: str | None


def grant_of(session: Session, grant_id: int) -> Grant:
    """Return one request.

    Raises:
        NotFoundError: no such request.
    """
    found = _select(session, GrantRequest.id == grant_id)
    if not found:
        raise NotFoundError("grant", grant_id)
    return found[0]


def list_grants(
    session: Session, *, status: GrantStatus | None = None, cursor: int | None = None, limit: int = 50
) -> GrantPage:
    """Return requests, the newest first.

    Args:
        session: only read.
        status: those that stand there only.
        cursor: key of the last one shown.
        limit: most in one part.
    """
    conditions = []
    if status is not None:
        conditions.append(GrantRequest.status == status)
    if cursor is not None:
        conditions.append(GrantRequest.id < cursor)
    found = _select(session, *conditions, limit=limit + 1)
    return GrantPage(found[:limit], str(found[limit - 1].id) if len(found) > limit else None)


def pending_about(session: Session, person_id: int) -> tuple[Grant, ...]:
    """Return what waits for a decision about a person."""
    return _select(session, GrantRequest.person_id == person_id, GrantRequest.status == GrantStatus.REQUESTED)


def count_requested(session: Session) -> int:
    """Return how many requests wait for a decision."""
    waiting = select(func.count()).select_from(GrantRequest).where(GrantRequest.status == GrantStatus.REQUESTED)
    return session.scalar(waiting) or 0


def _select(session: Session, *conditions: Any, limit: int | None = None) -> tuple[Grant, ...]:
    requester, decider = aliased(Person), aliased(Person)
    rows = session.execute(
        select(GrantRequest, Agency, requester, decider)
        .outerjoin(Agency, Agency.id == GrantRequest.agency_id)
        .join(requester, requester.id == GrantRequest.requested_by)
        .outerjoin(decider, decider.id == GrantRequest.decided_by)
        .where(*conditions)
        .order_by(GrantRequest.id.desc())
        .limit(limit)
    )
    return tuple(_grant(*row) for row in rows)


def _grant(row: GrantRequest, agency: Agency | None, requester: Person, decider: Person | None) -> Grant:
    return Grant(
        id=row.id,
        kind=row.kind,
        status=row.status,
        person_id=row.person_id,
        username=row.username,
        name_zh=row.name_zh,
        name_en=row.name_en,
        agency_code=None if agency is None else agency.code,
        agency_zh=None if agency is None else agency.short_zh,
        agency_en=None if agency is None else agency.short_en,
        post_kind=row.post_kind,
        from_on=row.from_on,
        to_on=row.to_on,
        requested_by=row.requested_by,
        requester_zh=requester.name_zh,
        requester_en=requester.name_en,
        requested_at=row.requested_at,
        decided_by=row.decided_by,
        decider_zh=None if decider is None else decider.name_zh,
        decider_en=None if decider is None else decider.name_en,
        decided_at=row.decided_at,
        note=row.note,
        row_version=row.row_version,
    )
