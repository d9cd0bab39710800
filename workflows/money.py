"""Money is an integer number of 分 (1/100 yuan), from the form to the ledger."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from workflows.errors import FieldError, InvalidInputError

MAX_FEN = 10**15
"""Ten trillion yuan: far above any budget here, far below what 64 bits hold."""


def require_fen(value: object, *, field: str, minimum: int = 0) -> int:
    """Return `value` as 分, or refuse it.

    Args:
        value: what came in; only an `int` within `minimum`..`MAX_FEN` passes (a `bool` does not).
        field: the field named in the refusal.
        minimum: the least amount allowed, in 分.

    Raises:
        InvalidInputError: not a whole number of 分, or out of range.
    """
    if isinstance(value, bool) or not isinstance(value, int):
        raise InvalidInputError([FieldError(field, "whole-fen")])
    if not minimum <= value <= MAX_FEN:
        raise InvalidInputError([FieldError(field, "fen-range", {"minimum": minimum, "maximum": MAX_FEN})])
    return value


def parse_yuan(text: str, *, field: str) -> int:
    """Read an amount typed in 元, such as `750,000.00`, as 分.

    Raises:
        InvalidInputError: not a number, negative, too large, or finer than a 分.
    """
    try:
        fen = Decimal(text.strip().replace(",", "").replace("，", "")) * 100
    except InvalidOperation:
        raise InvalidInputError([FieldError(field, "amount")]) from None
    if not fen.is_finite() or fen != fen.to_integral_value():
        raise InvalidInputError([FieldError(field, "whole-fen")])
    return require_fen(int(fen), field=field)


def format_yuan(fen: int) -> str:
    """Return 分 as 元 with thousands separators and two decimals: `75000000` → `750,000.00`."""
    sign = "-" if fen < 0 else ""
    yuan, rest = divmod(abs(fen), 100)
    return f"{sign}{yuan:,}.{rest:02d}"
