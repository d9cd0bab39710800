"""Who signs in: passwords, lock-out, logins that end on the server."""

from __future__ import annotations

from flask import Flask


def register(app: Flask) -> None:
    """Let the application know its users; see `webapp.identity.flask`."""
    # Imported here: the tables and services of this package are also used where there is no web application.
    from webapp.identity import flask

    flask.register(app)
