"""Ranges and unary tests: whether a value is one, or lies in one (DMN 1.5, tables 53 and 55)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from workflows.decisions.budget import Run
from workflows.decisions.frames import Code, Frame
from workflows.decisions.values import Range, Value, compare, equals

Test = Callable[[Value, Frame], "bool | None"]


def any_test(tests: Sequence[Test]) -> Test:
    """True where one of several unary tests holds; otherwise null where one of them is undecided."""
    if len(tests) == 1:
        return tests[0]

    def run(subject: Value, frame: Frame) -> bool | None:
        result: bool | None = False
        for test in tests:
            verdict = test(subject, frame)
            if verdict:
                return True
            result = result if verdict is False else None
        return result

    return run


def value_test(code: Code, *, uses_input: bool) -> Test:
    """A unary test written as an expression: equal to it, in it, or true about `?` (DMN 1.5, table 55)."""

    def run(subject: Value, frame: Frame) -> bool | None:
        value = code(Frame({"?": subject}, frame, frame.run))
        if uses_input and (value is None or isinstance(value, bool)):
            return value
        return matches_value(subject, value, frame.run)

    return run


def matches_value(subject: Value, value: Value, run: Run) -> bool | None:
    """Whether `subject` is `value`, or lies in the range or list that `value` is."""
    if isinstance(value, Range) and not isinstance(subject, Range):
        return value.contains(subject)
    if isinstance(value, list) and not isinstance(subject, list):
        run.spend(len(value))
        return any(
            (item.contains(subject) if isinstance(item, Range) else equals(subject, item, run)) is True
            for item in value
        )
    if isinstance(value, list) and any(equals(subject, item, run) is True for item in value):
        return True
    return equals(subject, value, run)


def membership(value: Code, test: Test) -> Code:
    return lambda frame: test(value(frame), frame)


def interval(start: Code | None, end: Code | None, *, start_included: bool, end_included: bool) -> Code:
    """A range; null where its ends are of different or unordered kinds."""

    def run(frame: Frame) -> Value:
        low = start(frame) if start else None
        high = end(frame) if end else None
        if start and end and compare(low, high, "le") is None and not (low is None) ^ (high is None):
            return None
        return Range(low, high, start_included, end_included)

    return run
