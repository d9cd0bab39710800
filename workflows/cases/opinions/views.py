"""Opinions, signatures and answers as pages and API show them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from workflows.cases.models import OPEN
from workflows.cases.names import NO_OPINION
from workflows.cases.views import Named, TaskRow


@dataclass(frozen=True)
class AnswerRow:
    """What the lead answered.

    Args:
        task_id: the lead's task whose decision it was given with.
        post: as it was called, in which the person acted.
    """

    task_id: int
    answer: str
    agency: Named
    person: str
    person_en: str
    post: Named
    at: datetime


@dataclass(frozen=True)
class OpinionRow:
    """What one agency said at a step that asks several: a supporter's opinion, or a joint lead's signature.

    Args:
        task: the task it is asked with; says who, what and when.
        opinion: as written.
        post: in which the person acted.
        signing: a joint lead's signature.
        figures: field of the application → value the signature was given for.
        void_reason: why it counts no more, if it does not.
        answers: of the lead, oldest first.
    """

    task: TaskRow
    opinion: str | None
    post: Named | None
    signing: bool
    figures: Mapping[str, Any]
    void_reason: str | None
    answers: tuple[AnswerRow, ...]

    @property
    def state(self) -> Literal["void", "waiting", "silent", "given"]:
        """`void`, `waiting`, `silent` (counted as no opinion) or `given`."""
        if self.task.voided:
            return "void"
        if self.task.status in OPEN:
            return "waiting"
        decision = self.task.decision
        return "silent" if decision is None or decision.code == NO_OPINION.code else "given"
