"""Who opened what, as content."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import StringConstraints

from webapp.api.sentences import Language
from webapp.api.v1.content.base import Agency, Outgoing, PageQuery, QueryDate, name_of
from workflows.cases.viewings.listing import ViewingQuery, ViewingRow
from workflows.cases.views import Page

Typed = Annotated[str, StringConstraints(min_length=1, max_length=64)]


class CaseViewingListQuery(PageQuery):
    """Which openings of a case."""

    person: Typed | None = None
    """User name, or name in full."""
    from_on: QueryDate | None = None
    """First day, in the offices' time."""
    to_on: QueryDate | None = None
    """Last day."""

    def asked(self, case_no: str | None) -> ViewingQuery:
        """Return what is asked for."""
        return ViewingQuery(case_no, self.person, self.from_on, self.to_on, self.cursor, self.limit)


class ViewingListQuery(CaseViewingListQuery):
    """Which openings."""

    case: Annotated[str, StringConstraints(min_length=1, max_length=60)] | None = None


class Viewing(Outgoing):
    """Somebody opened something."""

    at: datetime
    username: str
    person: str
    agency: Agency
    post: str
    on_behalf_of: str | None
    """For whom, where they stood in for somebody."""
    case_no: str
    kind: Literal["case", "paper", "notice", "approval"]
    item_id: int | None
    """Of the version of a paper, or of the official document."""
    version: int | None
    """Of a paper."""
    way: Literal["shown", "downloaded"]
    name: str | None
    """Of a paper; null for the audit administrator, who is shown nothing of a case."""
    document_no: str | None


class ViewingList(Outgoing):
    """Openings, the newest first."""

    items: list[Viewing]
    next: str | None


def viewing_list(page: Page[ViewingRow], language: Language) -> ViewingList:
    """Return a page of openings as content."""
    return ViewingList(items=[_viewing(row, language) for row in page.items], next=page.next)


def _viewing(row: ViewingRow, language: Language) -> Viewing:
    return Viewing(
        at=row.at,
        username=row.person.code,
        person=name_of(row.person, language),
        agency=Agency(code=row.agency.code, name=name_of(row.agency, language)),
        post=row.post.code,
        on_behalf_of=name_of(row.principal, language) if row.principal else None,
        case_no=row.case_no,
        kind=row.kind.value,
        item_id=row.item_id,
        version=row.version,
        way=row.way.value,
        name=row.name,
        document_no=row.document_no,
    )
