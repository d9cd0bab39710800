"""What the pages of 我的设置 show."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from webapp.identity.logins import PersonRef
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
    """

    person: PersonRef
    posts: tuple[HeldPost, ...]
    devices: tuple[Device, ...]


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
