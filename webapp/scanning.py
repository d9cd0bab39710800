"""The virus scanner of the running application."""

from __future__ import annotations

from webapp import context
from webapp.adapters.clamd import Clamd, ScannerAwayError
from workflows.errors import FieldError, InvalidInputError


def scanner() -> Clamd | None:
    """Return the scanner the settings name, or None where nothing is scanned."""
    address = context.config().scanner
    return Clamd(address) if address else None


def require_scanner() -> None:
    """Refuse uploads while the scanner is away, where the settings say so.

    Raises:
        InvalidInputError: naming `file`.
    """
    found = scanner()
    if found is None or context.config().scanner_away == "hold":
        return
    try:
        found.ping()
    except ScannerAwayError:
        raise InvalidInputError([FieldError("file", "scanner-away")]) from None
