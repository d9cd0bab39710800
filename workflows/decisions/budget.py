"""How much one evaluation may use."""

from __future__ import annotations

import time
from datetime import datetime

from workflows.decisions.errors import EvaluationLimitError

MAX_LENGTH = 200_000
"""Characters in one expression."""
MAX_DEPTH = 60
"""Nested brackets, functions and branches in one expression."""
MAX_STEPS = 500_000
"""Loop turns, calls and list elements touched in one evaluation."""
MAX_SECONDS = 2.0
MAX_CALLS = 80
"""Depth of functions calling functions."""
MAX_TEXT = 1_000_000
"""Characters in one text made by an expression."""
MAX_RESULT = 100_000
"""Values in a result, nested ones counted."""

_CLOCK_EVERY = 512


class Run:
    """One evaluation: what is left to spend, and the instant it counts as now.

    Not shared between threads: each evaluation makes its own.
    """

    __slots__ = ("_check", "_deadline", "calls", "now", "steps")

    def __init__(self, now: datetime | None = None) -> None:
        self.now = now
        self.steps = MAX_STEPS
        self.calls = 0
        self._check = MAX_STEPS - _CLOCK_EVERY
        self._deadline: float | None = None

    def spend(self, steps: int = 1) -> None:
        """Raises:
        EvaluationLimitError: nothing is left of the steps or of the time.
        """
        self.steps -= steps
        if self.steps > self._check:
            return
        if self.steps < 0:
            raise EvaluationLimitError("steps")
        self._check = self.steps - _CLOCK_EVERY
        # The clock starts with the first 512 steps: a small condition never reads it.
        instant = time.monotonic()
        if self._deadline is None:
            self._deadline = instant + MAX_SECONDS
        elif instant > self._deadline:
            raise EvaluationLimitError("time")

    def enter(self) -> None:
        """Count one function call that has not returned yet."""
        self.spend()
        self.calls += 1
        if self.calls > MAX_CALLS:
            raise EvaluationLimitError("depth")

    def text(self, value: str) -> str:
        """`value`, if it is not over-long."""
        if len(value) > MAX_TEXT:
            raise EvaluationLimitError("size")
        self.spend(1 + len(value) // 64)
        return value
