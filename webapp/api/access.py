"""Who may call a route: each declares it, and what declares nothing is not registered."""

from __future__ import annotations

from enum import Enum

from webapp.identity.errors import LoginUnfinishedError, SessionExpiredError
from webapp.identity.logins import Login
from workflows.errors import PermissionDeniedError
from workflows.permissions import Permission


class Open(Enum):
    """Routes that need no permission of a post, each for a reason of its own."""

    EVERYBODY = "everybody"
    """Signing in, and the description of the API: there is no actor yet."""
    SIGNED_IN = "signed-in"
    """Concerns nobody but the caller, or nothing but the calendar."""
    ACCOUNT = "account"
    """Changes the caller's own account: not by a personal token, which is good for its purpose only."""


Access = Permission | Open


def require(access: Access, login: Login | None, *, unfinished: Login | None = None) -> None:
    """Let the call pass, or refuse it.

    Args:
        access: what the route declares.
        login: the caller's; None for nobody.
        unfinished: the caller's login where it waits for something, and the route is not what it waits for.

    Raises:
        SessionExpiredError: the route needs an actor and there is none.
        LoginUnfinishedError: there will be one once they have done what their login waits for.
        PermissionDeniedError: the acting post has not the permission the route declares, or a personal token came to
            the account of its owner (`account`).
    """
    if access is Open.EVERYBODY:
        return
    if login is None:
        if unfinished is not None and unfinished.limit is not None:
            raise LoginUnfinishedError(unfinished.limit)
        raise SessionExpiredError
    if isinstance(access, Permission) and not login.actor.may(access):
        raise PermissionDeniedError(access.value)
    if access is Open.ACCOUNT and login.personal:
        raise PermissionDeniedError(access.value, "personal-token")
