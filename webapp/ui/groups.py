"""Members of agency groups as options of a form field."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from sqlalchemy.orm import Session

from webapp.ui.forms import Option, Options
from webapp.ui.language import pick
from workflows.agencies.directory import group_members


def group_options(session: Session, on: date) -> Options:
    """Return a look-up of the members of a group on `on`, each group read once."""

    @lru_cache(maxsize=8)
    def options(group: str) -> tuple[Option, ...]:
        members = group_members(session, group, on)
        return tuple(Option(agency.code, pick(agency.short_zh, agency.short_en)) for agency in members)

    return options
