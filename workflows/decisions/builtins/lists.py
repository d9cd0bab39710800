"""List, boolean list and sort built-ins (DMN 1.5, tables 74 and 77)."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from decimal import Decimal

from workflows.decisions.arithmetic import number
from workflows.decisions.budget import Run
from workflows.decisions.builtins.registry import builtin
from workflows.decisions.values import NUMBERS, Function, Value, compare, integer, kind, same


def _spread(arguments: Sequence[Value]) -> list[Value]:
    """The list meant by `min(list)` as well as by `min(a, b, c)`."""
    if len(arguments) == 1:
        return arguments[0] if isinstance(arguments[0], list) else [arguments[0]]
    return list(arguments)


@builtin("list contains", "list:list", "element:any")
def list_contains(run: Run, items: list[Value], element: Value) -> Value:
    return any(same(item, element, run) for item in items)


@builtin("count", "list:list")
def count(run: Run, items: list[Value]) -> Value:
    return Decimal(len(items))


def _extreme(items: list[Value], operator: str) -> Value:
    if not items or kind(items[0]) in ("list", "context", "boolean", "null"):
        return None
    best = items[0]
    for item in items[1:]:
        verdict = compare(item, best, operator)
        if verdict is None:
            return None
        best = item if verdict else best
    return best


@builtin("min", "list:list")
def minimum_of(run: Run, items: list[Value]) -> Value:
    return _extreme(items, "lt")


@builtin("min", "*values:any")
def minimum(run: Run, *values: Value) -> Value:
    return _extreme(list(values), "lt") if len(values) > 1 else None


@builtin("max", "list:list")
def maximum_of(run: Run, items: list[Value]) -> Value:
    return _extreme(items, "gt")


@builtin("max", "*values:any")
def maximum(run: Run, *values: Value) -> Value:
    return _extreme(list(values), "gt") if len(values) > 1 else None


Numbers = list[Decimal]


def _numeric(name: str) -> Callable[[Callable[[Numbers], Value]], Callable[[Numbers], Value]]:
    """A function of numbers, called with one list or with several numbers; anything else among them makes it null."""

    def decorate(body: Callable[[Numbers], Value]) -> Callable[[Numbers], Value]:
        def run_list(run: Run, items: list[Value]) -> Value:
            return body(items) if all(type(item) is Decimal for item in items) else None

        def run_values(run: Run, *values: Value) -> Value:
            return run_list(run, list(values)) if len(values) > 1 else None

        builtin(name, "list:list")(run_list)
        builtin(name, "*values:any")(run_values)
        return body

    return decorate


@_numeric("sum")
def total(items: Numbers) -> Value:
    return number(lambda: _sum(items)) if items else None


def _sum(items: Numbers) -> Decimal:
    return functools.reduce(NUMBERS.add, items, Decimal(0))


@_numeric("mean")
def mean(items: Numbers) -> Value:
    return number(lambda: NUMBERS.divide(_sum(items), Decimal(len(items)))) if items else None


@_numeric("product")
def product(items: Numbers) -> Value:
    return number(lambda: functools.reduce(NUMBERS.multiply, items, Decimal(1))) if items else None


@_numeric("median")
def median(items: Numbers) -> Value:
    if not items:
        return None
    ordered, half = sorted(items), len(items) // 2
    if len(items) % 2:
        return ordered[half]
    return number(lambda: NUMBERS.divide(NUMBERS.add(ordered[half - 1], ordered[half]), Decimal(2)))


@_numeric("stddev")
def stddev(items: Numbers) -> Value:
    if len(items) < 2:
        return None

    def compute() -> Decimal:
        middle = NUMBERS.divide(_sum(items), Decimal(len(items)))
        squares = [NUMBERS.power(NUMBERS.subtract(item, middle), Decimal(2)) for item in items]
        return NUMBERS.sqrt(NUMBERS.divide(_sum(squares), Decimal(len(items) - 1)))

    return number(compute)


@_numeric("mode")
def mode(items: Numbers) -> Value:
    counts: dict[Decimal, int] = {}
    for item in items:
        counts[item] = counts.get(item, 0) + 1
    most = max(counts.values(), default=0)
    return sorted(item for item, times in counts.items() if times == most)


def _decide(items: list[Value], *, decided_by: bool) -> bool | None:
    if any(item is decided_by for item in items):
        return decided_by
    return (not decided_by) if all(item is (not decided_by) for item in items) else None


@builtin("all", "list:list")
def all_of(run: Run, items: list[Value]) -> Value:
    return _decide(items, decided_by=False)


@builtin("all", "*values:any")
def all_values(run: Run, *values: Value) -> Value:
    return _decide(_spread(values), decided_by=False) if values else None


@builtin("any", "list:list")
def any_of(run: Run, items: list[Value]) -> Value:
    return _decide(items, decided_by=True)


@builtin("any", "*values:any")
def any_value(run: Run, *values: Value) -> Value:
    return _decide(_spread(values), decided_by=True) if values else None


@builtin("sublist", "list:list", "start position:number", "length:number?")
def sublist(run: Run, items: list[Value], start: Decimal, length: Decimal | None = None) -> Value:
    first, count_ = integer(start), None if length is None else integer(length)
    if (
        first is None
        or first == 0
        or abs(first) > len(items)
        or (length is not None and (count_ is None or count_ < 1))
    ):
        return None
    begin = first - 1 if first > 0 else len(items) + first
    if count_ is not None and begin + count_ > len(items):
        return None
    return items[begin : None if count_ is None else begin + count_]


@builtin("append", "list:list", "*items:any")
def append(run: Run, items: list[Value], *more: Value) -> Value:
    return [*items, *more] if more else None


@builtin("concatenate", "*lists:list")
def concatenate(run: Run, *lists: list[Value]) -> Value:
    return [item for part in lists for item in part]


@builtin("insert before", "list:list", "position:number", "newItem:any")
def insert_before(run: Run, items: list[Value], position: Decimal, item: Value) -> Value:
    index = _index(items, position)
    return None if index is None else [*items[:index], item, *items[index:]]


@builtin("remove", "list:list", "position:number")
def remove(run: Run, items: list[Value], position: Decimal) -> Value:
    index = _index(items, position)
    return None if index is None else [*items[:index], *items[index + 1 :]]


def _index(items: list[Value], position: Decimal) -> int | None:
    whole = integer(position)
    if whole is None or whole == 0 or abs(whole) > len(items):
        return None
    return whole - 1 if whole > 0 else len(items) + whole


@builtin("list replace", "list:list", "position:number", "newItem:any")
def list_replace_at(run: Run, items: list[Value], position: Decimal, item: Value) -> Value:
    index = _index(items, position)
    return None if index is None else [*items[:index], item, *items[index + 1 :]]


@builtin("list replace", "list:list", "match:function", "newItem:any")
def list_replace_where(run: Run, items: list[Value], match: Function, item: Value) -> Value:
    verdicts = [_call(run, match, [old, item]) for old in items]
    if not all(isinstance(verdict, bool) for verdict in verdicts):
        return None
    return [item if verdict else old for old, verdict in zip(items, verdicts, strict=True)]


def _call(run: Run, function: Function, arguments: list[Value]) -> Value:
    if not any(
        len(signature) == len(arguments) or (signature and signature[-1][0] == "*") for signature in function.signatures
    ):
        return None
    run.enter()
    result = function.call(run, arguments)
    run.calls -= 1
    return result


@builtin("reverse", "list:list")
def reverse(run: Run, items: list[Value]) -> Value:
    return items[::-1]


@builtin("index of", "list:list", "match:any")
def index_of(run: Run, items: list[Value], match: Value) -> Value:
    return [Decimal(index) for index, item in enumerate(items, 1) if same(item, match, run)]


def _distinct(run: Run, items: list[Value]) -> list[Value]:
    kept: list[Value] = []
    for item in items:
        run.spend(1 + len(kept) // 16)
        if not any(same(item, other, run) for other in kept):
            kept.append(item)
    return kept


@builtin("union", "*lists:list")
def union(run: Run, *lists: list[Value]) -> Value:
    return _distinct(run, [item for part in lists for item in part])


@builtin("distinct values", "list:list")
def distinct_values(run: Run, items: list[Value]) -> Value:
    return _distinct(run, items)


@builtin("flatten", "list:list")
def flatten(run: Run, items: list[Value]) -> Value:
    flat: list[Value] = []
    waiting = list(reversed(items))
    while waiting:
        run.spend()
        item = waiting.pop()
        if isinstance(item, list):
            waiting.extend(reversed(item))
        else:
            flat.append(item)
    return flat


@builtin("sort", "list:list", "precedes:function?")
def sort(run: Run, items: list[Value], precedes: Function | None = None) -> Value:
    def order(left: Value, right: Value) -> int:
        run.spend()
        if precedes is None:
            verdict, inverse = compare(left, right, "lt"), compare(right, left, "lt")
        else:
            verdict, inverse = _call(run, precedes, [left, right]), _call(run, precedes, [right, left])
        return -1 if verdict is True else 1 if inverse is True else 0

    return sorted(items, key=functools.cmp_to_key(order))
