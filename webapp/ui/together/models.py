"""What the pieces of working together show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from webapp.ui.problems import Problem
from workflows.agencies.deputies import AbsenceView, DelegationView
from workflows.cases.collaboration.copies import CopyRow
from workflows.cases.views import Named, PartView, TaskRow


@dataclass(frozen=True)
class TaskTogether:
    """What can be done with others about a task.

    Args:
        part: its last delegation, for whoever delegated it and whoever does it.
        colleagues: whom it can be delegated to.
        urge: the reader may remind its holder.
        urged_at: when the reader did so today, which is enough.
    """

    row: TaskRow
    part: PartView | None
    colleagues: tuple[Named, ...]
    urge: bool
    urged_at: datetime | None = None


@dataclass(frozen=True)
class Act:
    """A form that did not pass, shown again on a page of its own.

    Args:
        verb: `delegate`, `hand-back`, `urge` or `copy`.
        title: of the page.
        address: where the form goes.
        back: address and label of where the reader came from.
        choices: whom it can be given to.
        entered: name → what was filled in.
        consequence: what pressing the button brings.
        button: its label.
    """

    verb: str
    title: str
    address: str
    back: tuple[str, str]
    consequence: str
    button: str
    choices: tuple[Named, ...] = ()
    entered: Mapping[str, str] = field(default_factory=dict)
    chosen: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def errors(self) -> Mapping[str, str]:
        """Path → sentence, for the fields."""
        return {problem.path: problem.text for problem in self.problems}


@dataclass(frozen=True)
class CaseCopies:
    """The copies of a case with their receipts; `receivers` is empty where the reader cannot send any."""

    rows: tuple[CopyRow, ...]
    agencies: tuple[Named, ...]
    colleagues: tuple[Named, ...]


@dataclass(frozen=True)
class DeputiesPage:
    """委托和请假.

    Args:
        may_make: the acting post is the reader's own to delegate.
        candidates: who could stand in.
        leavers: whose leave the reader may record, their own first.
        measures: a delegation may be limited to one of them; `code` is its number.
        form: the form that did not pass, `delegation` or `absence`, with what was entered.
    """

    delegations: tuple[DelegationView, ...]
    absences: tuple[AbsenceView, ...]
    may_make: bool
    candidates: tuple[Named, ...]
    leavers: tuple[Named, ...]
    measures: tuple[str, ...]
    next_address: str | None
    form: str = ""
    entered: Mapping[str, str] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()

    @property
    def errors(self) -> Mapping[str, str]:
        """Path → sentence, for the fields."""
        return {problem.path: problem.text for problem in self.problems}
