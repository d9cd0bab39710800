"""`for`, `some` and `every`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal

from workflows.decisions.budget import Run
from workflows.decisions.frames import Code, Frame
from workflows.decisions.values import Range, Value, compare, integer, kind

Source = Callable[[Frame], "Sequence[Value] | None"]


def span(start: Code, end: Code) -> Source:
    """`1..5` in a loop, upwards or downwards, over whole numbers or days."""

    def run(frame: Frame) -> Sequence[Value] | None:
        return steps_between(start(frame), end(frame), frame.run)

    return run


def steps_between(low: Value, high: Value, run: Run) -> Sequence[Value] | None:
    """Every whole number or day from one to the other, both included; None for anything else."""
    if type(low) is Decimal and type(high) is Decimal:
        first, last = integer(low), integer(high)
        if first is None or last is None:
            return None
        run.spend(abs(last - first) + 1)
        return [Decimal(n) for n in (range(first, last + 1) if first <= last else range(first, last - 1, -1))]
    if kind(low) == kind(high) == "date":
        return _days(low, high, run)
    return None


def _days(low: date, high: date, run: Run) -> Sequence[Value]:
    count = (high - low).days
    run.spend(abs(count) + 1)
    turn = 1 if count >= 0 else -1
    return [low + timedelta(days=turn * n) for n in range(abs(count) + 1)]


def elements(code: Code) -> Source:
    """What a loop runs over: the items of a list, the members of a closed range, or one value."""

    def run(frame: Frame) -> Sequence[Value] | None:
        value = code(frame)
        if isinstance(value, Range):
            return _members(value, frame.run)
        if value is None or isinstance(value, list):
            return value
        return [value]

    return run


def _members(value: Range, run: Run) -> Sequence[Value] | None:
    if isinstance(value.start, datetime) or value.start is None or value.end is None:
        return None
    found = steps_between(value.start, value.end, run)
    if found is None or compare(value.start, value.end, "gt"):
        return None
    return found[0 if value.start_included else 1 : None if value.end_included else -1]


def iteration(sources: Sequence[tuple[str, Source]], body: Code) -> Code:
    """`for … in …, … return …`; `partial` is the list so far."""

    def run(frame: Frame) -> Value:
        results: list[Value] = []
        outer = Frame({"partial": results}, frame, frame.run)
        complete = _walk(sources, 0, outer, lambda inner: results.append(body(inner)))
        return list(results) if complete else None

    return run


class _Decided(Exception):
    """A quantifier needs to look no further."""


def quantifier(sources: Sequence[tuple[str, Source]], body: Code, *, decided_by: bool) -> Code:
    """`some` (decided by one True) and `every` (decided by one False)."""

    def run(frame: Frame) -> Value:
        undecided = []

        def turn(inner: Frame) -> None:
            verdict = body(inner)
            if verdict is decided_by:
                raise _Decided
            if verdict is not (not decided_by):
                undecided.append(verdict)

        try:
            complete = _walk(sources, 0, frame, turn)
        except _Decided:
            return decided_by
        return None if undecided or not complete else not decided_by

    return run


def _walk(sources: Sequence[tuple[str, Source]], index: int, frame: Frame, turn: Callable[[Frame], None]) -> bool:
    if index == len(sources):
        turn(frame)
        return True
    name, source = sources[index]
    items = source(frame)
    if items is None:
        return False
    for item in items:
        frame.run.spend()
        if not _walk(sources, index + 1, Frame({name: item}, frame, frame.run), turn):
            return False
    return True
