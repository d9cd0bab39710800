"""What can go wrong with a login."""

from __future__ import annotations

from webapp.identity.models import LoginLimit
from workflows.errors import LianbanError


class SessionExpiredError(LianbanError):
    """Nobody is signed in: there is no login, or it has ended."""

    code = "session-expired"

    def __init__(self) -> None:
        super().__init__("no live login")


class LoginUnfinishedError(LianbanError):
    """Somebody is signed in, and has to do something first.

    Args:
        limit: what.
    """

    def __init__(self, limit: LoginLimit) -> None:
        self.limit = limit
        self.code = f"login-waits-for-{limit.value}"  # type: ignore[misc]  # one code for each
        super().__init__(limit.value)
