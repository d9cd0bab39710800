"""Whom `leads` and `supports` of a diagram stand for: read from the responsibility line, today."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from workflows.clock import Clock, office_date
from workflows.engine import JsonValue, Members
from workflows.policies.responsibilities import leads, supports


def members(session: Session, measure_no: str, clock: Clock) -> Members:
    """Return what the engine asks when a step is repeated over the agencies of a line."""

    def look_up(name: str) -> Sequence[JsonValue]:
        found = leads if name == "leads" else supports
        return [agency.code for agency in found(session, measure_no, office_date(clock.now()))]

    return look_up
