"""Pages for people. `register` gives an application everything the pages need."""

from __future__ import annotations

from flask import Flask


def register(app: Flask) -> None:
    """Add the pages: routes, language, error pages, headers. Comes last, so that the API's error answers are known."""
    # Imported here: wording and formats are used by jobs that have no pages.
    from webapp.ui.setup import install

    install(app)
