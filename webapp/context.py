"""What a view or a job may ask its application for."""

from __future__ import annotations

from typing import cast

from flask import current_app

from config import Config
from workflows.clock import Clock

CONFIG = "lianban.config"
CLOCK = "lianban.clock"


def config() -> Config:
    """Return the settings of the running application."""
    return cast(Config, current_app.extensions[CONFIG])


def clock() -> Clock:
    """Return the clock of the running application; services get it as an argument."""
    return cast(Clock, current_app.extensions[CLOCK])
