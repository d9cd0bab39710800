"""The FEEL built-in functions (DMN 1.5, 10.3.4), one module per subject.

Left out: `matches`, `replace` and `split` by pattern, because a regular expression of the standard library
can take exponential time.
"""

from __future__ import annotations

from workflows.decisions.builtins import contexts, conversion, lists, numbers, ranges, temporal, text
from workflows.decisions.builtins.registry import functions
from workflows.decisions.names import Library

__all__ = ["LIBRARY"]

_SUBJECTS = (contexts, conversion, lists, numbers, ranges, temporal, text)
"""Importing a subject registers its functions."""

LIBRARY = Library.of(functions())
