"""Who is behind a request: the browser's cookie for pages, the bearer token for the API, never the other way round."""

from __future__ import annotations

from typing import Any, cast

from flask import Flask, Response, g, request, session
from flask_login import LoginManager, current_user, login_user, logout_user
from werkzeug.wrappers import Response as AnyResponse

from config import Config
from webapp.context import CONFIG, clock, config
from webapp.identity import single_sign_on
from webapp.identity.devices import LONGEST_KEY, REMEMBERED_FOR
from webapp.identity.errors import SessionExpiredError
from webapp.identity.logins import Login, LoginTerms, load_login, touch
from webapp.identity.models import SessionKind
from webapp.identity.rules import AccountRules, rules_of
from webapp.identity.sign_in import Origin
from webapp.transaction import reading, writing
from workflows.errors import FieldError, InvalidInputError
from workflows.permissions import Actor

API_PREFIX = "/api/"
ACTING_POST_HEADER = "X-Acting-Post"
SERVER_FAILED = 500
DEVICE_COOKIE = "lianban_device"
BEARER = "bearer "
"""The scheme, in lower case, and the blank after it."""


class _LoginUser:
    """What Flask-Login keeps for a request; `get_id` is the token, so the cookie names a login, not a person."""

    is_authenticated = True
    is_active = True
    is_anonymous = False

    def __init__(self, token: str, login: Login | None) -> None:
        self.token, self.login = token, login

    def get_id(self) -> str:
        return self.token


def register(app: Flask) -> None:
    """Let the application know its users."""
    manager = LoginManager(app)
    # Addresses change on mobile lines and behind proxies; the login itself ends on the server.
    manager.session_protection = None
    manager.user_loader(_load_user)
    app.after_request(_note_use)
    settings: Config = app.extensions[CONFIG]
    single_sign_on.register(app, settings.single_sign_on)


def login_terms() -> LoginTerms:
    """Return how long logins live here."""
    settings = config()
    return LoginTerms(settings.session_idle, settings.session_lifetime, settings.token_lifetime)


def account_rules() -> AccountRules:
    """Return what is asked of accounts here."""
    return rules_of(config())


def origin() -> Origin:
    """Return where this request comes from."""
    return Origin(request.headers.get("User-Agent", ""), request.remote_addr or "")


def device_key() -> str | None:
    """Return what this browser is known by, if it is."""
    key = request.cookies.get(DEVICE_COOKIE)
    return key if key and len(key) <= LONGEST_KEY else None


def keep_device(response: AnyResponse, key: str) -> None:
    """Let the browser carry what it is known by from now on; only the sign-in page gets to see it."""
    response.set_cookie(
        DEVICE_COOKIE,
        key,
        max_age=REMEMBERED_FOR,
        httponly=True,
        samesite="Lax",
        secure=config().secure_cookies,
    )


def find_login() -> Login | None:
    """Return the live login behind this request, if any; one that waits for something is none.

    Raises:
        InvalidInputError: the header `X-Acting-Post` is not a number (`post`).
        PermissionDeniedError: the person does not hold that post.
    """
    login = _found()
    return login if login is not None and login.limit is None else None


def find_unfinished() -> Login | None:
    """Return the login behind this request if it waits for something; raises as `find_login`."""
    login = _found()
    return login if login is not None and login.limit is not None else None


def current_login() -> Login:
    """Return the live login behind this request.

    Raises:
        SessionExpiredError: nobody is signed in.
    """
    login = find_login()
    if login is None:
        raise SessionExpiredError
    return login


def current_actor() -> Actor:
    """Return who acts in this request; raises as `current_login`."""
    return current_login().actor


def bearer_token() -> str | None:
    """Return the token in the `Authorization` header, if it has one."""
    header = request.headers.get("Authorization", "")
    return header[len(BEARER) :].strip() or None if header.lower().startswith(BEARER) else None


def cookie_token() -> str | None:
    """Return the token in the browser's cookie, if it has one."""
    token = session.get("_user_id")
    return token if isinstance(token, str) else None


def start_web_login(token: str) -> None:
    """Let the browser carry a new login; whatever it carried before is dropped, forms that lie open included."""
    session.clear()
    session.permanent = True
    login_user(_LoginUser(token, None))
    _forget_found()


def go_on(token: str) -> None:
    """Let the browser carry the new secret of the login it has; forms that lie open elsewhere stay good."""
    login_user(_LoginUser(token, None))
    _forget_found()


def end_web_login() -> str | None:
    """Take the login out of the browser and return its token, for `revoke` to end it on the server too."""
    token = cookie_token()
    logout_user()
    session.clear()
    _forget_found()
    return token


def _note_use(response: Response) -> Response:
    login: Login | None = g.get("login")
    if login is not None and login.touch_due and response.status_code < SERVER_FAILED:
        with writing() as transaction:
            touch(transaction, login.id, clock=clock(), address=request.remote_addr or "")
    return response


def _found() -> Login | None:
    if "login" not in g:
        g.login = _load_bearer() if _is_api() else _load_cookie()
    return cast("Login | None", g.login)


def _is_api() -> bool:
    return request.path.startswith(API_PREFIX)


def _load_cookie() -> Login | None:
    user: Any = current_user
    if not user.is_authenticated:
        return None
    if user.login is None:  # signed in during this very request
        user = _load_user(user.token)
    return user.login if user is not None else None


def _load_user(token: str) -> _LoginUser | None:
    try:
        login = load_login(reading(), token, clock=clock(), kind=SessionKind.WEB, terms=login_terms(), unfinished=True)
    except SessionExpiredError:
        return None
    return _LoginUser(token, login)


def _load_bearer() -> Login | None:
    token = bearer_token()
    if token is None:
        return None
    try:
        return load_login(
            reading(), token, clock=clock(), acting_post=_acting_post(), kind=SessionKind.API, unfinished=True
        )
    except SessionExpiredError:
        return None


def _acting_post() -> int | None:
    header = request.headers.get(ACTING_POST_HEADER)
    if header is None:
        return None
    if not (header.isascii() and header.isdigit() and len(header) <= 9):
        raise InvalidInputError([FieldError(ACTING_POST_HEADER, "post")])
    return int(header)


def _forget_found() -> None:
    g.pop("login", None)
