"""Signing in, and who one is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated

from pydantic import StringConstraints

from webapp.api.sentences import Language
from webapp.api.v1.content.base import Incoming, Outgoing
from webapp.identity.logins import Login
from workflows.agencies.deputies import StandIn
from workflows.agencies.posts import HeldPost
from workflows.permissions import GRANTS


class Credentials(Incoming):
    """User name and password, and the second factor of somebody who has one."""

    username: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    password: Annotated[str, StringConstraints(min_length=1, max_length=1000)]
    code: Annotated[str, StringConstraints(min_length=1, max_length=100)] | None = None


class Token(Outgoing):
    """A bearer token."""

    token: str
    expires_at: datetime


class Post(Outgoing):
    """A post the caller holds."""

    id: int
    kind: str
    name: str
    agency: str
    agency_name: str
    from_on: date
    to_on: date | None
    on_behalf_of: str | None
    """Whose post it is, where the caller only stands in for them."""


class Person(Outgoing):
    """Who the caller is."""

    id: int
    username: str
    name: str


class Me(Outgoing):
    """The caller."""

    person: Person
    posts: list[Post]
    acting_post: Post
    permissions: list[str]
    """Of the acting post, as far as the token in hand is good for them."""


def me_of(login: Login, others: Sequence[StandIn], language: Language) -> Me:
    """Return a login's holder as content; `others` are the posts they may act in for somebody else."""
    person = login.person
    own = [_post(post, language) for post in login.posts]
    stood_in = [_post(each.held, language, each) for each in others]
    acting = next(post for post in (*own, *stood_in) if post.id == login.actor.post_id)
    return Me(
        person=Person(
            id=person.id, username=person.username, name=person.name_en if language == "en" else person.name_zh
        ),
        posts=[*own, *stood_in],
        acting_post=acting,
        permissions=sorted(permission for permission in GRANTS[login.actor.post_kind] if login.actor.may(permission)),
    )


def _post(post: HeldPost, language: Language, stand_in: StandIn | None = None) -> Post:
    english = language == "en"
    principal = None
    if stand_in is not None:
        principal = stand_in.name_en if english else stand_in.name_zh
    return Post(
        id=post.post_id,
        kind=post.kind.value,
        name=post.name_en if english else post.name_zh,
        agency=post.agency_code,
        agency_name=post.agency_en if english else post.agency_zh,
        from_on=post.from_on,
        to_on=post.to_on,
        on_behalf_of=principal,
    )
