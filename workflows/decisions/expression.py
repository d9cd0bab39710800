"""Compiled expressions: made once when a definition is checked, evaluated any number of times from any thread."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from workflows.decisions.budget import MAX_RESULT, Run
from workflows.decisions.builtins import LIBRARY
from workflows.decisions.errors import EvaluationLimitError, ExpressionError
from workflows.decisions.frames import Code, Frame
from workflows.decisions.membership import Test
from workflows.decisions.parser import Parser
from workflows.decisions.values import Value, lift

_T = TypeVar("_T")


@dataclass(frozen=True)
class Expression:
    """One compiled FEEL expression.

    Args:
        text: as written.
        names: the names it takes from the context.
        members: (name, what is asked of it after the dot), as in `issuer.county`.
        compared: (name, text it is compared with), as in `formal_check = "accept"`.
    """

    text: str
    names: frozenset[str]
    members: frozenset[tuple[str, str]]
    compared: frozenset[tuple[str, str]]
    _code: Code = field(repr=False, compare=False)

    def evaluate(self, context: Mapping[str, object], *, now: datetime | None = None) -> Value:
        """The value, null (None) wherever FEEL says so; nothing outside `context` is read.

        Args:
            context: values by name: JSON values, Decimal, dates, times, durations, FEEL values, or functions of the
                host, which an expression calls by position.
            now: the instant `now()` and `today()` mean; without it they are null.

        Raises:
            EvaluationLimitError: a budget is used up.
        """
        run = Run(now)
        return _bounded(lambda: self._code(Frame(context, None, run)))


@dataclass(frozen=True)
class UnaryTests:
    """One compiled list of unary tests, such as `"a", "b"` or `[1..5)` or `not("a")` or `-`.

    Args:
        text: as written.
        names: the names it takes from the context.
    """

    text: str
    names: frozenset[str]
    _test: Test = field(repr=False, compare=False)

    def evaluate(self, value: object, context: Mapping[str, object], *, now: datetime | None = None) -> bool | None:
        """Whether `value` passes; None where that cannot be said.

        Raises:
            EvaluationLimitError: a budget is used up.
        """
        run = Run(now)
        verdict = _bounded(lambda: self._test(lift(value), Frame(context, None, run)))
        return verdict if isinstance(verdict, bool) else None


def compile_expression(text: str, *, names: Collection[str] | None = None) -> Expression:
    """Compile one FEEL expression (DMN 1.5, grammar rule 1).

    Args:
        text: at most `MAX_LENGTH` characters.
        names: every name the context will have; None accepts any.

    Raises:
        ExpressionError: it is not well formed, nested too deeply, or uses a name that is not there.
    """
    parser = Parser(text, names, LIBRARY)
    code = _guarded(parser.whole_expression)
    return Expression(text, frozenset(parser.free), frozenset(parser.members), frozenset(parser.compared), code)


def compile_unary_tests(text: str, *, names: Collection[str] | None = None) -> UnaryTests:
    """Compile the cell of a decision table (DMN 1.5, grammar rule 15); arguments and errors as `compile_expression`."""
    parser = Parser(text, names, LIBRARY)
    test = _guarded(parser.whole_tests)
    return UnaryTests(text, frozenset(parser.free), test)


def _guarded(parse: Callable[[], _T]) -> _T:
    try:
        return parse()
    except RecursionError:
        raise ExpressionError(
            0, "表达式嵌套过深，请拆成几个条件。", "The expression is nested too deeply; split it."
        ) from None


def _bounded(evaluate: Callable[[], Value]) -> Value:
    try:
        result = evaluate()
    except RecursionError:
        raise EvaluationLimitError("depth") from None
    if isinstance(result, list | dict):
        _measure(result)
    return result


def _measure(result: Value) -> None:
    waiting, seen = [result], 0
    while waiting:
        value = waiting.pop()
        inner = value if isinstance(value, list) else list(value.values())
        seen += len(inner)
        if seen > MAX_RESULT:
            raise EvaluationLimitError("size")
        waiting.extend(item for item in inner if isinstance(item, list | dict))
