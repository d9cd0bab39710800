"""Who stands in for whom, and who is away."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

from pydantic import Field, StringConstraints

from webapp.api.sentences import Language
from webapp.api.v1.content.base import BodyDate, Code, Incoming, Outgoing
from workflows.agencies.deputies import AbsenceView, BackupView, DelegationView
from workflows.cases.views import Page, TaskRow

ShortReason = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Key = Annotated[int, Field(ge=1, le=2**31 - 1)]


class NewDelegation(Incoming):
    """The caller's work in the acting post, for some days."""

    to: Code
    """User name of a colleague."""
    from_on: BodyDate
    to_on: BodyDate
    """The last day."""
    scope: Code = "all"
    """`all`, or `measure:<no>` for the work of one measure."""


class DueMeanwhile(Outgoing):
    """A task in the caller's hands that falls due on the days of a delegation, or before."""

    task_id: int
    case_no: str
    due_at: datetime


class Delegation(Outgoing):
    """A delegation over dates."""

    id: int
    post_id: int
    post: str
    agency: str
    principal: str
    principal_username: str
    to: str
    """User name of the deputy."""
    deputy: str
    from_on: date
    to_on: date
    scope: str
    state: str
    """`coming`, `in_force`, `over` or `ended`."""
    due_meanwhile: list[DueMeanwhile]
    """Warnings, given once: when it is made."""


class DelegationList(Outgoing):
    """Delegations that concern the caller, the newest first."""

    items: list[Delegation]
    next: str | None


class NewAbsence(Incoming):
    """Somebody of the agency is away."""

    username: Code
    from_on: BodyDate
    to_on: BodyDate
    reason: ShortReason


class Absence(Outgoing):
    """Days on which somebody is away."""

    id: int
    username: str
    name: str
    from_on: date
    to_on: date
    reason: str
    ended: bool


class AbsenceList(Outgoing):
    """Who is away today or will be."""

    items: list[Absence]
    next: str | None


class NewBackup(Incoming):
    """The B角 of a post."""

    post_id: Key
    to: Code
    """User name of the B角."""
    from_on: BodyDate
    to_on: BodyDate | None = None


class Backup(Outgoing):
    """The B角 of a post."""

    id: int
    post_id: int
    post: str
    seat: int
    username: str
    name: str
    from_on: date
    to_on: date | None


class BackupList(Outgoing):
    """The B角 of the agency's posts."""

    items: list[Backup]
    next: str | None


def delegation(made: DelegationView, due: tuple[TaskRow, ...], language: Language) -> Delegation:
    """Return a delegation as content."""
    english = language == "en"
    return Delegation(
        id=made.id,
        post_id=made.post_id,
        post=made.post_kind,
        agency=made.agency_code,
        principal=made.principal_en if english else made.principal_zh,
        principal_username=made.principal_username,
        to=made.deputy_username,
        deputy=made.deputy_en if english else made.deputy_zh,
        from_on=made.from_on,
        to_on=made.to_on,
        scope=made.scope,
        state=made.state,
        due_meanwhile=[
            DueMeanwhile(task_id=row.id, case_no=row.case_no, due_at=row.due_at) for row in due if row.due_at
        ],
    )


def delegation_list(page: Page[DelegationView], language: Language) -> DelegationList:
    """Return a page of delegations as content."""
    return DelegationList(items=[delegation(made, (), language) for made in page.items], next=page.next)


def absence(away: AbsenceView, language: Language) -> Absence:
    """Return an absence as content."""
    return Absence(
        id=away.id,
        username=away.username,
        name=away.name_en if language == "en" else away.name_zh,
        from_on=away.from_on,
        to_on=away.to_on,
        reason=away.reason,
        ended=away.ended,
    )


def backup(named: BackupView, language: Language) -> Backup:
    """Return a B角 as content."""
    return Backup(
        id=named.id,
        post_id=named.post_id,
        post=named.post_kind,
        seat=named.seat,
        username=named.username,
        name=named.name_en if language == "en" else named.name_zh,
        from_on=named.from_on,
        to_on=named.to_on,
    )
