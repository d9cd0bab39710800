"""What the address of the task centre asks for, and the address of what one asks for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import get_args
from urllib.parse import urlencode

from flask import url_for

from workflows.cases.models import TaskRole
from workflows.cases.queues import QueueName, TaskQuery
from workflows.clock import Clock, office_date
from workflows.deadlines import Light, WorkingCalendar, deadline, due_at
from workflows.permissions import Actor, PostKind

PAGE_SIZE = 50
MAX_WORDS = 100
MAX_MEASURE = 10
DUE_WITHIN = (0, 1, 3, 5)
"""Working days one may ask for; 0 is today."""
ROLES = (TaskRole.LEAD, TaskRole.SUPPORT, TaskRole.PARTICIPANT)


@dataclass(frozen=True)
class Asked:
    """A queue with its filters.

    Args:
        due_within: only what is due within so many working days.
        words: part of a case number, an applicant or a title.
    """

    queue: QueueName
    light: Light | None = None
    measure: str | None = None
    role: TaskRole | None = None
    due_within: int | None = None
    words: str | None = None
    cursor: str | None = None

    @property
    def filtered(self) -> bool:
        """Something narrows the queue."""
        return any((self.light, self.measure, self.role, self.words)) or self.due_within is not None

    def parameters(self) -> dict[str, str]:
        """Return the filters as they stand in an address, without the place in a long list."""
        values = {
            "queue": self.queue,
            "light": self.light,
            "measure": self.measure,
            "role": self.role,
            "due": None if self.due_within is None else str(self.due_within),
            "q": self.words,
        }
        return {name: str(value) for name, value in values.items() if value}

    def query(self, calendar: WorkingCalendar, clock: Clock) -> TaskQuery:
        """Return what to ask the queues for."""
        return TaskQuery(
            queue=self.queue,
            light=self.light,
            measure=self.measure,
            role=self.role,
            q=self.words,
            due_by=_end_of(self.due_within, calendar, clock),
            cursor=self.cursor,
            limit=PAGE_SIZE,
        )


def read_asked(given: Mapping[str, str], actor: Actor) -> Asked:
    """Return what an address asks for; what it gets wrong narrows nothing."""
    due, role = given.get("due", ""), given.get("role")
    return Asked(
        queue=as_queue(given.get("queue"), actor),
        light=as_light(given.get("light")),
        measure=given.get("measure", "")[:MAX_MEASURE] or None,
        role=TaskRole(role) if role in set(ROLES) else None,
        due_within=int(due) if due in {str(days) for days in DUE_WITHIN} else None,
        words=(given.get("q") or "").strip()[:MAX_WORDS] or None,
        cursor=given.get("cursor"),
    )


def address(asked: Asked, **changes: object) -> str:
    """Return the address of a queue with its filters, from the first page on unless a cursor is among the changes."""
    changed = replace(asked, **{"cursor": None, **changes})  # type: ignore[arg-type]
    return url_for("pages.tasks.index", **changed.parameters(), cursor=changed.cursor)  # type: ignore[arg-type]


def as_text(asked: Asked) -> str:
    """Return the filters as they follow the question mark, in ASCII."""
    return urlencode(asked.parameters())


def as_queue(name: str | None, actor: Actor) -> QueueName:
    """Return the queue asked for; without one, the first the acting post works from."""
    if name in get_args(QueueName):
        return name  # type: ignore[return-value]
    return "inbox" if actor.post_kind is PostKind.CLERK else "available"


def as_light(name: str | None) -> Light | None:
    """Return the light asked for, if it is one."""
    return Light(name) if name in {light.value for light in Light} else None


def _end_of(days: int | None, calendar: WorkingCalendar, clock: Clock) -> datetime | None:
    if days is None:
        return None
    today = office_date(clock.now())
    return due_at(deadline(calendar, today, days).due_on if days else today)
