"""Short texts that people keep for themselves."""

from __future__ import annotations

from workflows.cases.complete_task import check_text
from workflows.errors import FieldError, InvalidInputError


def short_text(text: str, field: str, maximum: int) -> str:
    """Return a short text without the blanks around it.

    Raises:
        InvalidInputError: naming `field`: empty, too long, or with characters no database can hold.
    """
    kept = " ".join(text.split())
    if not kept:
        raise InvalidInputError([FieldError(field, "required")])
    if len(kept) > maximum:
        raise InvalidInputError([FieldError(field, "too-long", {"maximum": maximum})])
    check_text(kept, field)
    return kept
