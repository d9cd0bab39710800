"""What a form is made of, ready for the template."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Option:
    """One choice of a field."""

    value: str
    label: str


@dataclass(frozen=True)
class Row:
    """One repetition of a group of fields, numbered from 1."""

    number: int
    path: str
    fields: tuple[Field, ...]
    removable: bool


@dataclass(frozen=True)
class Field:
    """One field.

    Args:
        path: name of the input: dots and indexes as in `issuers.0.uscc`.
        kind: `text`, `long`, `date`, `choice`, `money`, `flag`, `list`.
        value: what stands in it, as typed; `yes` for a ticked flag.
        error: what is wrong with it, or None.
        decisions: ids of the decisions it must be filled in for; empty when it does not depend on one.
        rows: of a list.
        row_label: what one row of a list is called; the list's own label where the form does not say.
        addable: one more row is allowed.
        asked: what an officer said is wrong with it.
    """

    path: str
    kind: str
    label: str
    hint: str | None
    required: bool
    value: str = ""
    options: tuple[Option, ...] = ()
    max_length: int | None = None
    input_mode: str | None = None
    error: str | None = None
    decisions: tuple[str, ...] = ()
    rows: tuple[Row, ...] = ()
    row_label: str = ""
    addable: bool = False
    asked: tuple[str, ...] = ()

    @property
    def anchor(self) -> str:
        """The id of its element."""
        return "f-" + self.path.replace(".", "-")


@dataclass(frozen=True)
class Answer:
    """A field as it was answered; a list has one tuple of answers per row."""

    label: str
    text: str
    rows: tuple[tuple[Answer, ...], ...] = ()
    row_label: str = ""
    emphasis: bool = False
