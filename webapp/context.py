"""What a view or a job may ask its application for."""

from __future__ import annotations

from typing import cast

from flask import current_app

from config import Config
from webapp.adapters.storage import Store
from workflows.cases.materials.quota import Quota
from workflows.clock import Clock

CONFIG = "lianban.config"
CLOCK = "lianban.clock"
STORE = "lianban.store"


def config() -> Config:
    """Return the settings of the running application."""
    return cast(Config, current_app.extensions[CONFIG])


def clock() -> Clock:
    """Return the clock of the running application; services get it as an argument."""
    return cast(Clock, current_app.extensions[CLOCK])


def store() -> Store:
    """Return where the running application keeps uploaded files."""
    return cast(Store, current_app.extensions[STORE])


def quota() -> Quota:
    """Return how much room there is for papers."""
    return Quota(config().case_quota_bytes, config().daily_quota_bytes)
