"""What each piece of the grammar compiles to: a closure from a frame to a value.

Chains (`1 + 2 + …`, `a or b or …`, `else if … else if …`) become one closure with a loop, so that their length
costs no stack.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal

from workflows.decisions import arithmetic, temporal
from workflows.decisions.budget import Run
from workflows.decisions.values import Function, Range, Value, compare, equals, integer, kind, lift


class Frame:
    """The names visible at one place: own ones, then those around it; the outermost holds the caller's raw values."""

    __slots__ = ("parent", "run", "values")

    def __init__(self, values: Mapping[str, Value], parent: Frame | None, run: Run) -> None:
        self.values, self.parent, self.run = values, parent, run

    def lookup(self, name: str, default: Value = None) -> Value:
        """The value of `name`, or `default` where nobody has it."""
        frame = self
        while frame.parent is not None:
            if name in frame.values:
                return frame.values[name]
            frame = frame.parent
        return lift(frame.values[name]) if name in frame.values else default


Code = Callable[[Frame], Value]


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


Postfix = Callable[[Value, Frame], Value]


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


def call(arguments: Sequence[Code], names: Sequence[str] | None) -> Postfix:
    """A call with arguments by position, or by name where `names` is given."""

    def step(function: Value, frame: Frame) -> Value:
        if not isinstance(function, Function):
            return None
        values = [argument(frame) for argument in arguments]
        if names is None:
            if not any(_accepts(signature, len(values)) for signature in function.signatures):
                return None
        else:
            placed = _place(function, dict(zip(names, values, strict=True)))
            if placed is None:
                return None
            values = placed
        frame.run.enter()
        result = function.call(frame.run, values)
        frame.run.calls -= 1
        return result

    return step


def _accepts(signature: tuple[str, ...], count: int) -> bool:
    if signature and signature[-1].startswith("*"):
        return count >= len(signature) - 1
    needed = sum(1 for name in signature if not name.endswith("?"))
    return needed <= count <= len(signature)


def _place(function: Function, given: Mapping[str, Value]) -> list[Value] | None:
    for signature in function.signatures:
        bare = [name.lstrip("*").rstrip("?") for name in signature]
        needed = {name for name in signature if not name.endswith("?")}
        if set(given) <= set(bare) and {name.lstrip("*") for name in needed} <= set(given):
            values = [given.get(name) for name in bare]
            while values and bare[len(values) - 1] not in given:
                values.pop()
            return values
    return None


Check = Callable[[Value], bool]


def function(parameters: Sequence[tuple[str, Check]], body: Code) -> Code:
    """A function written in the expression; it sees the names around it."""
    signature = tuple(name for name, _ in parameters)

    def make(frame: Frame) -> Value:
        def invoke(run: Run, arguments: list[Value]) -> Value:
            values: dict[str, Value] = {}
            for (name, check), given in zip(parameters, arguments, strict=True):
                value = coerce(given, check)
                if value is None and given is not None:
                    return None
                values[name] = value
            return body(Frame(values, frame, run))

        return Function("function", (signature,), invoke)

    return make


def coerce(value: Value, check: Check) -> Value:
    """`value` as the type wants it: a list of one as its item, an item as a list of one; None if it does not fit."""
    if value is None or check(value):
        return value
    if isinstance(value, list) and len(value) == 1 and check(value[0]):
        return value[0]
    return [value] if check([value]) else None


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


def instance(code: Code, check: Check) -> Code:
    def run(frame: Frame) -> Value:
        value = code(frame)
        return value is not None and check(value)

    return run
