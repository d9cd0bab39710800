"""What each piece of the grammar compiles to: a closure from a frame to a value.

Chains (`1 + 2 + …`, `a or b or …`, `else if … else if …`) become one closure with a loop, so that their length
costs no stack.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from workflows.decisions import arithmetic, temporal
from workflows.decisions.frames import Code, Frame, Postfix
from workflows.decisions.values import Range, Value, compare, equals, integer, kind


def constant(value: Value) -> Code:
    return lambda frame: value


def variable(name: str, default: Value = None) -> Code:
    return lambda frame: frame.lookup(name, default)


def chain(first: Code, rest: Sequence[tuple[arithmetic.Operator, Code]]) -> Code:
    """Operators of one precedence, from left to right."""
    if len(rest) == 1:
        operator, second = rest[0]
        return lambda frame: operator(first(frame), second(frame), frame.run)

    def run(frame: Frame) -> Value:
        value = first(frame)
        for operator, code in rest:
            value = operator(value, code(frame), frame.run)
        return value

    return run


def negation(code: Code, *, times: int) -> Code:
    """`times` minus signs before one operand: even ones cancel, except that a text stays meaningless."""

    def run(frame: Frame) -> Value:
        value = arithmetic.negate(code(frame))
        return value if times % 2 else arithmetic.negate(value)

    return run


def conjunction(codes: Sequence[Code], *, decided_by: bool) -> Code:
    """`and` (decided by one False) and `or` (decided by one True), three-valued."""

    def run(frame: Frame) -> Value:
        result: bool | None = not decided_by
        for code in codes:
            value = code(frame)
            if value is decided_by:
                return decided_by
            if value is not (not decided_by):
                result = None
        return result

    return run


def comparison(operator: str, left: Code, right: Code) -> Code:
    if operator == "=":
        return lambda frame: equals(left(frame), right(frame), frame.run)
    if operator == "!=":

        def differ(frame: Frame) -> Value:
            verdict = equals(left(frame), right(frame), frame.run)
            return None if verdict is None else not verdict

        return differ
    name = {"<": "lt", "<=": "le", ">": "gt", ">=": "ge"}[operator]
    return lambda frame: compare(left(frame), right(frame), name)


def between(value: Code, low: Code, high: Code) -> Code:
    def run(frame: Frame) -> Value:
        subject = value(frame)
        lower, upper = compare(subject, low(frame), "ge"), compare(subject, high(frame), "le")
        if lower is False or upper is False:
            return False
        return True if lower and upper else None

    return run


def branch(cases: Sequence[tuple[Code, Code]], otherwise: Code) -> Code:
    def run(frame: Frame) -> Value:
        for condition, code in cases:
            if condition(frame) is True:
                return code(frame)
        return otherwise(frame)

    return run


def listing(codes: Sequence[Code]) -> Code:
    return lambda frame: [code(frame) for code in codes]


def context(entries: Sequence[tuple[str, Code]]) -> Code:
    def run(frame: Frame) -> Value:
        values: dict[str, Value] = {}
        inner = Frame(values, frame, frame.run)
        for name, code in entries:
            values[name] = code(inner)
        return values

    return run


def postfix(base: Code, steps: Sequence[Postfix]) -> Code:
    """Paths, filters and calls after one another."""
    if len(steps) == 1:
        only = steps[0]
        return lambda frame: only(base(frame), frame)

    def run(frame: Frame) -> Value:
        value = base(frame)
        for step in steps:
            value = step(value, frame)
        return value

    return run


def path(name: str) -> Postfix:
    def step(value: Value, frame: Frame) -> Value:
        if isinstance(value, list):
            frame.run.spend(len(value))
            return [member(item, name) for item in value]
        return member(value, name)

    return step


def member(value: Value, name: str) -> Value:
    """What the dot gives: an entry of a context, a part of a date, time or duration, an end of a range."""
    if isinstance(value, dict):
        return value.get(name)
    if isinstance(value, Range):
        ends = {
            "start": value.start,
            "end": value.end,
            "start included": value.start_included,
            "end included": value.end_included,
        }
        return ends.get(name)
    part = temporal.PROPERTIES.get(kind(value), {}).get(name)
    return part(value) if part else None


def selection(condition: Code) -> Postfix:
    """`list[…]`: by position (1 is the first, -1 the last) or by a condition on each item."""

    def step(value: Value, frame: Frame) -> Value:
        items = value if isinstance(value, list) else [] if value is None else [value]
        verdicts = []
        for item in items:
            frame.run.spend()
            verdict = condition(_item_frame(item, frame))
            if type(verdict) is Decimal:
                return _at(items, verdict)
            verdicts.append(verdict)
        if not items and type(condition(_item_frame(None, frame))) is Decimal:
            return None
        return [item for item, verdict in zip(items, verdicts, strict=True) if verdict is True]

    return step


def _item_frame(item: Value, frame: Frame) -> Frame:
    if isinstance(item, dict):
        return Frame({"item": item, **item}, frame, frame.run)
    return Frame({"item": item}, frame, frame.run)


def _at(items: Sequence[Value], position: Decimal) -> Value:
    index = integer(position)
    if index is None or index == 0 or abs(index) > len(items):
        return None
    return items[index - 1] if index > 0 else items[index]
