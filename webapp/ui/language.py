"""Which language a reader reads, and texts that exist in both.

The sentences themselves are Chinese in the source; `translations/en` holds their English.
"""

from __future__ import annotations

from typing import Literal

from flask import Response, has_request_context, request

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = ("zh", "en")
DEFAULT_LANGUAGE: Language = "zh"
LANGUAGE_COOKIE = "lianban_language"
COOKIE_AGE_S = 365 * 24 * 3600

_LOCALES = {"zh": "zh_Hans_CN", "en": "en"}


def reader_language() -> Language:
    """Return `zh` or `en`: what the reader chose last in this browser, else Chinese."""
    if not has_request_context():
        return DEFAULT_LANGUAGE
    return "en" if request.cookies.get(LANGUAGE_COOKIE) == "en" else DEFAULT_LANGUAGE


def reader_locale() -> str:
    """Return the locale Flask-Babel works in for this reader."""
    return _LOCALES[reader_language()]


def remember_language(response: Response, language: str) -> Response:
    """Keep the reader's choice in this browser for a year."""
    response.set_cookie(
        LANGUAGE_COOKIE, language, max_age=COOKIE_AGE_S, httponly=True, samesite="Lax", secure=request.is_secure
    )
    return response


def pick(chinese: str, english: str | None) -> str:
    """Return the reader's version of a text that is data (a node's name, an agency); Chinese where English lacks."""
    return english if english and reader_language() == "en" else chinese


def local_address(address: str | None, *, otherwise: str) -> str:
    """Return `address` when it stays on this site, else `otherwise`: a link must not carry a reader elsewhere."""
    if not address or not address.startswith("/") or address.startswith(("//", "/\\")):
        return otherwise
    if any(character == "\\" or not character.isprintable() for character in address):
        return otherwise  # browsers read a backslash as a slash, and drop tabs and line ends: /<tab>/elsewhere
    return address
