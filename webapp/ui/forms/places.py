"""The fields of an application as options, for forms in which an officer points at one of them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from webapp.ui.forms.fields import Option
from webapp.ui.forms.render import Options, label_of
from workflows.cases.places import FORMAT, places


def with_places(options: Options, schema: Mapping[str, Any], data: Mapping[str, Any] | None = None) -> Options:
    """Return a look-up that also knows the fields of an application, by the format `application-field`.

    Args:
        options: the look-up of everything else.
        schema: of the application.
        data: the application to choose in; None to read what was chosen, however many rows there were.
    """

    @lru_cache(maxsize=1)
    def fields() -> tuple[Option, ...]:
        return tuple(Option(path, label_of(schema, path)) for path in places(schema, data))

    return lambda name: fields() if name == FORMAT else options(name)
