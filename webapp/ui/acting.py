"""Who reads this page: the signed-in person in the acting post, and the doors that opens."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from flask import flash, g, redirect, request, session, url_for
from werkzeug.wrappers import Response

from webapp.context import clock, config
from webapp.identity.errors import SessionExpiredError
from webapp.identity.logins import Login, LoginTerms, load_login, touch
from webapp.identity.models import SessionKind
from webapp.transaction import reading, writing
from webapp.translation import _
from workflows.errors import PermissionDeniedError
from workflows.permissions import Actor, Permission

_P = ParamSpec("_P")
_R = TypeVar("_R")

_TOKEN = "login"  # noqa: S105  # the key under which the signed cookie carries the login's token


class SignInNeeded(Exception):  # not an error: the reader is sent to the sign-in page
    """Nobody is signed in, and this page needs somebody."""


def terms() -> LoginTerms:
    """Return how long logins live in this installation."""
    settings = config()
    return LoginTerms(settings.session_idle, settings.session_lifetime, settings.token_lifetime)


def find_login() -> Login | None:
    """Return the live login of this browser, if there is one; looked up once per request."""
    if "page_login" not in g:
        g.page_login = _load()
    login: Login | None = g.page_login
    return login


def find_actor() -> Actor | None:
    """Return who acts in this request, if anybody is signed in."""
    login = find_login()
    return login.actor if login else None


def get_actor() -> Actor:
    """Return who acts in this request.

    Raises:
        SignInNeeded: nobody is signed in.
    """
    actor = find_actor()
    if actor is None:
        raise SignInNeeded
    return actor


def begin(token: str) -> None:
    """Let this browser carry a new login; what it carried before is dropped."""
    session.clear()
    session[_TOKEN] = token
    session.permanent = True


def end() -> str | None:
    """Forget the login in this browser and return its token, for it to be revoked."""
    token = current_token()
    session.clear()
    return token


def current_token() -> str | None:
    """Return the token this browser carries, live or not."""
    token = session.get(_TOKEN)
    return token if isinstance(token, str) else None


def keep_alive() -> None:
    """Note now and then that the login is in use, so that it does not end while somebody works."""
    login = find_login()
    if login is not None and login.touch_due:
        with writing() as transaction:
            touch(transaction, login.id, clock=clock())


def needs(permission: Permission) -> Callable[[Callable[_P, _R]], Callable[_P, _R]]:
    """Let a view run only for a post that is granted `permission`; the guard test reads it from `view.permission`."""

    def decorate(view: Callable[_P, _R]) -> Callable[_P, _R]:
        @wraps(view)
        def guarded(*args: _P.args, **kwargs: _P.kwargs) -> _R:
            if not get_actor().may(permission):
                raise PermissionDeniedError(permission)
            return view(*args, **kwargs)

        guarded.permission = permission  # type: ignore[attr-defined]
        return guarded

    return decorate


def open_to_all(view: Callable[_P, _R]) -> Callable[_P, _R]:
    """Mark a view as open without signing in; nothing about cases may be on it."""
    view.permission = None  # type: ignore[attr-defined]
    return view


def to_sign_in() -> Response:
    """Send the reader to the sign-in page, and back afterwards."""
    if current_token() is not None:
        session.clear()
        flash(_("登录已失效，请重新登录"), "warning")
    back = request.full_path.rstrip("?") if request.method == "GET" and request.path != "/" else None
    return redirect(url_for("pages.access.sign_in", next=back))


def _load() -> Login | None:
    token = current_token()
    if token is None:
        return None
    try:
        return load_login(reading(), token, clock=clock(), kind=SessionKind.WEB, terms=terms())
    except SessionExpiredError:
        return None
