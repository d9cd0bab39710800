"""What is wrong with an expression, in words for the person who wrote it."""

from __future__ import annotations

from typing import ClassVar

from workflows.errors import DefinitionError


class ExpressionError(DefinitionError):
    """An expression that cannot be compiled.

    Args:
        position: 0-based offset in the text, in characters.
        message: one Chinese sentence for an administrator.
        message_en: the same in English.
    """

    code: ClassVar[str] = "expression"

    def __init__(self, position: int, message: str, message_en: str) -> None:
        self.position, self.message, self.message_en = position, message, message_en
        super().__init__(f"{position}: {message_en}")


class EvaluationLimitError(DefinitionError):
    """An expression used up its steps, time, depth or room while it ran.

    Args:
        limit: which budget: `steps`, `time`, `depth` or `size`.
    """

    code: ClassVar[str] = "expression-limit"

    def __init__(self, limit: str) -> None:
        self.limit = limit
        super().__init__(f"evaluation stopped: {limit}")
