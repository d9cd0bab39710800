"""What all contents share."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticCustomError

from webapp.api.sentences import Language
from workflows.cases.views import Named

MAX_LIMIT = 200


class Incoming(BaseModel):
    """Content of a request: nothing unknown, nothing converted."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Outgoing(BaseModel):
    """Content of an answer."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _whole(value: object) -> object:
    """Query parameters are text: digits are the only way to write a whole number in one."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 18:
        return int(value)
    raise PydanticCustomError("number", "not a whole number")


def _day(value: object) -> object:
    try:
        if isinstance(value, str) and len(value) == 10:
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise PydanticCustomError("date", "not a date")


QueryInt = Annotated[int, BeforeValidator(_whole)]
QueryDate = Annotated[date, BeforeValidator(_day)]
BodyDate = QueryDate
"""In JSON, too, a date is written as text, and in no other way."""
Opinion = Annotated[str, StringConstraints(max_length=2000)]
Reason = Annotated[str, StringConstraints(min_length=1, max_length=2000)]
Code = Annotated[str, StringConstraints(min_length=1, max_length=100)]
RowVersion = Annotated[int, Field(ge=0, le=2**31 - 1)]
FormData = dict[str, Any]


class PageQuery(Incoming):
    """Which part of a list."""

    cursor: Annotated[str, StringConstraints(min_length=1, max_length=400)] | None = None
    limit: Annotated[QueryInt, Field(ge=1, le=MAX_LIMIT)] = 50


class Nothing(Incoming):
    """An empty object, or no body at all."""


class Because(Incoming):
    """A reason, which is kept in the trace."""

    reason: Reason


class Agency(Outgoing):
    """An agency."""

    code: str
    name: str


def name_of(named: Named, language: Language) -> str:
    """Return the name in the reader's language, or in Chinese where there is no other."""
    return (named.en or named.zh) if language == "en" else named.zh


def agency_of(named: Named | None, language: Language) -> Agency | None:
    """Return an agency as content."""
    return None if named is None else Agency(code=named.code, name=name_of(named, language))
