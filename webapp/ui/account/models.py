"""What the pages of 我的设置 show."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from webapp.identity.logins import PersonRef
from webapp.identity.personal_tokens import TokenView
from webapp.identity.scopes import Scope
from webapp.identity.second_factor import Standing
from webapp.ui.problems import Problem
from workflows.agencies.posts import HeldPost


@dataclass(frozen=True)
class Device:
    """One place in which somebody is signed in.

    Args:
        id: key of the login.
        name: browser and system in plain words.
        api: a program, not a browser.
        address: of the network; empty if unknown.
        begun_at, last_seen_at: instants.
        current: this very browser.
    """

    id: int
    name: str
    api: bool
    address: str
    begun_at: datetime
    last_seen_at: datetime
    current: bool


@dataclass(frozen=True)
class SettingsPage:
    """我的设置.

    Args:
        person: whose.
        posts: the posts they hold today.
        devices: where they are signed in, the last used first.
        second_factor: in use.
        tokens: for programs, the newest first.
    """

    person: PersonRef
    posts: tuple[HeldPost, ...]
    devices: tuple[Device, ...]
    second_factor: bool
    tokens: tuple[TokenView, ...]


@dataclass(frozen=True)
class PasswordPage:
    """The form for a new password.

    Args:
        username: for the browser's store of passwords.
        minimum: least number of characters.
        history: how many earlier ones it may not be.
        due: nothing else can be done before.
        applicant: addressed as one.
        problems: what has to be mended.
    """

    username: str
    minimum: int
    history: int
    due: bool
    applicant: bool
    problems: tuple[Problem, ...] = ()

    def problem(self, field: str) -> str | None:
        """Return what is wrong with a field, if anything."""
        return next((problem.text for problem in self.problems if problem.anchor == field), None)


@dataclass(frozen=True)
class SecondFactorPage:
    """二次验证.

    Args:
        standing: where it stands; None when it is not in use.
        secret: what the authenticator is to be told, while it is being set up.
        required: the post asks for it.
        due: nothing else can be done before.
        problem: what is wrong with the code, if anything.
    """

    standing: Standing | None
    secret: str | None
    required: bool
    due: bool
    problem: Problem | None

    @property
    def spaced_secret(self) -> str:
        """The secret in groups of four, for typing."""
        secret = self.secret or ""
        return " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))


@dataclass(frozen=True)
class NewTokenPage:
    """The form for a personal token.

    Args:
        name: as typed before.
        scopes: those that are of use to the acting post.
        chosen: of these, before.
        days: how long it may live.
        day: chosen of these.
        problems: what has to be mended.
    """

    name: str
    scopes: tuple[Scope, ...]
    chosen: frozenset[str]
    days: tuple[int, ...]
    day: int
    problems: tuple[Problem, ...] = ()

    def problem(self, anchor: str) -> str | None:
        """Return what is wrong with a field, if anything."""
        return next((problem.text for problem in self.problems if problem.anchor == anchor), None)
