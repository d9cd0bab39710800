"""A sign-in that was refused, as an error: by now the failure is counted and committed."""

from __future__ import annotations

import math
from collections.abc import Mapping

from webapp.identity.sign_in import Refusal, SignInRefused
from workflows.errors import LianbanError

_STATUS = {
    Refusal.WRONG: 401,
    Refusal.LOCKED: 429,
    Refusal.CODE: 401,
    Refusal.CODE_NEEDED: 401,
    Refusal.NO_POST: 403,
}


class SignInRefusedError(LianbanError):
    """No token was given.

    Args:
        refused: why, and for how long.
    """

    def __init__(self, refused: SignInRefused) -> None:
        self.code = refused.reason.value  # type: ignore[misc]  # one code for each reason
        self.status = _STATUS[refused.reason]
        self.headers: Mapping[str, str] = {"WWW-Authenticate": "Bearer"} if self.status == 401 else {}
        if refused.retry_after:
            self.headers = {**self.headers, "Retry-After": str(math.ceil(refused.retry_after.total_seconds()))}
        super().__init__(self.code)
