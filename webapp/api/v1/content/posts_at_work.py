"""Posts somebody can act in, with what waits there, as content."""

from __future__ import annotations

from webapp.api.v1.content.base import Outgoing


class PostAtWork(Outgoing):
    """A post the caller can act in, and what waits there, each up to 100."""

    post_id: int
    post: str
    agency: str
    on_behalf_of: str | None
    inbox: int
    available: int
    mine: int


class PostsAtWork(Outgoing):
    """The caller's posts, and those of others they stand in for."""

    items: list[PostAtWork]
    next: str | None
