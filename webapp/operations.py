"""Addresses for those who operate the program: is it alive, is it ready, how is it doing."""

from __future__ import annotations

import os
import time

from flask import Blueprint, Flask, Response, g, jsonify, request
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from webapp.database import db
from webapp.schema import at_head

blueprint = Blueprint("operations", __name__)

REQUESTS = Counter("lianban_http_requests_total", "Answers, by route and status", ("method", "route", "status"))
SECONDS = Histogram(
    "lianban_http_request_seconds",
    "Time to answer",
    ("method", "route"),
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0),
)
MULTIPROCESS_DIR = "PROMETHEUS_MULTIPROC_DIR"


def register(app: Flask) -> None:
    """Add the addresses, and time every request."""
    app.register_blueprint(blueprint)
    app.before_request(_start_timing)
    app.after_request(_count)


@blueprint.get("/healthz")
def healthz() -> Response:
    """The process answers."""
    return jsonify(status="ok")


@blueprint.get("/readyz")
def readyz() -> tuple[Response, int]:
    """The process can work: its database answers and has the tables this program knows."""
    try:
        db.session.execute(text("SELECT 1"))
        ready = at_head(db.session.connection())
    except SQLAlchemyError:
        return jsonify(status="unavailable", database="unreachable"), 503
    if not ready:
        return jsonify(status="unavailable", database="not migrated"), 503
    return jsonify(status="ok", database="ok"), 200


@blueprint.get("/metrics")
def metrics() -> Response:
    """Figures in the Prometheus text format; of all web processes where they share a folder."""
    registry = REGISTRY
    if os.environ.get(MULTIPROCESS_DIR):
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # untyped in the library
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def _start_timing() -> None:
    g.started = time.perf_counter()


def _count(response: Response) -> Response:
    # The rule, never the path: a label for every case number would grow without end.
    route = request.url_rule.rule if request.url_rule else "none"
    REQUESTS.labels(request.method, route, str(response.status_code)).inc()
    if "started" in g:
        SECONDS.labels(request.method, route).observe(time.perf_counter() - g.started)
    return response
