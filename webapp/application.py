"""Puts the application together: settings, database, areas, operations."""

from __future__ import annotations

from functools import partial
from importlib import import_module
from importlib.util import find_spec

from apiflask import APIFlask
from flask import Flask, request
from flask.sessions import SecureCookieSessionInterface, SessionMixin
from werkzeug.middleware.proxy_fix import ProxyFix

from config import Config
from webapp import context, operations
from webapp.adapters.stores import build_store
from webapp.database import database_url, db, engine_options, prepare_engine
from webapp.jobs.outbox import drain_outbox
from webapp.jobs.scans import scan_papers
from webapp.jobs.settings import configure
from webapp.jobs.waker import Waker
from webapp.models import load_models
from webapp.observe import set_up_logging
from webapp.transaction import WAKE
from workflows.clock import Clock, SystemClock

AREAS = ("webapp.identity", "webapp.api", "webapp.ui")
"""Each has a `register(app)` that adds its blueprints, hooks and error pages; in this order."""

REQUEST_OVERHEAD_BYTES = 64 * 1024


def build(config: Config, *, clock: Clock | None = None) -> Flask:
    """Build the application; see `webapp.create_app`."""
    set_up_logging(config)
    app = APIFlask(
        "webapp", title="联办 Lianban API", version="1.0.0", spec_path="/api/v1/openapi.json", docs_path=None
    )
    app.config.update(_flask_settings(config))
    app.extensions[context.CONFIG] = config
    app.extensions[context.CLOCK] = clock or SystemClock()
    app.extensions[context.STORE] = build_store(config)
    app.extensions[WAKE] = Waker(partial(_wake_worker, config))
    if config.trusted_proxies:
        hops = config.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    _add_database(app)
    app.session_interface = PageSessions()
    configure(app, config)
    operations.register(app)
    for area in AREAS:
        register = getattr(import_module(area), "register", None) if find_spec(area) else None
        if register is not None:
            register(app)
    return app


def _wake_worker(config: Config) -> None:
    drain_outbox.delay()
    if config.scanner:
        scan_papers.delay()


class PageSessions(SecureCookieSessionInterface):
    """The cookie of a login goes with pages alone: built files are public, and a shared cache may keep their answer."""

    def should_set_cookie(self, app: Flask, session: SessionMixin) -> bool:
        """Tell whether an answer renews the cookie."""
        return request.endpoint != "static" and super().should_set_cookie(app, session)


def _flask_settings(config: Config) -> dict[str, object]:
    return {
        "SECRET_KEY": config.secret_key,
        "SQLALCHEMY_DATABASE_URI": database_url(config.database_url),
        "SQLALCHEMY_ENGINE_OPTIONS": engine_options(config.database_url),
        "MAX_CONTENT_LENGTH": config.upload_max_bytes + REQUEST_OVERHEAD_BYTES,
        "MAX_FORM_PARTS": 500,
        "SESSION_COOKIE_NAME": "lianban",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": config.secure_cookies,
        "PERMANENT_SESSION_LIFETIME": config.session_lifetime,
        "OPENAPI_VERSION": "3.1.0",
    }


def _add_database(app: Flask) -> None:
    load_models()
    db.init_app(app)
    with app.app_context():
        prepare_engine(db.engine)
