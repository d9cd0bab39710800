"""What somebody has to do between the password and everything else."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from webapp.identity.logins import Login
from webapp.identity.models import LoginLimit
from webapp.identity.rules import AccountRules
from webapp.identity.second_factor import find_standing
from workflows.agencies.models import Person
from workflows.agencies.posts import HeldPost
from workflows.permissions import PostKind


def limit_of(
    session: Session,
    person: Person,
    posts: Sequence[HeldPost],
    *,
    rules: AccountRules,
    now: datetime,
    code_shown: bool = False,
    by_provider: bool = False,
) -> LoginLimit | None:
    """Return the next thing to do, or None when nothing stands in the way.

    Args:
        session: only read.
        person: who signs in.
        posts: the posts they may act in.
        rules: what is asked of accounts.
        now: tells whether the password has expired.
        code_shown: the second factor has been shown in this login.
        by_provider: no password of ours was used.
    """
    enrolled = find_standing(session, person.id) is not None
    if enrolled and not code_shown:
        return LoginLimit.CODE
    if rules.password_is_due(person, now) and not by_provider and not _is_system(posts):
        return LoginLimit.PASSWORD
    if rules.asks_second_factor(posts) and not enrolled:
        return LoginLimit.ENROL
    return None


def next_limit(session: Session, login: Login, *, rules: AccountRules, now: datetime) -> LoginLimit | None:
    """Return what a login in which the second factor has been shown still waits for."""
    person = session.get_one(Person, login.person.id)
    return limit_of(session, person, login.posts, rules=rules, now=now, code_shown=True, by_provider=login.by_provider)


def _is_system(posts: Sequence[HeldPost]) -> bool:
    """A connected system has nobody to choose a new password."""
    return all(post.kind is PostKind.INTEGRATION for post in posts)
