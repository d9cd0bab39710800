"""The web face of 联办: pages, API, jobs, adapters."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from config import Config
    from workflows.clock import Clock

__all__ = ["create_app"]


def create_app(config: Config, *, clock: Clock | None = None) -> Flask:
    """Build the application.

    Args:
        config: the checked settings.
        clock: tells the time; the machine's own unless given.
    """
    # Imported here, so that commands which only start and watch processes load no web framework.
    from webapp.application import build

    return build(config, clock=clock)
