"""Who may call a route: each declares it, and what declares nothing is not registered."""

from __future__ import annotations

from enum import Enum

from webapp.identity.errors import SessionExpiredError
from workflows.errors import PermissionDeniedError
from workflows.permissions import Actor, Permission


class Open(Enum):
    """Routes that need no permission of a post, each for a reason of its own."""

    EVERYBODY = "everybody"
    """Signing in, and the description of the API: there is no actor yet."""
    SIGNED_IN = "signed-in"
    """Concerns nobody but the caller, or nothing but the calendar."""


Access = Permission | Open


def require(access: Access, actor: Actor | None) -> None:
    """Let the call pass, or refuse it.

    Raises:
        SessionExpiredError: the route needs an actor and there is none.
        PermissionDeniedError: the acting post has not the permission the route declares.
    """
    if access is Open.EVERYBODY:
        return
    if actor is None:
        raise SessionExpiredError
    if isinstance(access, Permission) and not actor.may(access):
        raise PermissionDeniedError(access.value)
