"""Sentences in the reader's language: the Chinese of the source is the key, `translations/` has the others."""

from __future__ import annotations

import flask_babel


def _(message: str, **values: object) -> str:
    """Return `message` in the reader's language, with `%(name)s` filled in from `values`."""
    return str(flask_babel.gettext(message, **values))


def ngettext(singular: str, plural: str, num: int, **values: object) -> str:
    """Return the form that goes with `num`, which fills `%(num)s`; in Chinese both forms are the same."""
    return str(flask_babel.ngettext(singular, plural, num, **values))
