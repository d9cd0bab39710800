"""Several things at once, with what came of each."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from webapp import wording
from webapp.api.v1.content.base import Code, Incoming, Opinion, Outgoing, Reason
from workflows.errors import InvalidInputError, LianbanError

Action = Literal["receive", "claim", "release", "assign", "transfer", "delegate", "take_back", "acknowledge", "urge"]


class BulkActs(Incoming):
    """One act on several tasks."""

    action: Action
    ids: Annotated[list[Annotated[int, Field(ge=1, le=2**63 - 1)]], Field(min_length=1, max_length=200)]
    to: Code | None = None
    """User name, for the acts that give a task to somebody."""
    reason: Opinion | None = None


class RowError(Outgoing):
    """One field that was refused."""

    field: str
    code: str
    message: str


class RowResult(Outgoing):
    """What came of one of them."""

    id: int
    ok: bool
    code: str | None
    """As in the problem a single call would have answered with."""
    detail: str | None
    errors: list[RowError]


class BulkResults(Outgoing):
    """What came of each, in the order asked."""

    done: int
    items: list[RowResult]


class HandOver(Incoming):
    """To whom a leaver's work goes."""

    to: Code
    reason: Reason


class HandOverRow(RowResult):
    """What came of one thing the leaver held."""

    kind: str
    """`task`, `delegation`, `case` or `draft`."""


class HandOverResults(Outgoing):
    """What came of everything the leaver held."""

    done: int
    items: list[HandOverRow]


def outcome(key: int, error: LianbanError | None) -> RowResult:
    """Return what came of one thing, in the locale in force."""
    if error is None:
        return RowResult(id=key, ok=True, code=None, detail=None, errors=[])
    errors = []
    if isinstance(error, InvalidInputError):
        errors = [
            RowError(field=found.field, code=found.code, message=wording.field_sentence(found))
            for found in error.errors
        ]
    return RowResult(id=key, ok=False, code=error.code, detail=wording.error_sentence(error), errors=errors)
