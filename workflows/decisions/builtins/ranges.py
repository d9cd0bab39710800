"""Range built-ins: Allen's relations between points and ranges (DMN 1.5, table 78)."""

from __future__ import annotations

from collections.abc import Callable

from workflows.decisions.budget import Run
from workflows.decisions.builtins.registry import builtin
from workflows.decisions.values import Range, Value, compare


class _Unordered(Exception):
    """Two ends cannot be compared."""


def _ask(left: Value, right: Value, operator: str) -> bool:
    if left is None or right is None:
        raise _Unordered
    verdict = compare(left, right, operator)
    if verdict is None:
        raise _Unordered
    return verdict


def _lt(left: Value, right: Value) -> bool:
    return _ask(left, right, "lt")


def _eq(left: Value, right: Value) -> bool:
    return _ask(left, right, "le") and _ask(left, right, "ge")


def _relation(
    name: str, first: str, second: str
) -> Callable[[Callable[[Value, Value], bool]], Callable[[Value, Value], bool]]:
    """Register a relation; each side is `point` or `range`, a point where a range is meant is a misfit."""

    def decorate(body: Callable[[Value, Value], bool]) -> Callable[[Value, Value], bool]:
        def run(run_: Run, left: Value, right: Value) -> Value:
            if (isinstance(left, Range), isinstance(right, Range)) != (first == "range", second == "range"):
                return None
            try:
                return body(left, right)
            except _Unordered:
                return None

        builtin(name, f"{_parameter(first, second, 1)}:any", f"{_parameter(second, first, 2)}:any")(run)
        return body

    return decorate


def _parameter(mine: str, other: str, number: int) -> str:
    return f"{mine}{number}" if mine == other else mine


@_relation("before", "point", "point")
def before(a: Value, b: Value) -> bool:
    return _lt(a, b)


@_relation("before", "point", "range")
def before_range(a: Value, b: Range) -> bool:
    return _lt(a, b.start) or (_eq(a, b.start) and not b.start_included)


@_relation("before", "range", "point")
def range_before(a: Range, b: Value) -> bool:
    return _lt(a.end, b) or (_eq(a.end, b) and not a.end_included)


@_relation("before", "range", "range")
def range_before_range(a: Range, b: Range) -> bool:
    return _lt(a.end, b.start) or (_eq(a.end, b.start) and not (a.end_included and b.start_included))


@_relation("after", "point", "point")
def after(a: Value, b: Value) -> bool:
    return _lt(b, a)


@_relation("after", "point", "range")
def after_range(a: Value, b: Range) -> bool:
    return range_before(b, a)


@_relation("after", "range", "point")
def range_after(a: Range, b: Value) -> bool:
    return before_range(b, a)


@_relation("after", "range", "range")
def range_after_range(a: Range, b: Range) -> bool:
    return range_before_range(b, a)


@_relation("meets", "range", "range")
def meets(a: Range, b: Range) -> bool:
    return a.end_included and b.start_included and _eq(a.end, b.start)


@_relation("met by", "range", "range")
def met_by(a: Range, b: Range) -> bool:
    return meets(b, a)


@_relation("overlaps", "range", "range")
def overlaps(a: Range, b: Range) -> bool:
    return not range_before_range(a, b) and not range_before_range(b, a)


@_relation("overlaps before", "range", "range")
def overlaps_before(a: Range, b: Range) -> bool:
    starts_first = _lt(a.start, b.start) or (_eq(a.start, b.start) and a.start_included and not b.start_included)
    ends_first = _lt(a.end, b.end) or (_eq(a.end, b.end) and (not a.end_included or b.end_included))
    return starts_first and ends_first and not range_before_range(a, b)


@_relation("overlaps after", "range", "range")
def overlaps_after(a: Range, b: Range) -> bool:
    starts_last = _lt(b.start, a.start) or (_eq(a.start, b.start) and b.start_included and not a.start_included)
    ends_last = _lt(b.end, a.end) or (_eq(a.end, b.end) and (a.end_included or not b.end_included))
    return starts_last and ends_last and not range_before_range(b, a)


@_relation("finishes", "point", "range")
def finishes_point(a: Value, b: Range) -> bool:
    return b.end_included and _eq(a, b.end)


@_relation("finishes", "range", "range")
def finishes(a: Range, b: Range) -> bool:
    begins_inside = _lt(b.start, a.start) or (_eq(a.start, b.start) and (not a.start_included or b.start_included))
    return a.end_included == b.end_included and _eq(a.end, b.end) and begins_inside


@_relation("finished by", "range", "point")
def finished_by_point(a: Range, b: Value) -> bool:
    return finishes_point(b, a)


@_relation("finished by", "range", "range")
def finished_by(a: Range, b: Range) -> bool:
    return finishes(b, a)


@_relation("includes", "range", "point")
def includes_point(a: Range, b: Value) -> bool:
    return not before_range(b, a) and not range_before(a, b)


@_relation("includes", "range", "range")
def includes(a: Range, b: Range) -> bool:
    begins = _lt(a.start, b.start) or (_eq(a.start, b.start) and (a.start_included or not b.start_included))
    ends = _lt(b.end, a.end) or (_eq(a.end, b.end) and (a.end_included or not b.end_included))
    return begins and ends


@_relation("during", "point", "range")
def during_point(a: Value, b: Range) -> bool:
    return includes_point(b, a)


@_relation("during", "range", "range")
def during(a: Range, b: Range) -> bool:
    return includes(b, a)


@_relation("starts", "point", "range")
def starts_point(a: Value, b: Range) -> bool:
    return b.start_included and _eq(a, b.start)


@_relation("starts", "range", "range")
def starts(a: Range, b: Range) -> bool:
    ends_inside = _lt(a.end, b.end) or (_eq(a.end, b.end) and (not a.end_included or b.end_included))
    return a.start_included == b.start_included and _eq(a.start, b.start) and ends_inside


@_relation("started by", "range", "point")
def started_by_point(a: Range, b: Value) -> bool:
    return starts_point(b, a)


@_relation("started by", "range", "range")
def started_by(a: Range, b: Range) -> bool:
    return starts(b, a)


@_relation("coincides", "point", "point")
def coincides_point(a: Value, b: Value) -> bool:
    return _eq(a, b)


@_relation("coincides", "range", "range")
def coincides(a: Range, b: Range) -> bool:
    ends = (a.start_included, a.end_included) == (b.start_included, b.end_included)
    return ends and _eq(a.start, b.start) and _eq(a.end, b.end)
