"""Routes of signing in and out, and of the acting post."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, flash, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from webapp.context import clock, config
from webapp.identity.devices import remember
from webapp.identity.flask import (
    account_rules,
    cookie_token,
    device_key,
    end_web_login,
    find_login,
    find_unfinished,
    keep_device,
    login_terms,
    origin,
    start_web_login,
)
from webapp.identity.logins import revoke, switch_post
from webapp.identity.models import LoginLimit, SessionKind
from webapp.identity.second_step import finish_login
from webapp.identity.sign_in import Refusal, SignedIn, SignInRefused, check_password, open_login
from webapp.transaction import reading, writing
from webapp.translation import _, ngettext
from webapp.ui.account.present import code_refusal, minutes_locked
from webapp.ui.acting import find_actor, get_actor, open_to_all
from webapp.ui.language import LANGUAGE_COOKIE, local_address, remember_language
from webapp.ui.problems import Problem

blueprint = Blueprint("access", __name__)


@dataclass(frozen=True)
class SignInPage:
    """The sign-in page.

    Args:
        username: as typed before.
        next: where to go afterwards, on this site.
        applicant: the tab for enterprises and financial institutions is open.
        demo: say which demo accounts there are.
        single_sign_on: there is a provider to sign in at.
        problems: why signing in failed.
    """

    username: str
    next: str | None
    applicant: bool
    demo: bool
    single_sign_on: bool
    problems: tuple[Problem, ...] = ()


@blueprint.get("/login")
@open_to_all
def sign_in() -> str | Response:
    """Show the sign-in page; somebody who is signed in already goes on."""
    if find_actor() is not None:
        return redirect(_next())
    return _render(())


@blueprint.post("/login")
@open_to_all
def begin_login() -> tuple[str, int] | Response:
    """Check the password and begin a login."""
    username, password = request.form.get("username", ""), request.form.get("password", "")
    check = check_password(reading(), username, password, clock=clock(), device=device_key())
    with writing() as session:
        result = open_login(
            session,
            check,
            clock=clock(),
            kind=SessionKind.WEB,
            terms=login_terms(),
            rules=account_rules(),
            origin=origin(),
        )
        known = _remember_browser(session, result)
    if isinstance(result, SignInRefused):
        return _render((_refusal(result),)), 422
    start_web_login(result.token)
    if result.limit is LoginLimit.CODE:
        return redirect(url_for("pages.access.second_step", next=_wanted()))
    return _enter(result, known)


@blueprint.get("/login/code")
@open_to_all
def second_step() -> str | Response:
    """Ask for the second factor."""
    if find_unfinished() is None:
        return redirect(url_for("pages.access.sign_in"))
    return render_template("access/second_step.html", problem=None, next=_wanted())


@blueprint.post("/login/code")
@open_to_all
def finish() -> tuple[str, int] | Response:
    """Take the second factor: the login is good from now on."""
    login = find_unfinished()
    if login is None or login.limit is not LoginLimit.CODE:
        return redirect(url_for("pages.access.sign_in"))
    with writing() as session:
        result = finish_login(
            session,
            login,
            request.form.get("code", ""),
            clock=clock(),
            rules=account_rules(),
            terms=login_terms(),
            device=device_key(),
        )
        known = _remember_browser(session, result)
    if isinstance(result, SignInRefused):
        problem = code_refusal(result)
        return render_template("access/second_step.html", problem=problem, next=_wanted()), 422
    start_web_login(result.token)
    return _enter(result, known)


def _enter(result: SignedIn, known: str | None) -> Response:
    answer = redirect(_next())
    if known is not None:
        keep_device(answer, known)
    if LANGUAGE_COOKIE not in request.cookies:
        return remember_language(answer, result.person.locale)  # type: ignore[arg-type]
    return answer


def _remember_browser(session: Session, result: SignedIn | SignInRefused) -> str | None:
    """Know the browser, unless the second factor is still to come."""
    if isinstance(result, SignInRefused) or result.limit is LoginLimit.CODE:
        return None
    return remember(session, device_key(), result.person.id, clock().now())


@blueprint.post("/logout")
@open_to_all
def sign_out() -> Response:
    """End the login, on the server too."""
    login = find_login() or find_unfinished()
    token = end_web_login()
    if token is not None:
        with writing() as session:
            revoke(session, token, clock=clock())
    if login is not None and login.by_provider and config().single_sign_on is not None:
        return redirect(url_for("pages.single_sign_on.signed_out"))
    flash(_("已退出登录"), "done")
    return redirect(url_for("pages.access.sign_in"))


@blueprint.post("/acting-post")
@open_to_all
def act_in() -> Response:
    """Act in another of one's posts from now on."""
    get_actor()
    post = request.form.get("post", type=int)
    token = cookie_token()
    if post is not None and token is not None:
        with writing() as session:
            actor = switch_post(session, token, post, clock=clock(), terms=login_terms())
        flash(_("现在以%(agency)s的岗位办理", agency=actor.agency_name), "done")
    return redirect(_next())


def _next() -> str:
    return local_address(request.values.get("next"), otherwise=url_for("pages.home"))


def _wanted() -> str | None:
    return local_address(request.values.get("next"), otherwise="") or None


def _render(problems: tuple[Problem, ...]) -> str:
    page = SignInPage(
        username=request.form.get("username", "")[:100],
        next=_wanted(),
        applicant=request.values.get("as") == "applicant",
        demo=not config().production,
        single_sign_on=config().single_sign_on is not None,
        problems=problems,
    )
    return render_template("access/sign_in.html", page=page)


def _refusal(refused: SignInRefused) -> Problem:
    """Why signing in failed; the problem leads to the password only where typing it again can help."""
    if refused.reason is Refusal.LOCKED or (refused.reason is Refusal.WRONG and refused.tries_left == 0):
        return Problem(None, None, minutes_locked(refused))
    if refused.reason is Refusal.NO_POST:
        return Problem(None, None, _("此账号目前没有岗位，请联系本单位收文员"))
    left = ngettext("还可以再试%(num)s次，之后锁定15分钟", "还可以再试%(num)s次，之后锁定15分钟", refused.tries_left)
    return Problem("password", None, _("账号或密码不正确，%(left)s", left=left))
