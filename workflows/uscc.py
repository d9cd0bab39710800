"""The unified social credit code (统一社会信用代码) of GB 32100-2015: 18 characters, the last checks the others."""

from __future__ import annotations

from workflows.errors import FieldError, InvalidInputError

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""The standard's 31 characters in order of value; I, O, S, V and Z are left out."""

LENGTH = 18
_WEIGHTS = tuple(pow(3, place, 31) for place in range(LENGTH - 1))


def check_character(first_17: str) -> str:
    """Return the 18th character that belongs to the first 17.

    Args:
        first_17: 17 characters of `ALPHABET`.

    Raises:
        ValueError: another length, or a character outside the alphabet.
    """
    if len(first_17) != LENGTH - 1:
        raise ValueError("17 characters are wanted")
    total = sum(ALPHABET.index(character) * weight for character, weight in zip(first_17, _WEIGHTS, strict=True))
    return ALPHABET[-total % 31]


def require_uscc(value: object, field: str) -> str:
    """Return the code in capitals without surrounding blanks, or refuse it.

    Args:
        value: what came in.
        field: the field named in the refusal.

    Raises:
        InvalidInputError: `uscc-length` (with `length` and `found`), `uscc-characters` or `uscc-check-digit`.
    """
    if not isinstance(value, str):
        raise InvalidInputError([FieldError(field, "uscc-characters")])
    text = value.strip()
    if len(text) != LENGTH:
        raise InvalidInputError([FieldError(field, "uscc-length", {"length": LENGTH, "found": len(text)})])
    code = text.upper() if text.isascii() else text
    if not set(code) <= set(ALPHABET):
        raise InvalidInputError([FieldError(field, "uscc-characters")])
    if check_character(code[:-1]) != code[-1]:
        raise InvalidInputError([FieldError(field, "uscc-check-digit")])
    return code
