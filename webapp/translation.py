"""Sentences in the reader's language: the Chinese of the source is the key, `translations/` has the others.

A queue page asks for five hundred sentences, so each is looked up once per process and language and kept.
"""

from __future__ import annotations

import flask_babel
from flask import Flask
from markupsafe import Markup

_TEXTS: dict[tuple[str, str], Markup] = {}
"""(language, sentence) → its text; as many as the sources have sentences. They are ours, so they are markup already."""


_PLAIN: dict[tuple[str, str], Markup] = {}
"""The same for sentences with nothing to fill in, as they stand on a page."""

_FORMS: dict[tuple[str, str, int], str] = {}
"""(language, sentence, number) → the form that goes with the number."""
MOST_FORMS = 8192


def _(message: str, **values: object) -> str:
    """Return `message` in the reader's language, with `%(name)s` filled in from `values`."""
    text = str(_text(message))
    return text % values if values else text


def pick(chinese: str, english: str) -> str:
    """Return the version of a name that goes with the sentences of the moment: of a page, or of the API's answer."""
    locale = flask_babel.get_locale()
    return english if english and locale is not None and locale.language == "en" else chinese


def ngettext(singular: str, plural: str, num: int, **values: object) -> str:
    """Return the form that goes with `num`, which fills `%(num)s`; in Chinese both forms are the same."""
    locale = flask_babel.get_locale()
    key = (locale.language if locale else "", singular, num)
    form = _FORMS.get(key)
    if form is None:
        if len(_FORMS) >= MOST_FORMS:
            _FORMS.clear()
        form = _FORMS[key] = str(flask_babel.get_translations().ungettext(singular, plural, num))
    return form % {"num": num, **values}


def install(app: Flask) -> None:
    """Give the templates `_` by the short way."""
    app.jinja_env.globals["_"] = app.jinja_env.globals["gettext"] = _on_a_page


def _on_a_page(message: str, **values: object) -> Markup:
    # Always a format, as Jinja's own: a sentence doubles its percent signs, filled in or not. Values are escaped.
    if values:
        return _text(message) % values
    locale = flask_babel.get_locale()
    key = (locale.language if locale else "", message)
    text = _PLAIN.get(key)
    if text is None:
        text = _PLAIN[key] = _text(message) % {}
    return text


def _text(message: str) -> Markup:
    locale = flask_babel.get_locale()
    key = (locale.language if locale else "", message)
    text = _TEXTS.get(key)
    if text is None:
        text = _TEXTS[key] = Markup(flask_babel.gettext(message))  # noqa: S704  # of the sources, never of people
    return text
