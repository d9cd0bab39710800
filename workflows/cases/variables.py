"""The few facts of the form that the engine gets to see.

Form data stays outside the engine's state; a diagram declares by `lianban:variable` which fields its conditions and
routing need, and for a list which members of its rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workflows.engine import JsonValue, ProcessModel


def routing_variables(model: ProcessModel, form: Mapping[str, Any]) -> dict[str, JsonValue]:
    """Pick the declared variables out of a form; rows of lists get an `index`, counted from 0."""
    picked: dict[str, JsonValue] = {}
    for variable in model.variables:
        value = form.get(variable.name)
        if isinstance(value, list) and variable.fields:
            picked[variable.name] = [
                {"index": index, **{name: row.get(name) for name in variable.fields}} for index, row in enumerate(value)
            ]
        else:
            picked[variable.name] = value
    return picked


def lookup(form: Mapping[str, Any], path: str) -> Any:
    """Follow a dotted path such as `issuers.0.name` into a form; None where it leads nowhere."""
    value: Any = form
    for part in path.split("."):
        if isinstance(value, Mapping):
            value = value.get(part)
        elif isinstance(value, list) and part.isdigit() and int(part) < len(value):
            value = value[int(part)]
        else:
            return None
    return value
