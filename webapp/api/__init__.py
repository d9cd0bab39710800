"""The HTTP API: bearer tokens only, every route with its permission, every error a problem document."""

from __future__ import annotations

from apiflask import APIFlask

__all__ = ["register"]


def register(app: APIFlask) -> None:
    """Add the API to an application; see `webapp.api.setup`."""
    # Imported here: what imports only a part of this package need not load every route.
    from webapp.api import setup

    setup.register(app)
