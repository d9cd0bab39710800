"""Logins as rows of a page."""

from __future__ import annotations

from webapp.identity.models import SessionKind
from webapp.identity.own_logins import LoginView
from webapp.ui.account.browsers import browser_name
from webapp.ui.account.models import Device


def device(row: LoginView) -> Device:
    """Return a login as the page shows it."""
    return Device(
        id=row.id,
        name=browser_name(row.user_agent),
        api=row.kind is SessionKind.API,
        address=row.address,
        begun_at=row.begun_at,
        last_seen_at=row.last_seen_at,
        current=row.current,
    )
