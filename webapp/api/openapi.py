"""The API's description: APIFlask lists the routes, this fills in what each takes and gives, from the same models."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from apiflask import APIBlueprint, APIFlask
from flask import current_app, request
from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, models_json_schema

from webapp.api import idempotency
from webapp.api.access import Open
from webapp.api.endpoint import ROUTE, OtherBody, Route
from webapp.api.problems import MEDIA_TYPE
from workflows.permissions import GRANTS, Permission

REFERENCE = "#/components/schemas/{model}"
DESCRIPTION = (
    "联办 case management. Instants are UTC (RFC 3339), money is integer 分 (`*_fen`), lists come in pages with a "
    "cursor. Errors are problem details (RFC 9457) with a stable `code`. What belongs to another agency is not found."
)

_PATH_SCHEMAS: dict[str, dict[str, Any]] = {
    "key": {"type": "integer", "minimum": 1, "maximum": 2**63 - 1},
    "number": {"type": "integer", "minimum": 1, "maximum": 2**31 - 1},
    "case_no": {"type": "string", "minLength": 1, "maxLength": 60, "pattern": r"^[^/\x00-\x1f\x7f]+$"},
    "code": {"type": "string", "minLength": 1, "maxLength": 60, "pattern": r"^[A-Za-z0-9_.\-]+$"},
}
_PATH_PARAMETER = re.compile(r"<(\w+):(\w+)>")

_PROBLEM: dict[str, Any] = {
    "type": "object",
    "required": ["type", "title", "status", "code", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string", "description": "Stable; clients may branch on it."},
        "detail": {"type": "string"},
        "holder": {"type": "string", "description": "Who holds the task, for `task-already-claimed`."},
        "incident": {"type": "string", "description": "Number under which a failure is recorded."},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "code", "message"],
                "properties": {
                    "field": {"type": "string"},
                    "code": {"type": "string"},
                    "message": {"type": "string"},
                },
            },
        },
        "findings": {"type": "array", "items": {"type": "object"}},
    },
}
_ERRORS = {
    400: "The request cannot be read",
    401: "Nobody is signed in",
    403: "The acting post may not do this",
    404: "There is no such thing for the caller",
    405: "The address does not take this method",
    409: "Not possible in the present state, or somebody was faster",
    413: "The request is too large",
    415: "The body has a type this call does not take",
    422: "The request cannot be accepted; `errors` names the fields",
    429: "Too many wrong passwords or codes",
    500: "The stored file is damaged and was not sent",
    503: "Files cannot be stored or read for the moment",
}


def describe(app: APIFlask) -> None:
    """Let `app` describe its API; the description is made once, when first asked for."""
    app.config.update(
        AUTO_SERVERS=False,
        AUTO_200_RESPONSE=False,
        AUTO_404_RESPONSE=False,
        AUTO_AUTH_ERROR_RESPONSE=False,
        AUTO_VALIDATION_ERROR_RESPONSE=False,
        DESCRIPTION=DESCRIPTION,
        # A host name taken from whoever asked first would be told to everybody after.
        SERVERS=[{"url": "/"}],
        SECURITY_SCHEMES={"bearer": {"type": "http", "scheme": "bearer"}},
    )

    def fill_in(spec: Any) -> Any:
        spec["components"]["schemas"] = {**_schemas(app), "Problem": _PROBLEM}
        for path, route in _routes(app):
            operation = spec["paths"][path["documented"]][route.method.lower()]
            _fill_in_operation(operation, path["rule"], route)
        return spec

    app.spec_processor(fill_in)
    app.before_request(_leave_out_pages)


def _leave_out_pages() -> None:
    """Mark the pages as no part of the API: APIFlask asks every blueprint that has hooks, its own kind or not."""
    if request.endpoint == "openapi.spec":
        for blueprint in current_app.blueprints.values():
            if not isinstance(blueprint, APIBlueprint):
                blueprint.enable_openapi = False  # type: ignore[attr-defined]


def _routes(app: APIFlask) -> Iterator[tuple[dict[str, str], Route]]:
    for rule in app.url_map.iter_rules():
        route = getattr(app.view_functions[rule.endpoint], ROUTE, None)
        if isinstance(route, Route):
            yield {"rule": rule.rule, "documented": _PATH_PARAMETER.sub(r"{\2}", rule.rule)}, route


def _fill_in_operation(operation: dict[str, Any], rule: str, route: Route) -> None:
    operation["parameters"] = [*_path_parameters(rule), *_query_parameters(route), *_header_parameters(route)]
    operation["responses"] = _responses(route)
    operation["x-permission"] = route.access.value
    if isinstance(route.access, Permission):
        operation["x-posts"] = [kind.value for kind, granted in GRANTS.items() if route.access in granted]
    if route.body is not None:
        operation["requestBody"] = _request_body(route.body)


def _path_parameters(rule: str) -> Iterator[dict[str, Any]]:
    for converter, name in _PATH_PARAMETER.findall(rule):
        yield {"name": name, "in": "path", "required": True, "schema": _PATH_SCHEMAS[converter]}


def _query_parameters(route: Route) -> Iterator[dict[str, Any]]:
    if route.query is None:
        return
    schema = route.query.model_json_schema(schema_generator=_Inline)
    for name, described in schema["properties"].items():
        yield {
            "name": name,
            "in": "query",
            "required": name in schema.get("required", ()),
            "schema": _without_null(described),
        }


def _header_parameters(route: Route) -> Iterator[dict[str, Any]]:
    yield {
        "name": "Accept-Language",
        "in": "header",
        "description": "`zh` (default) or `en`.",
        "schema": {"type": "string"},
    }
    if route.access is not Open.EVERYBODY:
        yield {
            "name": "X-Acting-Post",
            "in": "header",
            "description": "Key of the post to act in, one of those in `GET /me`.",
            "schema": {"type": "integer", "minimum": 1, "maximum": 999_999_999},
        }
    if route.keeps_answers:
        yield {
            "name": idempotency.HEADER,
            "in": "header",
            "description": "The same request under the same key is carried out once; kept for 24 hours.",
            "schema": {"type": "string", "minLength": 1, "maxLength": idempotency.MAX_LENGTH, "pattern": "^[ -~]+$"},
        }


def _responses(route: Route) -> dict[str, Any]:
    done: dict[str, Any] = {"description": "Done"}
    if route.answer is not None:
        done["content"] = {"application/json": {"schema": _reference(route.answer)}}
    elif route.files:
        done["content"] = {kind: {"schema": {"type": "string", "format": "binary"}} for kind in route.files}
    responses = {str(route.status): done}
    for status, description in _ERRORS.items():
        if status in _possible(route):
            responses[str(status)] = {
                "description": description,
                "content": {MEDIA_TYPE: {"schema": {"$ref": REFERENCE.format(model="Problem")}}},
            }
    return responses


def _possible(route: Route) -> set[int]:
    found = {400, 401, 403, 404, 405, 422}
    if route.method == "POST":
        found |= {409, 413, 415}
    if route.access is Open.EVERYBODY or (route.access is Open.ACCOUNT and route.own_transaction):
        # A password or a code is compared: the count of wrong ones must outlive the refusal.
        found |= {429}
    if route.files:
        found |= {500}
    if route.files or isinstance(route.body, OtherBody):
        found |= {503}
    return found


def _request_body(body: type[BaseModel] | OtherBody) -> dict[str, Any]:
    if isinstance(body, OtherBody):
        content = {
            media_type: {"schema": _reference(given["model"]) if "model" in given else given["schema"]}
            for media_type, given in body.content.items()
        }
        return {"required": True, "content": content}
    needed = any(field.is_required() for field in body.model_fields.values())
    return {"required": needed, "content": {"application/json": {"schema": _reference(body)}}}


def _schemas(app: APIFlask) -> dict[str, Any]:
    incoming, outgoing = set[type[BaseModel]](), set[type[BaseModel]]()
    for _, route in _routes(app):
        if isinstance(route.body, OtherBody):
            incoming |= {given["model"] for given in route.body.content.values() if "model" in given}
        elif route.body is not None:
            incoming.add(route.body)
        if route.answer is not None:
            outgoing.add(route.answer)
    named = sorted(incoming | outgoing, key=lambda model: model.__name__)
    _, described = models_json_schema(
        [(model, "validation" if model in incoming else "serialization") for model in named], ref_template=REFERENCE
    )
    schemas: dict[str, Any] = described["$defs"]
    return dict(sorted(schemas.items()))


def _reference(model: type[BaseModel]) -> dict[str, str]:
    return {"$ref": REFERENCE.format(model=model.__name__)}


class _Inline(GenerateJsonSchema):
    """Query parameters are described one by one: nothing of them may lie elsewhere."""


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """Return what a parameter may be when it is given: text cannot be null."""
    described = {name: value for name, value in schema.items() if name not in ("anyOf", "default", "title")}
    for choice in schema.get("anyOf", ()):
        if choice.get("type") != "null":
            described.update(choice)
    if schema.get("default") is not None:
        described["default"] = schema["default"]
    return described
