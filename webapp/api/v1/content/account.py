"""One's own account: password, language, logins."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import StringConstraints

from webapp.api.v1.content.base import Incoming, Outgoing
from webapp.identity.own_logins import LoginView

Secret = Annotated[str, StringConstraints(min_length=1, max_length=1000)]


class NewPassword(Incoming):
    """The old password and the new one."""

    old_password: Secret
    new_password: Secret


class Preferences(Incoming):
    """What somebody has chosen for themselves."""

    language: Literal["zh", "en"]


class OwnLogin(Outgoing):
    """A browser or program somebody is signed in with."""

    id: int
    kind: str
    user_agent: str
    address: str
    begun_at: datetime
    last_seen_at: datetime
    expires_at: datetime
    current: bool


class OwnLogins(Outgoing):
    """Logins, the last used first."""

    items: list[OwnLogin]
    next: str | None = None


def own_login(row: LoginView) -> OwnLogin:
    """Return a login as content."""
    return OwnLogin(
        id=row.id,
        kind=row.kind.value,
        user_agent=row.user_agent,
        address=row.address,
        begun_at=row.begun_at,
        last_seen_at=row.last_seen_at,
        expires_at=row.expires_at,
        current=row.current,
    )
