"""Length, depth, steps and size have ends, and threads do not meet."""

from __future__ import annotations

import sys
import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workflows.decisions import EvaluationLimitError, ExpressionError, compile_expression, compile_unary_tests


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("+".join(["1"] * 9000), 9000),
        (" and ".join(["true"] * 9000), True),
        ("if false then 1 else " * 9000 + "2", 2),
        ("-" * 9000 + "1", 1),
        ("x" + "[1]" * 9000, 1),
        ("count([" + ",".join(["1"] * 9000) + "])", 9000),
    ],
)
def test_nine_thousand_terms_cost_no_stack(text: str, expected: object) -> None:
    assert compile_expression(text).evaluate({"x": 1}) == expected


@pytest.mark.parametrize(
    "text", ["(" * 5000 + "1" + ")" * 5000, "[" * 5000, "not(" * 5000, "{a:" * 5000, "1" * 200_001]
)
def test_deep_or_long_text_is_refused(text: str) -> None:
    with pytest.raises(ExpressionError):
        compile_expression(text)


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        ("for i in 1..100000000 return i", "steps"),
        ("count(for i in 1..9000, j in 1..9000 return 1)", "steps"),
        ("{f: function(n) f(n + 1), r: f(1)}.r", "depth"),
        ('for i in 1..60 return if i = 1 then "aaaa" else partial[-1] + partial[-1]', "size"),
        ("for i in 1..60 return if i = 1 then [1] else [partial[-1], partial[-1]]", "size"),
        ("flatten(for i in 1..60 return if i = 1 then [1] else [partial[-1], partial[-1]])", "steps"),
    ],
)
def test_a_runaway_is_stopped(text: str, limit: str) -> None:
    with pytest.raises(EvaluationLimitError) as caught:
        compile_expression(text).evaluate({})
    assert caught.value.limit == limit


def test_equality_of_shared_lists_is_stopped_too() -> None:
    doubled = "for i in 1..60 return if i = 1 then [1] else [partial[-1], partial[-1]]"
    with pytest.raises(EvaluationLimitError):
        compile_expression(f"({doubled}) = ({doubled})").evaluate({})


def test_the_recursion_limit_is_left_alone() -> None:
    before = sys.getrecursionlimit()
    compile_expression("(" * 50 + "1" + ")" * 50).evaluate({})
    assert sys.getrecursionlimit() == before


def test_one_expression_serves_many_threads() -> None:
    expression = compile_expression("sum(for i in 1..n return i)", names=["n"])
    wrong: list[object] = []

    def work(n: int) -> None:
        for _ in range(50):
            result = expression.evaluate({"n": n})
            if result != n * (n + 1) / 2:
                wrong.append(result)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(1, 9)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


_WORDS = st.sampled_from(
    [
        *("1", "x", '"a"', '@"P1D"', "null", "绛县", "?", "+", "-", "*", "=", "<", ">", ".", "..", ",", ":"),
        *("(", ")", "[", "]", "{", "}", "not(", "date(", "and", "or", "in", "if", "then", "else", "for", "return"),
        *("some", "satisfies", "function", "instance of", "list<"),
    ]
)


@settings(max_examples=150, deadline=None)
@given(st.one_of(st.text(max_size=40), st.lists(_WORDS, max_size=12).map(" ".join)))
def test_any_text_is_compiled_or_explained(text: str) -> None:
    for compile_text in (compile_expression, compile_unary_tests):
        try:
            compiled = compile_text(text)
        except ExpressionError:
            continue
        try:
            if compile_text is compile_expression:
                compiled.evaluate({"x": 1})  # type: ignore[call-arg, arg-type]
            else:
                compiled.evaluate(1, {"x": 1})  # type: ignore[call-arg, arg-type]
        except EvaluationLimitError:
            pass
