"""One's own account: password, language, logins."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field, StringConstraints

from webapp.api.v1.content.base import Incoming, Outgoing
from webapp.identity.own_logins import LoginView
from webapp.identity.personal_tokens import MadeToken, TokenView
from webapp.identity.scopes import Scope

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


class SecondFactorState(Outgoing):
    """Whether the caller signs in with a second factor."""

    enrolled: bool
    since: datetime | None
    recovery_codes_left: int
    required: bool
    """By one of the caller's posts."""


class SecondFactorSecret(Outgoing):
    """What an authenticator is to be told; it counts once a first code has been confirmed."""

    secret: str
    uri: str


class CodeShown(Incoming):
    """A code of the authenticator, or a recovery code."""

    code: Annotated[str, StringConstraints(min_length=1, max_length=100)]


class RecoveryCodes(Outgoing):
    """Codes that open once each when the authenticator is lost; told this once."""

    recovery_codes: list[str]


class NewToken(Incoming):
    """A personal token to be made."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    scopes: Annotated[list[Annotated[Scope, Field(strict=False)]], Field(min_length=1, max_length=len(Scope))]
    expires_at: Annotated[AwareDatetime, Field(strict=False)]


class PersonalToken(Outgoing):
    """A personal token, without its secret."""

    id: int
    name: str
    scopes: list[Scope]
    made_at: datetime
    expires_at: datetime
    used_at: datetime | None
    address: str


class MadePersonalToken(Outgoing):
    """A new personal token, with its secret, which is told this once."""

    token: str
    id: int
    name: str
    scopes: list[Scope]
    expires_at: datetime


class PersonalTokens(Outgoing):
    """Personal tokens, the newest first."""

    items: list[PersonalToken]
    next: str | None = None


def personal_token(view: TokenView) -> PersonalToken:
    """Return a personal token as content."""
    return PersonalToken(
        id=view.id,
        name=view.name,
        scopes=list(view.scopes),
        made_at=view.made_at,
        expires_at=view.expires_at,
        used_at=view.used_at,
        address=view.address,
    )


def made_token(made: MadeToken) -> MadePersonalToken:
    """Return a new personal token as content."""
    view = made.view
    return MadePersonalToken(
        token=made.secret, id=view.id, name=view.name, scopes=list(view.scopes), expires_at=view.expires_at
    )
