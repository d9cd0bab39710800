"""What comes in: JSON read strictly, values that no database would store refused, every refusal naming its field."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import orjson
from flask import Request
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import UnsupportedMediaType

from workflows.errors import FieldError, InvalidInputError, LianbanError
from workflows.persistence import canonical_json

JSON_LIMIT = 1 << 20
"""Bytes of a JSON body; the largest form with ten issuers is a hundredth of it."""
MAX_DEPTH = 32
MAX_INTEGER = 2**63 - 1
EXACT_FLOAT = 2**53
"""Beyond this a JSON number has lost digits on its way in, so it cannot be what the sender meant."""

_CONTROL = frozenset(map(chr, [*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF]))
"""Characters that XML and PostgreSQL text cannot hold."""

_CODES = {
    "missing": "required",
    "extra_forbidden": "unknown-field",
    "string_too_long": "too-long",
    "string_too_short": "too-short",
    "too_long": "too-many",
    "too_short": "too-few",
    "literal_error": "not-in-list",
    "number": "number",
    "date": "date",
    "greater_than_equal": "range",
    "less_than_equal": "range",
    "string_pattern_mismatch": "pattern",
}
_PARAMS = {"max_length": "maximum", "min_length": "minimum", "le": "maximum", "ge": "minimum"}

Model = TypeVar("Model", bound=BaseModel)


class MalformedBodyError(LianbanError):
    """The body is not JSON at all."""

    code = "malformed-body"


@dataclass(frozen=True)
class Received:
    """A request's content after parsing.

    Args:
        value: what the view works with.
        fingerprint: SHA-256 of what was sent, blanks and key order aside: tells a repeat from another request.
    """

    value: Any
    fingerprint: bytes


def read_json(request: Request, model: type[Model], *, limit: int = JSON_LIMIT) -> Received:
    """Return the body as a `model`; no body at all counts as an empty object.

    Args:
        request: the request.
        model: what is expected.
        limit: bytes the body may have.

    Raises:
        RequestEntityTooLarge: the body has more.
        UnsupportedMediaType: there is a body and it is not declared as JSON.
        MalformedBodyError: it is not JSON.
        InvalidInputError: it is JSON, but not what this call takes.
    """
    request.max_content_length = limit
    raw = request.get_data(cache=False)
    if not raw:
        return Received(parse({}, model), fingerprint(b""))
    if request.mimetype != "application/json":
        raise UnsupportedMediaType
    try:
        content = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise MalformedBodyError(str(error)) from None
    if not isinstance(content, dict):
        raise InvalidInputError([FieldError("body", "wrong-type")])
    refuse_unstorable(content)
    return Received(parse(content, model), fingerprint(canonical_json(content)))


def read_query(values: MultiDict[str, str], model: type[Model]) -> Model:
    """Return the query parameters as a `model`; each may be given once.

    Raises:
        InvalidInputError: an unknown, repeated or malformed parameter.
    """
    repeated = [FieldError(name, "duplicate") for name, given in values.lists() if len(given) > 1]
    if repeated:
        raise InvalidInputError(repeated)
    content = values.to_dict()
    refuse_unstorable(content)
    return parse(content, model)


def parse(content: Mapping[str, Any], model: type[Model]) -> Model:
    """Return `content` as a `model`.

    Raises:
        InvalidInputError: naming every field that is wrong.
    """
    try:
        return model.model_validate(content)
    except ValidationError as error:
        raise InvalidInputError(_field_error(detail) for detail in error.errors(include_url=False)) from None


def fingerprint(*parts: bytes) -> bytes:
    """Return a hash over `parts` that depends on where each ends."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "big"))
        digest.update(part)
    return digest.digest()


def refuse_unstorable(content: object) -> None:
    """Refuse values that parse but cannot be kept: control characters, numbers beyond 64 bits, bottomless nesting.

    Raises:
        InvalidInputError: naming each place.
    """
    errors: list[FieldError] = []
    pending: list[tuple[str, object, int]] = [("", content, 0)]
    while pending:
        path, value, depth = pending.pop()
        if depth > MAX_DEPTH:
            errors.append(FieldError(path, "too-deep", {"maximum": MAX_DEPTH}))
        elif isinstance(value, dict):
            errors += [FieldError(path or "body", "field-name") for name in value if not _storable(name)]
            pending += [(f"{path}.{name}" if path else name, inner, depth + 1) for name, inner in value.items()]
        elif isinstance(value, list):
            pending += [(f"{path}.{index}", inner, depth + 1) for index, inner in enumerate(value)]
        elif code := _unstorable(value):
            errors.append(FieldError(path, code, {"maximum": MAX_INTEGER}))
    if errors:
        raise InvalidInputError(errors[:50])


def _unstorable(value: object) -> str | None:
    if isinstance(value, str) and not _storable(value):
        return "control-character"
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > MAX_INTEGER:
        return "number-size"
    if isinstance(value, float) and abs(value) > EXACT_FLOAT:
        return "number-size"
    return None


def _storable(text: str) -> bool:
    if not _CONTROL.isdisjoint(text):
        return False
    # Escaped lone surrogates do not survive the JSON reader, yet query strings and headers come by other ways.
    return text.isascii() or not any("\ud800" <= letter <= "\udfff" for letter in text)


def _field_error(detail: ErrorDetails) -> FieldError:
    params = {_PARAMS[name]: value for name, value in detail.get("ctx", {}).items() if name in _PARAMS}
    field = ".".join(str(part) for part in detail["loc"]) or "body"
    return FieldError(field, _CODES.get(detail["type"], "wrong-type"), params)
