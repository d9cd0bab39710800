"""Timers that fire because a due row says so, never because the engine looked at the clock.

BPMN 2.0, 10.5.5 (timer event definition).
"""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import UTC, date, datetime, timedelta
from typing import Any

from SpiffWorkflow.bpmn.serializer.helpers import EventDefinitionConverter
from SpiffWorkflow.bpmn.specs.event_definitions import (
    CycleTimerEventDefinition,
    DurationTimerEventDefinition,
    TimeDateEventDefinition,
)
from SpiffWorkflow.bpmn.specs.event_definitions.timer import TimerEventDefinition

from workflows.clock import OFFICE_ZONE
from workflows.decisions import Months
from workflows.errors import EngineError

_ISO_LITERAL = re.compile(r"P[\dTYMWDHS.,]+|R\d*/.+|\d{4}-\d\d-\d\d(T.+)?")


class DueTimer(TimerEventDefinition):
    """A timer whose due instant is fixed when it starts and kept in the task's `internal_data["due"]`.

    Args:
        kind: `date`, `duration` or `cycle`.
        expression: FEEL, or an ISO 8601 literal.
        node_id: the event in the diagram.
    """

    def __init__(self, name: str, expression: str, kind: str, node_id: str, **kwargs: Any) -> None:
        super().__init__(name, expression, **kwargs)
        self.kind, self.node_id = kind, node_id

    def has_fired(self, my_task: Any) -> bool:
        due = my_task.internal_data.setdefault("due", {})
        if self.node_id not in due:
            case = my_task.workflow.top_workflow
            value = case.evaluate(my_task, self.expression)
            try:
                due[self.node_id] = self._start(value, case.now)
            except (ValueError, OverflowError) as error:
                raise EngineError(self.node_id, str(error)) from error
        return bool(my_task.internal_data.get("event_fired", False))

    def _start(self, value: object, now: datetime) -> str | dict[str, Any]:
        if self.kind == "cycle":
            rounds, first, period = _cycle(value, now)
            return {"at": first.isoformat(), "rounds": rounds, "period": period.total_seconds()}
        return _instant(value, now).isoformat()

    def __eq__(self, other: object) -> bool:
        return self is other

    __hash__ = None  # type: ignore[assignment]


class DueTimerConverter(EventDefinitionConverter):
    """How a `DueTimer` is stored in a compiled definition."""

    def to_dict(self, event_definition: DueTimer) -> dict[str, Any]:
        stored: dict[str, Any] = super().to_dict(event_definition)
        stored.update(
            expression=event_definition.expression, kind=event_definition.kind, node_id=event_definition.node_id
        )
        return stored


def own_timer(definition: Any, node_id: str) -> Any:
    """Return our timer in place of one of the library's; anything else as it is."""
    kinds = {
        TimeDateEventDefinition: "date",
        DurationTimerEventDefinition: "duration",
        CycleTimerEventDefinition: "cycle",
    }
    kind = kinds.get(type(definition))
    if kind is None:
        return definition
    return DueTimer(definition.name, definition.expression, kind, node_id, description=definition.description)


def is_iso_literal(text: str) -> bool:
    """Tell whether a timer's text is an ISO 8601 literal rather than an expression."""
    return _ISO_LITERAL.fullmatch(text.strip()) is not None


def next_round(due: dict[str, Any], now: datetime) -> dict[str, Any] | None:
    """Return the due entry of a cycle's next round after `now`, or None after the last.

    Rounds missed during an outage count as one: a late wake-up does not fire once for each.
    """
    at, period, rounds = datetime.fromisoformat(due["at"]), timedelta(seconds=due["period"]), due["rounds"]
    while True:
        rounds = rounds - 1 if rounds > 0 else rounds
        if rounds == 0:
            return None
        at += period
        if at > now:
            return {"at": at.isoformat(), "rounds": rounds, "period": due["period"]}
        if rounds < 0:
            at += period * int((now - at) / period)


def _instant(value: object, now: datetime) -> datetime:
    if isinstance(value, datetime):
        return (value if value.tzinfo else value.replace(tzinfo=OFFICE_ZONE)).astimezone(UTC)
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=OFFICE_ZONE).astimezone(UTC)
    if isinstance(value, timedelta):
        return now + value
    text = f"P{value.count}M" if isinstance(value, Months) else value
    if not isinstance(text, str):
        raise ValueError(f"a timer cannot be set to {value!r}")
    if text.upper().startswith("P"):
        return _later(now, text)
    return _instant(datetime.fromisoformat(text), now)


def _cycle(value: object, now: datetime) -> tuple[int, datetime, timedelta]:
    parts = str(value).split("/")
    if not re.fullmatch(r"R\d*", parts[0]) or not 2 <= len(parts) <= 3:
        raise ValueError(f"not an ISO 8601 repeating interval: {value}")
    rounds = int(parts[0][1:]) if parts[0][1:] else -1
    first = _instant(parts[1], now)
    period = _later(first, parts[2]) - first if len(parts) == 3 else first - now
    if period <= timedelta(0) or rounds == 0:
        raise ValueError(f"a timer must repeat after some time: {value}")
    return rounds, first, period


def _later(start: datetime, duration: str) -> datetime:
    """Return `start` plus an ISO 8601 duration; a month on from the 31st ends on the month's last day."""
    parts = TimerEventDefinition.parse_iso_duration(duration)
    months = int(parts.pop("months", 0) + 12 * parts.pop("years", 0))
    local = start.astimezone(OFFICE_ZONE)
    year, month = divmod(local.year * 12 + local.month - 1 + months, 12)
    day = min(local.day, monthrange(year, month + 1)[1])
    return (local.replace(year=year, month=month + 1, day=day) + timedelta(**parts)).astimezone(UTC)
