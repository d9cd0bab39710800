"""What can go wrong with a login."""

from __future__ import annotations

from workflows.errors import LianbanError


class SessionExpiredError(LianbanError):
    """Nobody is signed in: there is no login, or it has ended."""

    code = "session-expired"

    def __init__(self) -> None:
        super().__init__("no live login")
