"""An application that a command works in, and leaves with nothing open however its work ends."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from config import Config
from webapp import create_app
from webapp.database import db


@contextmanager
def application(config: Config) -> Iterator[None]:
    """Run the block inside an application with these settings; close its connections at the end."""
    with create_app(config).app_context():
        try:
            yield
        finally:
            db.session.remove()
            db.engine.dispose()
