"""What the pages of cases show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from webapp.ui.cases.signing import Signing, SigningAttempt
from webapp.ui.forms import Answer, Option
from webapp.ui.problems import Problem
from webapp.ui.tasks.models import Empty, PaymentLine
from workflows.cases.views import CaseDetail, CaseRow, DocumentRow, TaskRow


@dataclass(frozen=True)
class Listing:
    """The list of cases."""

    summary: str
    query: str
    status: str
    statuses: tuple[Option, ...]
    filtered: bool
    rows: tuple[CaseRow, ...]
    empty: Empty
    first_address: str | None
    next_address: str | None


@dataclass(frozen=True)
class StatusStep:
    """One step of the status line.

    Args:
        css: `done`, `cur` or nothing.
        note: a date, or the limit.
    """

    name: str
    css: str
    icon: str
    word: str
    note: str
    current: bool


@dataclass(frozen=True)
class NodeLine:
    """A step of the diagram in words.

    Args:
        state: `done`, `current`, `late`, `paused` or `future`, for the picture.
    """

    node_id: str
    name: str
    state: str
    light: str
    word: str
    agency: str
    person: str
    when: str


@dataclass(frozen=True)
class EventLine:
    """One fact of the history.

    Args:
        tone: class of the dot; empty for neutral.
        note: an opinion or a reason, as written.
    """

    at: datetime
    who: str
    sentence: str
    note: str | None
    icon: str
    tone: str
    node_id: str | None
    pause: bool


@dataclass(frozen=True)
class ReasonedAct:
    """Something done to a case as a whole, for a stated reason."""

    verb: str
    icon: str
    label: str
    consequence: str
    button: str
    address: str


@dataclass(frozen=True)
class CasePage:
    """The case page."""

    detail: CaseDetail
    now: datetime
    facts: tuple[Answer, ...]
    documents: tuple[DocumentRow, ...]
    steps: tuple[StatusStep, ...]
    nodes: tuple[NodeLine, ...]
    events: tuple[EventLine, ...]
    more_events_address: str | None
    payments: tuple[PaymentLine, ...]
    my_task: TaskRow | None
    reasoned: tuple[ReasonedAct, ...]
    upload_max_mb: int
    signing: Signing | None = None
    signing_attempt: SigningAttempt | None = None
    acting: str | None = None
    reason: str = ""
    problems: tuple[Problem, ...] = ()

    @property
    def errors(self) -> Mapping[str, str]:
        """Path → sentence, for the fields."""
        return {problem.path: problem.text for problem in self.problems}
