"""A case that somebody has open: what every tab of its page may need."""

from __future__ import annotations

from dataclasses import dataclass

from webapp.ui.cases.attempt import Attempt
from webapp.ui.cases.history import Names
from webapp.ui.forms import Options
from workflows.cases.views import CaseDetail
from workflows.clock import Clock
from workflows.permissions import Actor
from workflows.processes import PublishedProcess


@dataclass(frozen=True)
class OpenedCase:
    """A case, who reads it and what they tried on it.

    Args:
        cursor: where a long list on the open tab goes on.
        options: members of agency groups.
        names: what ids in events are called.
    """

    detail: CaseDetail
    process: PublishedProcess
    options: Options
    names: Names
    attempt: Attempt
    actor: Actor
    clock: Clock
    cursor: str | None = None

    @property
    def no(self) -> str:
        """The case number."""
        return self.detail.row.no
