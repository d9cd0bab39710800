"""What a search shows of what it found."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Field(StrEnum):
    """Where in a case a text stands."""

    NUMBER = "number"
    TITLE = "title"
    APPLICANT = "applicant"
    USCC = "uscc"
    FORM = "form"
    NOTICE = "notice"
    PAPER = "paper"
    PAPER_TEXT = "paper_text"


@dataclass(frozen=True)
class HitPart:
    """A stretch of text; `found` if it is what was looked for."""

    text: str
    found: bool


@dataclass(frozen=True)
class Hit:
    """A place where words were found.

    Args:
        label_zh, label_en: what the text is called beside its field: the form's question, or the paper's name.
        parts: the text around the words, in order.
    """

    field: Field
    label_zh: str | None
    label_en: str | None
    parts: tuple[HitPart, ...]
