"""Adds the API to an application: routes, problem documents for what the framework refuses, its description."""

from __future__ import annotations

from importlib import import_module

from apiflask import APIFlask
from flask import Flask, Response, request

from webapp.api import openapi
from webapp.api.converters import add_converters
from webapp.api.endpoint import ROUTE
from webapp.api.v1.blueprint import PREFIX, blueprint, say

UNDECLARED = frozenset({"openapi.spec"})
"""Routes beneath the prefix that are the framework's own: the description, open to everybody."""


def register(app: APIFlask) -> None:
    """Add the API.

    Raises:
        RuntimeError: a route beneath the prefix declares nobody who may call it.
    """
    import_module("webapp.api.v1")  # puts the routes on the blueprint
    add_converters(app.url_map)
    app.before_request(_refuse_unrouted)
    app.after_request(_guard_headers)
    app.register_blueprint(blueprint)
    openapi.describe(app)
    _require_declarations(app)


def _require_declarations(app: Flask) -> None:
    for rule in app.url_map.iter_rules():
        ours = rule.rule.startswith(PREFIX) and rule.endpoint not in UNDECLARED
        if ours and not hasattr(app.view_functions[rule.endpoint], ROUTE):
            raise RuntimeError(f"{rule.rule} declares nobody who may call it")


def _refuse_unrouted() -> Response | None:
    """Answer what matches no route here: later the framework would ask the pages for an error page."""
    if request.routing_exception is not None and _is_ours():
        return say(request.routing_exception)
    return None


def _guard_headers(response: Response) -> Response:
    if _is_ours():
        response.headers["Cache-Control"] = "no-store"
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Content-Security-Policy"] = "default-src 'none'; frame-ancestors 'none'; sandbox"
        response.vary.update(("Authorization", "Accept-Language", "X-Acting-Post"))
    return response


def _is_ours() -> bool:
    return request.path == "/api" or request.path.startswith("/api/")
