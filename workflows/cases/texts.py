"""Free texts that officers write: opinions, reasons, answers."""

from __future__ import annotations

from workflows.errors import FieldError, InvalidInputError

MAX_OPINION = 2000


def check_text(text: str, field: str) -> None:
    """Refuse a free text that is too long or that no database can hold.

    Raises:
        InvalidInputError: naming `field`.
    """
    if len(text) > MAX_OPINION:
        raise InvalidInputError([FieldError(field, "too-long", {"maximum": MAX_OPINION})])
    if any((ord(c) < 32 and c not in "\n\r\t") or 0xD800 <= ord(c) < 0xE000 for c in text):
        raise InvalidInputError([FieldError(field, "characters")])
