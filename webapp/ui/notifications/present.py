"""From a notification to its line: what it says, of which case, and where it leads."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import url_for

from webapp.notification_words import notification_sentence
from webapp.ui.language import reader_language
from workflows.cases.notifications import NotificationKind
from workflows.cases.views import NotificationRow

_ICONS = {
    NotificationKind.URGED: ("mega", "c-red"),
    NotificationKind.OVERDUE: ("l-red", "c-red"),
    NotificationKind.DUE_SOON: ("l-amber", "c-amber"),
    NotificationKind.RETURNED: ("left", "c-amber"),
    NotificationKind.SUPPLEMENT_WANTED: ("l-amber", "c-amber"),
    NotificationKind.DEEMED_WITHDRAWN: ("l-red", "c-red"),
    NotificationKind.DEEMED_NO_OPINION: ("l-red", "c-red"),
    NotificationKind.NOBODY_TO_DO_IT: ("l-red", "c-red"),
    NotificationKind.PASSED_BY_RULE: ("l-amber", "c-amber"),
    NotificationKind.RULES_REQUESTED: ("stamp", ""),
    NotificationKind.RULES_APPROVED: ("check", "c-green"),
    NotificationKind.RULES_REJECTED: ("x", "c-red"),
    NotificationKind.CASE_CLOSED: ("flag", "c-green"),
    NotificationKind.COPIED: ("doc", ""),
    NotificationKind.PAPER_BLOCKED: ("shield", "c-red"),
}

_OF_RULES = (
    NotificationKind.RULES_REQUESTED,
    NotificationKind.RULES_APPROVED,
    NotificationKind.RULES_REJECTED,
    NotificationKind.RULES_WITHDRAWN,
)


@dataclass(frozen=True)
class Line:
    """One notification as shown.

    Args:
        note: why, in the words of whoever acted.
    """

    id: int
    icon: str
    colour: str
    sentence: str
    case_no: str | None
    case_title: str | None
    note: str | None
    at: datetime
    unread: bool


def line(row: NotificationRow) -> Line:
    """Return a notification as shown."""
    icon, colour = _ICONS.get(row.kind, ("user", ""))  # type: ignore[call-overload]
    reason = row.facts.get("reason")
    return Line(
        id=row.id,
        icon=icon,
        colour=colour,
        sentence=notification_sentence(row, reader_language()),
        case_no=row.case_no,
        case_title=row.case_title,
        note=str(reason) if reason else None,
        at=row.created_at,
        unread=row.read_at is None,
    )


def target(row: NotificationRow) -> str:
    """Return where a notification leads: to the case, whose page offers the task, to a draft, or to the own tasks."""
    if row.case_no is None and isinstance(row.facts.get("draft"), int):
        return url_for("pages.applications.papers", draft_id=row.facts["draft"])
    if row.kind == NotificationKind.HANDED_OVER and row.case_no is None:
        return url_for("pages.tasks.index", queue="mine")
    if row.kind in _OF_RULES:
        return url_for("pages.rules.index")
    if row.case_no is None:
        return url_for("pages.notifications.index")
    return url_for("pages.cases.detail", no=row.case_no)
