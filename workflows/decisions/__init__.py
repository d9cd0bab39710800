"""The expression language of diagrams and decisions: FEEL (DMN 1.5, clause 10.3).

Compiled to closures; nothing is ever passed to eval or exec, and no name reaches a Python attribute.
"""

from __future__ import annotations

from workflows.decisions.errors import EvaluationLimitError, ExpressionError
from workflows.decisions.expression import Expression, UnaryTests, compile_expression, compile_unary_tests
from workflows.decisions.values import Function, Months, Range, Value

__all__ = [
    "EvaluationLimitError",
    "Expression",
    "ExpressionError",
    "Function",
    "Months",
    "Range",
    "UnaryTests",
    "Value",
    "compile_expression",
    "compile_unary_tests",
]
