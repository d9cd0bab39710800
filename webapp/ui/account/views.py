"""Routes of 我的设置: what one is signed in with, and the password."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from webapp.context import clock
from webapp.identity.devices import remember
from webapp.identity.flask import (
    account_rules,
    current_login,
    device_key,
    find_login,
    find_unfinished,
    keep_device,
    login_terms,
    start_web_login,
)
from webapp.identity.limits import next_limit
from webapp.identity.logins import Login, renew
from webapp.identity.own_logins import end_login, end_other_logins, list_logins
from webapp.identity.password_change import change_password, compare_change
from webapp.identity.personal_tokens import list_tokens
from webapp.identity.preferences import keep_locale
from webapp.identity.second_factor import find_standing
from webapp.identity.sign_in import SignInRefused
from webapp.transaction import reading, writing
from webapp.translation import _, ngettext
from webapp.ui.account.models import PasswordPage, SettingsPage
from webapp.ui.account.present import device, minutes_locked
from webapp.ui.acting import SignInNeeded, for_oneself, get_actor, open_to_all
from webapp.ui.language import LANGUAGES, remember_language
from webapp.ui.problems import Problem, problems
from workflows.errors import FieldError, InvalidInputError
from workflows.permissions import PostKind

blueprint = Blueprint("account", __name__, url_prefix="/me")


@blueprint.get("")
@for_oneself
def index() -> str:
    """Show everything one may set."""
    login = current_login()
    logins = list_logins(reading(), login.person.id, clock=clock(), terms=login_terms(), current=login.id)
    page = SettingsPage(
        person=login.person,
        posts=login.posts,
        devices=tuple(device(row) for row in logins),
        second_factor=find_standing(reading(), login.person.id) is not None,
        tokens=list_tokens(reading(), login.person.id, clock=clock()),
    )
    return render_template("account/index.html", page=page)


@blueprint.post("/language")
@for_oneself
def choose_language() -> Response:
    """Read in another language from now on, here and in the next browser."""
    language = request.form.get("language")
    if language not in LANGUAGES:
        abort(404)
    with writing() as session:
        keep_locale(session, get_actor().person_id, language)
    flash(_("已保存"), "done")
    return remember_language(redirect(url_for("pages.account.index")), language)  # type: ignore[arg-type]


@blueprint.get("/password")
@open_to_all
def password() -> str:
    """Show the form for a new password; also to somebody who has to choose one first."""
    return _password_page(_whoever(), ())


@blueprint.post("/password")
@open_to_all
def change() -> tuple[str, int] | Response:
    """Change the password; every other login and token ends."""
    login = _whoever()
    old, new = request.form.get("old_password", ""), request.form.get("new_password", "")
    rules = account_rules()
    try:
        if request.form.get("repeat", "") != new:
            raise InvalidInputError([FieldError("repeat", "password-repeat")])
        compared = compare_change(
            reading(), login.person.id, old, new, clock=clock(), rules=rules.passwords, device=device_key()
        )
    except InvalidInputError as error:
        found = problems(error.errors, label_of=lambda field: _LABELS[field](), anchor_of=lambda field: field)
        return _password_page(login, found), 422
    with writing() as session:
        refused = change_password(session, compared, clock=clock(), rules=rules.passwords, keep=login.id)
        if refused is None:
            limit = next_limit(session, login, rules=rules, now=clock().now())
            token = renew(session, login.id, clock=clock(), terms=login_terms(), limit=limit)
            known = remember(session, device_key(), login.person.id, clock().now())
    if refused is not None:
        return _password_page(login, (_refusal(refused),)), 422
    start_web_login(token)
    flash(_("密码已修改，其他设备上的登录和接口令牌已全部失效"), "done")
    answer = redirect(url_for("pages.home" if login.limit else "pages.account.index"))
    keep_device(answer, known)
    return answer


@blueprint.post("/devices/<key:login_id>/end")
@for_oneself
def end_device(login_id: int) -> Response:
    """End one of one's own logins."""
    with writing() as session:
        end_login(session, login_id, actor=get_actor(), clock=clock())
    flash(_("已退出该设备上的登录"), "done")
    return redirect(url_for("pages.account.index", _anchor="devices"))


@blueprint.post("/devices/end-others")
@for_oneself
def end_others() -> Response:
    """End all of one's own logins but this one."""
    login = current_login()
    with writing() as session:
        number = end_other_logins(session, login.id, actor=login.actor, clock=clock())
    flash(ngettext("已退出其他%(num)s处登录", "已退出其他%(num)s处登录", number), "done")
    return redirect(url_for("pages.account.index", _anchor="devices"))


_LABELS = {
    "old_password": lambda: _("原密码"),
    "new_password": lambda: _("新密码"),
    "repeat": lambda: _("再次输入新密码"),
}


def _whoever() -> Login:
    login = find_login() or find_unfinished()
    if login is None:
        raise SignInNeeded
    return login


def _password_page(login: Login, found: tuple[Problem, ...]) -> str:
    rules = account_rules().passwords
    page = PasswordPage(
        username=login.person.username,
        minimum=rules.minimum,
        history=rules.history,
        due=login.limit is not None,
        applicant=login.actor.post_kind is PostKind.APPLICANT,
        problems=found,
    )
    return render_template("account/password.html", page=page)


def _refusal(refused: SignInRefused) -> Problem:
    if refused.tries_left == 0:
        text = minutes_locked(refused)
    else:
        text = _("原密码不正确，还可以再试%(tries)s次", tries=refused.tries_left)
    return Problem("old_password", _LABELS["old_password"](), text, "old_password")
