"""Puts the pages into an application: routes, language, filters, error pages, the content security policy."""

from __future__ import annotations

from functools import cache

from flask import Blueprint, Flask, Response, current_app, redirect, render_template, request, url_for
from flask_babel import Babel
from flask_wtf.csrf import CSRFProtect, generate_csrf
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as AnyResponse

from webapp import compression, material_words, translation, wording
from webapp.context import clock
from webapp.identity.flask import find_login
from webapp.identity.preferences import keep_locale
from webapp.transaction import reading, writing
from webapp.ui import errors, formats, frame
from webapp.ui.access import single_sign_on
from webapp.ui.access import views as access
from webapp.ui.account import finishing, second_factor
from webapp.ui.account import tokens as own_tokens
from webapp.ui.account import views as account
from webapp.ui.acting import find_actor, get_actor, open_to_all
from webapp.ui.applications import views as applications
from webapp.ui.bench.present import bench
from webapp.ui.calendar import views as calendar
from webapp.ui.cases import views as cases
from webapp.ui.catalogue import compile_catalogues
from webapp.ui.documents import views as documents
from webapp.ui.incidents import views as incidents
from webapp.ui.language import LANGUAGES, local_address, pick, reader_locale, remember_language
from webapp.ui.measures import lead
from webapp.ui.measures import views as measures
from webapp.ui.notifications import views as notifications
from webapp.ui.people import grants, posts
from webapp.ui.people import views as people
from webapp.ui.readers import views as readers
from webapp.ui.rules import views as rules
from webapp.ui.tasks import asking, deciding
from webapp.ui.tasks import desk_views as desk
from webapp.ui.tasks import phrase_views as phrases
from webapp.ui.tasks import views as tasks
from webapp.ui.together import acts as together
from webapp.ui.together import backups, deputies, leaving
from webapp.ui.viewings import views as viewings
from workflows.permissions import Permission, PostKind

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""No inline script, no inline style, nothing from elsewhere."""


def install(app: Flask) -> None:
    """Give `app` the pages. Only these ask for the form token: the API takes no cookie."""
    compression.install(app)
    compile_catalogues()
    Babel(
        app, default_locale="zh_Hans_CN", locale_selector=reader_locale, default_translation_directories="translations"
    )
    translation.install(app)
    app.config.setdefault("WTF_CSRF_CHECK_DEFAULT", False)
    app.config.setdefault("WTF_CSRF_TIME_LIMIT", None)  # ends with the login, not while somebody writes an opinion
    CSRFProtect(app)
    app.jinja_env.filters.update(formats.FILTERS)
    app.jinja_env.globals.update(
        asset=frame.asset, numbered=frame.numbered, pick=pick, words=wording, paper_words=material_words
    )
    app.context_processor(lambda: {"frame": frame.frame(), "csrf": cache(generate_csrf)})
    app.after_request(_guard_headers)
    errors.register(app)
    app.register_blueprint(_pages())


_AREAS = (
    access,
    single_sign_on,
    account,
    second_factor,
    own_tokens,
    people,
    posts,
    grants,
    measures,
    lead,
    desk,
    asking,
    deciding,
    phrases,
    tasks,
    together,
    deputies,
    backups,
    leaving,
    cases,
    readers,
    viewings,
    documents,
    applications,
    incidents,
    rules,
    calendar,
    notifications,
)
"""The modules of routes; each has its blueprint."""


def _pages() -> Blueprint:
    pages = Blueprint("pages", __name__)
    pages.before_request(_check_form_token)
    pages.before_request(finishing.finish_sign_in)
    pages.add_url_rule("/", "home", open_to_all(_home))
    pages.add_url_rule("/language/<language>", "language", open_to_all(_language))
    pages.add_url_rule("/more", "more", open_to_all(_more))
    pages.add_url_rule("/help", "help", open_to_all(_help))
    for area in _AREAS:
        pages.register_blueprint(area.blueprint)
    return pages


def _check_form_token() -> None:
    if request.method not in ("GET", "HEAD", "OPTIONS"):
        protection: CSRFProtect = current_app.extensions["csrf"]
        protection.protect()


_FIRST_PAGES = {
    PostKind.SYSTEM_ADMIN: "pages.incidents.index",
    PostKind.SECURITY_ADMIN: "pages.grants.index",
    PostKind.AUDIT_ADMIN: "pages.readers.audited",
}
"""Where the three administrators begin: with what waits for them."""


def _home() -> AnyResponse | str:
    actor = find_actor()
    if actor is None:
        return redirect(url_for("pages.access.sign_in"))
    if actor.post_kind is PostKind.APPLICANT:
        return redirect(url_for("pages.applications.mine"))
    if actor.may(Permission.TASK_READ) and not actor.may(Permission.CASE_SUPERVISE):
        return render_template("bench/index.html", page=bench(reading(), actor=actor, clock=clock()))
    return redirect(url_for(_FIRST_PAGES.get(actor.post_kind, "pages.measures.index")))


def _language(language: str) -> AnyResponse:
    if language not in LANGUAGES:
        raise NotFound
    login = find_login()
    if login is not None and login.person.locale != language:
        with writing() as session:
            keep_locale(session, login.person.id, language)
    answer = redirect(local_address(request.args.get("back"), otherwise=url_for("pages.home")))
    return remember_language(answer, language)  # type: ignore[arg-type]


def _more() -> str:
    get_actor()
    return render_template("more.html")


def _help() -> str:
    return render_template("help.html")


def _guard_headers(response: Response) -> Response:
    response.headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Referrer-Policy", "same-origin")
    if response.mimetype == "text/html":
        # a page of one person must not come out of a shared cache for another
        response.headers.setdefault("Cache-Control", "no-store")
    return response
