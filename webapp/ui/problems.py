"""What has to be mended before a form can be sent."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from webapp import wording
from workflows.errors import FieldError


@dataclass(frozen=True)
class Problem:
    """One thing to mend.

    Args:
        anchor: id of the element the summary links to; None when no field is to blame.
        label: the field's label.
        text: what is wrong and how to mend it.
        path: the field's path, such as `issuers.0.uscc`.
    """

    anchor: str | None
    label: str | None
    text: str
    path: str = ""


def problems(
    errors: Iterable[FieldError], *, label_of: Callable[[str], str], anchor_of: Callable[[str], str]
) -> tuple[Problem, ...]:
    """Return the errors in the reader's words, the first of each field."""
    found: dict[str, Problem] = {}
    for error in errors:
        text = wording.field_sentence(error)
        found.setdefault(error.field, Problem(anchor_of(error.field), label_of(error.field) or None, text, error.field))
    return tuple(found.values())
