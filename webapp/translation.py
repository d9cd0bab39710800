"""Sentences in the reader's language: the Chinese of the source is the key, `translations/` has the others.

A queue page asks for five hundred sentences, so each is looked up once per process and language and kept.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import flask_babel
from flask import Flask
from markupsafe import Markup

_TEXTS: dict[tuple[str, str], Markup] = {}
"""(language, sentence) → its text; as many as the sources have sentences. They are ours, so they are markup already."""


_FORMS: dict[tuple[str, str, int], str] = {}
"""(language, sentence, number) → the form that goes with the number."""
MOST_FORMS = 8192


def _(message: str, **values: object) -> str:
    """Return `message` in the reader's language, with `%(name)s` filled in from `values`."""
    text = str(_text(message))
    return text % values if values else text


def pick(chinese: str, english: str) -> str:
    """Return the version of a name that goes with the sentences of the moment: of a page, or of the API's answer."""
    return english if english and _language() == "en" else chinese


def ngettext(singular: str, plural: str, num: int, **values: object) -> str:
    """Return the form that goes with `num`, which fills `%(num)s`; in Chinese both forms are the same."""
    key = (_language(), singular, num)
    form = _FORMS.get(key)
    if form is None:
        if len(_FORMS) >= MOST_FORMS:
            _FORMS.clear()
        form = _FORMS[key] = str(flask_babel.get_translations().ungettext(singular, plural, num))
    return form % {"num": num, **values}


def install(app: Flask) -> None:
    """Give the templates `_` by the short way: of the reader's language where the page is known, else asking for it."""
    app.jinja_env.globals["_"] = app.jinja_env.globals["gettext"] = _on_a_page
    app.context_processor(lambda: {"_": on_pages(_language())})


@cache
def on_pages(language: str) -> Callable[..., Markup]:
    """Return `_` of pages in one language, which need not ask for the reader's with each of five hundred sentences."""
    formats: dict[str, Markup] = {}
    plain: dict[str, Markup] = {}

    def sentence(message: str, **values: object) -> Markup:
        # Always a format, as Jinja's own: a sentence doubles its percent signs, filled in or not. Values are escaped.
        kept = formats if values else plain
        text = kept.get(message)
        if text is None:
            text = _text(message) if values else _text(message) % {}
            if _language() == language:
                kept[message] = text
        return text % values if values else text

    return sentence


def _on_a_page(message: str, **values: object) -> Markup:
    return on_pages(_language())(message, **values)


def _text(message: str) -> Markup:
    key = (_language(), message)
    text = _TEXTS.get(key)
    if text is None:
        text = _TEXTS[key] = Markup(flask_babel.gettext(message))  # noqa: S704  # of the sources, never of people
    return text


def _language() -> str:
    locale = flask_babel.get_locale()
    return locale.language if locale else ""
