"""Functions: calling them, defining them, and fitting arguments to types."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from workflows.decisions.budget import Run
from workflows.decisions.frames import Code, Frame, Postfix
from workflows.decisions.values import Function, Value


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


def instance(code: Code, check: Check) -> Code:
    def run(frame: Frame) -> Value:
        value = code(frame)
        return value is not None and check(value)

    return run
