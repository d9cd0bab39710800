"""What the pages of cases show."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from webapp.ui.cases.attempt import Attempt
from webapp.ui.forms import Option
from webapp.ui.tasks.models import Choice, Empty
from workflows.cases.views import CaseDetail, CaseRow, TaskRow


@dataclass(frozen=True)
class Listing:
    """The list of cases."""

    summary: str
    query: str
    status: str
    measure: str
    light: str
    statuses: tuple[Option, ...]
    measures: tuple[Option, ...]
    lights: tuple[Option, ...]
    holders: tuple[Option, ...]
    holder: str
    filtered: bool
    rows: tuple[CaseRow, ...]
    empty: Empty
    first_address: str | None
    next_address: str | None
    broken_off: bool = False
    """A search that has not come to the end of the cases, although the page has room."""


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
    """The case page with one tab open.

    Args:
        tab: its name, `tabs` the links to all.
        content: what the open tab shows.
        my_task: the task of this case the reader holds.
    """

    detail: CaseDetail
    tab: str
    tabs: tuple[Choice, ...]
    content: object
    my_task: TaskRow | None
    attempt: Attempt
