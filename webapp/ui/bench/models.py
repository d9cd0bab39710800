"""What the work bench shows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from webapp.ui.notifications.present import Line
from workflows.cases.views import TaskRow


@dataclass(frozen=True)
class Figure:
    """A count with where it leads; `unit` is what is counted, and what more there is to know of it."""

    address: str
    icon: str
    colour: str
    label: str
    number: str
    unit: str


@dataclass(frozen=True)
class BenchDay:
    """One date of the calendar.

    Args:
        mark: 休 for a holiday, 班 for a make-up working day, or nothing.
        off: nobody works.
        number: tasks of one's own due on it.
    """

    on: date
    label: str
    mark: str
    off: bool
    today: bool
    number: int
    why: str


@dataclass(frozen=True)
class WaitingRow:
    """A case elsewhere, and how long it has been there in working days."""

    row: TaskRow
    waited: int


@dataclass(frozen=True)
class Bench:
    """The work bench.

    Args:
        first: the most urgent task, to begin with.
        to_claim: the agency has tasks that the reader may claim.
        weeks: two, from the Monday of this one.
    """

    title: str
    moment: str
    first: TaskRow | None
    figures: tuple[Figure, ...]
    tasks: tuple[TaskRow, ...]
    total: str
    to_claim: bool
    weeks: tuple[tuple[BenchDay, ...], ...]
    waiting: tuple[WaitingRow, ...]
    unread: int
    lines: tuple[Line, ...]
