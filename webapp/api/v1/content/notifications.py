"""What the caller should know."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from flask_babel import force_locale
from pydantic import Field

from webapp.api.sentences import Language
from webapp.api.v1.content.base import Incoming, Outgoing, name_of
from webapp.notification_words import notification_sentence
from workflows.cases.views import NotificationRow, Page


class Notification(Outgoing):
    """Something the caller should know."""

    id: int
    kind: str
    text: str
    """What it says, in the reader's language."""
    case_no: str | None
    case_title: str | None
    task_id: int | None
    task_name: str | None
    by: str | None
    """Who acted."""
    facts: dict[str, Any]
    created_at: datetime
    read_at: datetime | None


class NotificationList(Outgoing):
    """The caller's notifications, newest first."""

    items: list[Notification]
    next: str | None
    unread: int
    """Of all of them, up to 100: beyond that there are so many or more."""


class ReadNotifications(Incoming):
    """Which notifications have been read; all of them if none is named."""

    ids: Annotated[list[Annotated[int, Field(ge=1, le=2**63 - 1)]], Field(min_length=1, max_length=200)] | None = None


class UnreadCount(Outgoing):
    """How many are left unread."""

    unread: int


def notification_list(page: Page[NotificationRow], unread: int, language: Language) -> NotificationList:
    """Return a page of notifications as content."""
    with force_locale(language):
        items = [_notification(row, language) for row in page.items]
    return NotificationList(items=items, next=page.next, unread=unread)


def _notification(row: NotificationRow, language: Language) -> Notification:
    return Notification(
        id=row.id,
        kind=row.kind,
        text=notification_sentence(row, language),
        case_no=row.case_no,
        case_title=row.case_title,
        task_id=row.task_id,
        task_name=name_of(row.task_name, language) if row.task_name else None,
        by=name_of(row.by, language) if row.by else None,
        facts={name: value for name, value in row.facts.items() if name != "by"},
        created_at=row.created_at,
        read_at=row.read_at,
    )
