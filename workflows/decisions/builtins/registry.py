"""How a Python function becomes a FEEL built-in: parameter names, their types, and null for whatever does not fit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from workflows.decisions.budget import Run
from workflows.decisions.calls import Check, coerce
from workflows.decisions.types import named
from workflows.decisions.values import Function, Value

_BODIES: dict[str, list[tuple[tuple[str, ...], Callable[[Run, list[Value]], Value]]]] = {}
_TYPES: Mapping[str, tuple[str, ...]] = {
    "number": ("number",), "string": ("string",), "boolean": ("boolean",), "list": ("list",), "context": ("context",),
    "date": ("date", "date and time"), "time": ("time",), "moment": ("date and time",), "day": ("date",),
    "duration": ("days and time duration", "years and months duration"), "function": ("function",), "range": ("range",),
}  # fmt: skip


def builtin(name: str, *parameters: str) -> Callable[[Callable[..., Value]], Callable[..., Value]]:
    """Register a function under a FEEL name; several registrations under one name are its overloads.

    Args:
        parameters: `name:type`, optional ones ending with `?`, a last one starting with `*` taking all the rest.
            `any` accepts null too; for every other type null or a misfit makes the result null, a list of one stands
            for its item and an item for a list of one (DMN 1.5, 10.3.2.9.4).
    """
    split = [parameter.partition(":") for parameter in parameters]
    names = tuple(left + ("?" if right.endswith("?") else "") for left, _, right in split)
    checks = [_check(right.rstrip("?")) for _, _, right in split]
    rest = bool(names) and names[-1].startswith("*")

    def register(body: Callable[..., Value]) -> Callable[..., Value]:
        def run(frame: Run, arguments: list[Value]) -> Value:
            values = []
            for index, given in enumerate(arguments):
                check = checks[-1] if rest and index >= len(checks) else checks[index]
                value = given if check is None else coerce(given, check)
                if value is None and check is not None:
                    return None
                frame.spend(len(value) if isinstance(value, list) else 0)
                values.append(value)
            result = body(frame, *values)
            return frame.text(result) if isinstance(result, str) else result

        _BODIES.setdefault(name, []).append((names, run))
        return body

    return register


def _check(kind: str) -> Check | None:
    if kind == "any":
        return None
    checks = [named(name) for name in _TYPES[kind]]
    return lambda value: any(check(value) for check in checks)


def functions() -> Mapping[str, Function]:
    """Every registered built-in by name."""
    return {name: _function(name, bodies) for name, bodies in _BODIES.items()}


def _function(name: str, bodies: list[tuple[tuple[str, ...], Callable[[Run, list[Value]], Value]]]) -> Function:
    if len(bodies) == 1:
        return Function(name, (bodies[0][0],), bodies[0][1])

    def call(run: Run, arguments: list[Any]) -> Value:
        for signature, body in bodies:
            rest = bool(signature) and signature[-1].startswith("*")
            needed = sum(1 for parameter in signature if parameter[-1] != "?" and parameter[0] != "*")
            if needed <= len(arguments) and (rest or len(arguments) <= len(signature)):
                result = body(run, arguments)
                if result is not None:
                    return result
        return None

    return Function(name, tuple(signature for signature, _ in bodies), call)
