"""Where a compiled expression finds its names."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from workflows.decisions.budget import Run
from workflows.decisions.values import Value, lift


class Frame:
    """The names visible at one place: own ones, then those around it; the outermost holds the caller's raw values."""

    __slots__ = ("parent", "run", "values")

    def __init__(self, values: Mapping[str, Value], parent: Frame | None, run: Run) -> None:
        self.values, self.parent, self.run = values, parent, run

    def lookup(self, name: str, default: Value = None) -> Value:
        """The value of `name`, or `default` where nobody has it."""
        frame = self
        while frame.parent is not None:
            if name in frame.values:
                return frame.values[name]
            frame = frame.parent
        return lift(frame.values[name]) if name in frame.values else default


Code = Callable[[Frame], Value]

Postfix = Callable[[Value, Frame], Value]
