"""Changes of who is responsible."""

from __future__ import annotations

from webapp.api.v1.content.base import Code, Incoming, Outgoing, QueryDate, Reason
from workflows.cases.succession import PassedOn


class Succession(Incoming):
    """Who takes over from an agency, and from when."""

    successor: Code
    on: QueryDate
    """First day on which the successor acts; not after today."""
    reason: Reason


class ChangeOfLead(Incoming):
    """Who leads a line instead of whom, and from when."""

    old: Code
    new: Code
    on: QueryDate
    """First day on which the new one leads; not after today."""
    reason: Reason


class Passed(Outgoing):
    """What the change moved."""

    cases: int
    tasks: int


def passed(moved: PassedOn) -> Passed:
    """Return what a change moved as content."""
    return Passed(cases=moved.cases, tasks=moved.tasks)
