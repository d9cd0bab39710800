"""What expressions mean: values, three-valued logic, names."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from workflows.decisions import ExpressionError, Months, compile_expression, compile_unary_tests


def value(text: str, **context: Any) -> Any:
    return compile_expression(text).evaluate(context)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 + 2 * 3", Decimal(7)),
        ("-2 ** 2", Decimal(4)),
        ("2 ** 3 ** 2", Decimal(64)),
        ("1 / 3", Decimal("0.3333333333333333333333333333333333")),
        ("0.1 + 0.2 = 0.3", True),
        ("1 / 0", None),
        ('1 + "a"', None),
        ('"债" + "券"', "债券"),
        ("if null then 1 else 2", Decimal(2)),
        ("for x in 1..2, y in [10, 20] return x + y", [Decimal(n) for n in (11, 21, 12, 22)]),
        ("for i in 3..1 return i", [Decimal(n) for n in (3, 2, 1)]),
        ("for i in 1..4 return if i < 3 then 1 else partial[-1] + partial[-2]", [Decimal(n) for n in (1, 1, 2, 3)]),
        ("[1, 2, 3][item > 1][-1]", Decimal(3)),
        ("[{a: 1}, {a: 2}][a > 1].a", [Decimal(2)]),
        ("{a: 1, b: a + 1}.b", Decimal(2)),
        ("(function(x: number, y) x - y)(y: 1, x: 3)", Decimal(2)),
        ("{f: function(n) if n < 2 then 1 else n * f(n - 1), r: f(20)}.r", Decimal(2432902008176640000)),
        ('[1, "a"] instance of list<number>', False),
        ("5 in (1..5]", True),
        ("5 in (< 3, > 4)", True),
        ('"b" in ["a", "b"]', True),
        ("2 between 1 and 3 and true", True),
        ('substring(string: "abcd", start position: 2, length: 2)', "bc"),
        ('date("2019-01-31") + duration("P1M")', date(2019, 2, 28)),
        ('date("2020-03-31") - duration("P1M")', date(2020, 2, 29)),
        ('date("2019-03-01") - date("2019-02-01")', timedelta(days=28)),
        ('years and months duration(date("2011-12-22"), date("2013-08-24"))', Months(20)),
        ('@"2019-01-01T00:00:00+08:00" = @"2018-12-31T16:00:00Z"', True),
        ('@"2019-01-01" < @"2019-01-01T00:00:00"', None),
        ('date("02019-01-01")', None),
        ('@"2019-01-10" - duration("P3D")', date(2019, 1, 7)),
        ('-duration("PT3S")', timedelta(seconds=-3)),
        ('-duration("P999999999DT23H")', None),
        ('date("9999-12-31") + duration("P1D")', None),
        ("exp(1000000)", None),
        ("modulo(-7, 3)", Decimal(2)),
        ("decimal(1 / 3, 2.5)", Decimal("0.33")),
        ('substring("foobar", 3, 3.8)', "oba"),
        ('string(@"P1DT2H")', "P1DT2H"),
        ('day of week(@"2026-11-23")', "Monday"),
        ("sort([3, 1, 2], function(a, b) a < b)", [Decimal(n) for n in (1, 2, 3)]),
        ('"\\u7edb\\u53bf"', "绛县"),
        ("1 /* 注 */ + // 注\n 1", Decimal(2)),
    ],
)
def test_expression_has_the_value_of_the_standard(text: str, expected: Any) -> None:
    result = value(text)
    assert result == expected
    assert type(result) is type(expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("true and null", None),
        ("false and null", False),
        ("true or null", True),
        ("false or null", None),
        ("not(null)", None),
        ("null = null", True),
        ("null != 1", True),
        ('1 = "1"', None),
        ("1 < null", None),
        ("some x in [null, true] satisfies x", True),
        ("every x in [null, true] satisfies x", None),
        ("every x in [] satisfies x", True),
        ("all([true, null])", None),
    ],
)
def test_logic_is_three_valued(text: str, expected: bool | None) -> None:
    assert value(text) is expected


@pytest.mark.parametrize(
    ("tests", "given", "expected"),
    [
        ('"a", "b"', "b", True),
        ('not("a")', "a", False),
        ('not("a", "b")', "c", True),
        ("[1..5)", 5, False),
        ("]1..5]", 1, False),
        ("-", None, True),
        ("< 10", 9, True),
        ("< 10", "9", None),
        ("true", True, True),
        ("true", False, False),
        ('contains(?, "债")', "债券", True),
        ("? > 3 and ? < 5", 4, True),
        ('date("2019-01-01")', date(2019, 1, 1), True),
        ("not(null)", 1, True),
    ],
)
def test_unary_tests(tests: str, given: Any, expected: bool | None) -> None:
    assert compile_unary_tests(tests).evaluate(given, {}) is expected


def test_names_may_be_chinese_and_hold_blanks_and_signs() -> None:
    names = ["县", "发行 金额", "a-b", "a", "b"]
    expression = compile_expression('县 = "绛县" and 发行  金额 > 100 and a-b = 7 and a - b = 7', names=names)
    assert expression.evaluate({"县": "绛县", "发行 金额": 101, "a-b": 7, "a": 1, "b": 2}) is True
    assert compile_expression("a-b", names=["a", "b"]).evaluate({"a": 3, "b": 1}) == 2


def test_an_unknown_name_is_found_when_compiling() -> None:
    with pytest.raises(ExpressionError) as caught:
        compile_expression('formal_chek = "accept"', names=["formal_check"])
    assert caught.value.position == 0
    assert "formal_chek" in caught.value.message
    assert "formal_chek" in caught.value.message_en


def test_a_condition_names_what_it_needs() -> None:
    expression = compile_expression('formal_check = "accept" and count(issuers) > 1', names=["formal_check", "issuers"])
    assert expression.names == {"formal_check", "issuers"}


def test_a_value_of_the_context_hides_a_function_of_that_name() -> None:
    assert compile_expression("count + 1", names=["count"]).evaluate({"count": 2}) == 3
    assert value("count + 1", count=2) == 3
    assert value("count([1, 2])", count=2) == 2


@pytest.mark.parametrize(
    "text", ["", "1 +", "(", ")", "1..", "a == b", "${x}", "#{x}", "“a”", '"a', "x（1）", "{a: 1, a: 2}"]
)
def test_malformed_text_is_explained_in_both_languages(text: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        compile_expression(text)
    assert caught.value.message.endswith("。")
    assert caught.value.message_en.endswith(".")


def test_host_functions_are_called_by_position() -> None:
    expression = compile_expression("due_workdays(days + 1)", names=["due_workdays", "days"])
    assert expression.evaluate({"due_workdays": lambda n: date(2019, 2, int(n)), "days": 10}) == date(2019, 2, 11)


def test_python_attributes_are_out_of_reach() -> None:
    assert value("x.__class__", x="text") is None
    assert value("x.__class__.__mro__", x={"a": 1}) is None
    assert value("__import__") is None
    assert value('__import__("os")') is None


def test_now_is_given_never_read() -> None:
    instant = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)
    assert compile_expression("now()").evaluate({}) is None
    assert compile_expression("now()").evaluate({}, now=instant) == instant
    assert compile_expression("today()").evaluate({}, now=instant) == date(2026, 1, 2)


def test_floats_keep_the_digits_they_show() -> None:
    assert value("x + 0.2", x=0.1) == Decimal("0.3")


def test_names_no_expression_could_spell_disturb_no_other() -> None:
    assert compile_expression("a = 1", names=["a", "§", '"', "$x"]).evaluate({"a": 1}) is True
    assert value('get value({"§": 1}, "§")') == 1
