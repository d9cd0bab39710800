"""Errors as RFC 9457 problem details, in the reader's language, each with its stable code."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

import orjson
import structlog
from flask import Request, Response
from flask_babel import force_locale
from sqlalchemy.exc import DataError, IntegrityError, OperationalError
from werkzeug.exceptions import HTTPException

from webapp import wording
from webapp.adapters.storage import DamagedError, StoreAwayError
from webapp.api.idempotency import HEADER as IDEMPOTENCY_HEADER
from webapp.api.idempotency import IdempotencyKeyReusedError
from webapp.api.intake import MalformedBodyError
from webapp.api.refusals import SignInRefusedError
from webapp.api.sentences import DETAILS, FIELDS, TITLES, Language
from webapp.identity.errors import LoginUnfinishedError, SessionExpiredError
from workflows.errors import (
    ConcurrencyError,
    DefinitionError,
    EngineError,
    FieldError,
    InvalidInputError,
    LianbanError,
    NotFoundError,
    ObjectionsUnansweredError,
    PermissionDeniedError,
    RoutingError,
    StateConflictError,
    TaskAlreadyClaimedError,
)

MEDIA_TYPE = "application/problem+json"
log = structlog.get_logger(__name__)

_STATUS: tuple[tuple[type[LianbanError], int], ...] = (
    (SessionExpiredError, 401),
    (LoginUnfinishedError, 403),
    (InvalidInputError, 422),
    (IdempotencyKeyReusedError, 422),
    (MalformedBodyError, 400),
    (NotFoundError, 404),
    (PermissionDeniedError, 403),
    (StateConflictError, 409),
    (ConcurrencyError, 409),
    (DefinitionError, 422),
    (RoutingError, 409),
    (EngineError, 409),
)
_HTTP_CODES = {
    400: "bad-request",
    404: "not-found",
    405: "method-not-allowed",
    413: "body-too-large",
    415: "unsupported-media-type",
}
OWN_DETAILS = frozenset(DETAILS) - {NotFoundError.code}
_LOCK_STATES = frozenset({"55P03", "40P01", "40001", "57014"})
"""PostgreSQL: lock not available, deadlock, serialization failure, statement timed out."""


@dataclass(frozen=True)
class Problem:
    """A problem before it is put into words.

    Args:
        status: HTTP status.
        code: stable and public.
        detail: a sentence, or None for the code's own.
        errors: the fields concerned.
        members: further members of the answer, such as `holder`.
        headers: HTTP headers that go with it.
    """

    status: int
    code: str
    detail: str | None = None
    errors: tuple[FieldError, ...] = ()
    members: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


def reader_language(request: Request) -> Language:
    """Return the language asked for by `Accept-Language`; Chinese unless English is preferred."""
    return cast(Language, request.accept_languages.best_match(("zh", "en"), default="zh"))


def problem_response(error: Exception, language: Language) -> Response:
    """Return the answer to a request that failed; what nobody foresaw is logged under a number the reader is told."""
    with force_locale("zh" if language == "zh" else "en"):
        return _render(_problem(error), language)


def _problem(error: Exception) -> Problem:
    if isinstance(error, LianbanError):
        return _domain_problem(error)
    if isinstance(error, HTTPException):
        return _http_problem(error)
    if isinstance(error, StoreAwayError):
        log.warning("store-away", error=str(error)[:500])
        return Problem(503, "store-away", headers={"Retry-After": "60"})
    if isinstance(error, DamagedError):  # logged where it was found
        return Problem(500, "file-damaged")
    if isinstance(error, OperationalError) and _is_lock(error):
        return Problem(409, "busy", headers={"Retry-After": "1"})
    if isinstance(error, DataError):
        log.warning("value-refused-by-database", error=str(error.orig))
        return Problem(422, "invalid-input", errors=(FieldError("body", "other"),))
    if isinstance(error, IntegrityError):
        log.warning("constraint-refused-change", error=str(error.orig))
        return Problem(409, "state-conflict")
    number = uuid.uuid4().hex[:12]
    log.error("request-failed", incident=number, exc_info=error)
    return Problem(500, "internal", members={"incident": number})


def _domain_problem(error: LianbanError) -> Problem:
    if isinstance(error, SignInRefusedError):
        return Problem(error.status, error.code, headers=error.headers)
    status = next((status for kind, status in _STATUS if isinstance(error, kind)), 422)
    members: dict[str, Any] = {}
    headers: dict[str, str] = {}
    errors: tuple[FieldError, ...] = ()
    if isinstance(error, InvalidInputError):
        errors = error.errors
        if isinstance(error, ObjectionsUnansweredError):
            members["unanswered"] = list(error.task_ids)
    elif isinstance(error, IdempotencyKeyReusedError):
        errors = (FieldError(IDEMPOTENCY_HEADER, error.code),)
    elif isinstance(error, TaskAlreadyClaimedError):
        members["holder"] = error.holder
    elif isinstance(error, SessionExpiredError):
        headers["WWW-Authenticate"] = 'Bearer realm="lianban"'
    elif isinstance(error, DefinitionError):
        members["findings"] = [_finding(found) for found in getattr(error, "findings", ())]
    return Problem(
        status,
        error.code,
        detail=None if error.code in OWN_DETAILS else wording.error_sentence(error),
        errors=errors,
        members=members,
        headers=headers,
    )


def _finding(found: Any) -> dict[str, Any]:
    return {"severity": found.severity, "code": found.code, "element_id": found.element_id, "message": found.message}


def _http_problem(error: HTTPException) -> Problem:
    status = error.code or 500
    headers = {name: value for name, value in error.get_headers() if name in ("Allow", "Retry-After")}
    return Problem(status, _HTTP_CODES.get(status, "bad-request"), headers=headers)


def _is_lock(error: OperationalError) -> bool:
    state = getattr(error.orig, "sqlstate", None)
    return state in _LOCK_STATES or "database is locked" in str(error.orig)


def _render(problem: Problem, language: Language) -> Response:
    title = TITLES.get(problem.code, TITLES["bad-request" if problem.status < 500 else "internal"])[language]
    detail = problem.detail or DETAILS.get(problem.code, DETAILS["bad-request"])[language]
    content: dict[str, Any] = {
        "type": f"urn:lianban:problem:{problem.code}",
        "title": title,
        "status": problem.status,
        "code": problem.code,
        "detail": detail,
        **problem.members,
    }
    if problem.status == 422:
        content["errors"] = [
            {"field": error.field, "code": error.code, "message": _field_sentence(error, language)}
            for error in problem.errors
        ]
    response = Response(orjson.dumps(content, default=str), problem.status, content_type=MEDIA_TYPE)
    response.headers.update(dict(problem.headers))
    response.headers["Content-Language"] = language
    return response


def _field_sentence(error: FieldError, language: Language) -> str:
    own = FIELDS.get(error.code)
    return own[language] if own else wording.field_sentence(error)
