"""Every expression of the public decision models compiles, except what is left out on purpose."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from lxml import etree

from workflows.decisions import EvaluationLimitError, ExpressionError, compile_expression, compile_unary_tests

ROOT = Path(__file__).resolve().parents[3]
CORPORA = Path(os.environ.get("LIANBAN_CORPORA", ROOT.parent / "shared" / "corpora")) / "dmn-tck"
LEFT_OUT = {"There is no function “matches”.", "External functions are not available."}
"""Regular expressions that may take exponential time, and calls of Java."""
WRONG_ON_PURPOSE = {'@"foo"', "non_existing_function()"}

STATED = re.compile(r"expects result: '(.*) \((?:string|number|boolean)\)'\s*$", re.DOTALL)
MISSTATED = {"log(4)", "log(number:4)", "log(0)", "false or null", 'week of year(@"2019-09-17")', "decimal(0.0, 1)"}
"""Where the remark in the model contradicts the standard (a copy of another one's)."""
MISSTATED |= {'number("1,000,000.00", ",", null)', 'get value({a: "foo"}, "a")', 'get value(key:"a", m:{a: "foo"})'}
BEYOND = re.compile(r"\.[0-9]{7}|99999|input_")
"""Nanoseconds and years beyond 9999 are out of our range; inputs are not given here."""


def _named(element: etree._Element) -> Iterator[str]:
    for kind in ("inputData", "decision", "businessKnowledgeModel", "decisionService", "variable", "formalParameter"):
        yield from (found.get("name") or kind for found in element.iter(f"{{*}}{kind}"))


def _expressions(path: Path) -> Iterator[tuple[str, str, frozenset[str]]]:
    root = etree.parse(str(path)).getroot()
    names = frozenset(_named(root))
    for kind in ("literalExpression", "inputEntry", "outputEntry", "inputExpression"):
        for element in root.iter(f"{{*}}{kind}"):
            text = element.findtext("{*}text")
            if text:
                yield kind, text, names


@pytest.mark.skipif(not CORPORA.is_dir(), reason=f"no public decision models at {CORPORA}")
def test_every_expression_of_the_public_models_compiles() -> None:
    seen, refused = 0, []
    for path in sorted(CORPORA.rglob("*.dmn")):
        for kind, text, names in _expressions(path):
            seen += 1
            try:
                if kind == "inputEntry":
                    compile_unary_tests(text, names=names).evaluate(1, {})
                else:
                    compile_expression(text, names=names).evaluate({})
            except ExpressionError as problem:
                if problem.message_en not in LEFT_OUT and text not in WRONG_ON_PURPOSE:
                    refused.append((path.name, text, problem.message_en))
            except EvaluationLimitError as limit:
                refused.append((path.name, text, limit.limit))
    assert seen > 1000
    assert refused == []


@pytest.mark.skipif(not CORPORA.is_dir(), reason=f"no public decision models at {CORPORA}")
def test_expressions_give_the_results_the_public_models_state() -> None:
    compared, wrong = 0, []
    for path in sorted(CORPORA.rglob("*.dmn")):
        for decision in etree.parse(str(path)).getroot().iter("{*}decision"):
            text, stated = (
                decision.findtext("{*}literalExpression/{*}text"),
                STATED.search(decision.findtext("{*}description") or ""),
            )
            if text is None or stated is None or text in MISSTATED or BEYOND.search(text):
                continue
            compared += 1
            result = compile_expression(text, names=[]).evaluate({})
            written = "null" if result is None else compile_expression("string(x)").evaluate({"x": result})
            if stated[1] != (f'"{written}"' if isinstance(result, str) else written):
                wrong.append((text, written, stated[1]))
    assert compared > 150
    assert wrong == []
