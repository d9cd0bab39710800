"""How tightly operators bind (DMN 1.5, table 42)."""

from __future__ import annotations

from collections.abc import Mapping

OR, AND, COMPARE, SUM, PRODUCT, POWER, UNARY = 1, 2, 3, 4, 5, 6, 7
LEVELS: Mapping[str, int] = {
    "or": OR, "and": AND, "=": COMPARE, "!=": COMPARE, "<": COMPARE, "<=": COMPARE, ">": COMPARE, ">=": COMPARE,
    "between": COMPARE, "in": COMPARE,
    "+": SUM, "-": SUM, "*": PRODUCT, "/": PRODUCT, "**": POWER, "instance": UNARY,
}  # fmt: skip
ORDERINGS = ("<", "<=", ">", ">=")
