"""Who reads this page: the signed-in person in the acting post, and the doors that opens."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from webapp.identity.flask import end_web_login, find_login
from webapp.translation import _
from workflows.errors import PermissionDeniedError
from workflows.permissions import Actor, Permission

_P = ParamSpec("_P")
_R = TypeVar("_R")


class SignInNeeded(Exception):  # not an error: the reader is sent to the sign-in page
    """Nobody is signed in, and this page needs somebody."""


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


def for_oneself(view: Callable[_P, _R]) -> Callable[_P, _R]:
    """Let a view run for whoever is signed in: it shows and changes nothing but their own account."""

    @wraps(view)
    def guarded(*args: _P.args, **kwargs: _P.kwargs) -> _R:
        get_actor()
        return view(*args, **kwargs)

    return open_to_all(guarded)


def to_sign_in() -> Response:
    """Send the reader to the sign-in page, and back afterwards."""
    if end_web_login() is not None:
        flash(_("登录已失效，请重新登录"), "warning")
    back = request.full_path.rstrip("?") if request.method == "GET" and request.path != "/" else None
    return redirect(url_for("pages.access.sign_in", next=back))
