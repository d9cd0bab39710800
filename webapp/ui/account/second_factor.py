"""Routes of the second factor: setting it up, new recovery codes, doing without it again."""

from __future__ import annotations

from io import BytesIO

import segno
from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from webapp.context import clock
from webapp.identity.flask import (
    account_rules,
    device_key,
    find_login,
    find_unfinished,
    login_terms,
    start_web_login,
)
from webapp.identity.limits import next_limit
from webapp.identity.logins import Login, renew
from webapp.identity.rules import AccountRules
from webapp.identity.second_factor import (
    SecretBox,
    begin_enrolment,
    confirm_enrolment,
    find_enrolment,
    find_standing,
    remove_second_factor,
    renew_codes,
)
from webapp.identity.second_step import show_code
from webapp.identity.sign_in import SignInRefused
from webapp.transaction import reading, writing
from webapp.translation import _
from webapp.ui.account.models import SecondFactorPage
from webapp.ui.account.present import code_refusal
from webapp.ui.acting import SignInNeeded, for_oneself, open_to_all
from webapp.ui.problems import Problem
from workflows.errors import StateConflictError

blueprint = Blueprint("second_factor", __name__, url_prefix="/me/second-factor")


@blueprint.get("")
@open_to_all
def index() -> str:
    """Show where the second factor stands; also to somebody who has to set it up first."""
    return _page(_whoever())


@blueprint.post("/begin")
@open_to_all
def begin() -> AnyResponse:
    """Make a secret for the authenticator."""
    login = _whoever()
    with writing() as session:
        begin_enrolment(session, actor=login.actor, username=login.person.username, box=_box(), clock=clock())
    return redirect(url_for("pages.second_factor.index"))


@blueprint.get("/qr.svg")
@open_to_all
def picture() -> Response:
    """Show the secret as a picture for the authenticator to scan, while it is being set up."""
    login = _whoever()
    enrolment = find_enrolment(reading(), login.person.id, username=login.person.username, box=_box())
    if enrolment is None:
        abort(404)
    drawn = BytesIO()
    segno.make(enrolment.uri, micro=False).save(drawn, kind="svg", scale=5, border=4, xmldecl=False)
    return Response(drawn.getvalue(), mimetype="image/svg+xml", headers={"Cache-Control": "no-store"})


@blueprint.post("/confirm")
@open_to_all
def confirm() -> tuple[str, int] | str | AnyResponse:
    """Take the first code; the recovery codes are shown this once."""
    login, rules = _whoever(), account_rules()
    try:
        with writing() as session:
            codes = confirm_enrolment(session, _code(), actor=login.actor, box=_box(), clock=clock())
            if codes is not None:
                limit = next_limit(session, login, rules=rules, now=clock().now())
                token = renew(session, login.id, clock=clock(), terms=login_terms(), limit=limit)
    except StateConflictError:  # sent twice: the first one did it
        return redirect(url_for("pages.second_factor.index"))
    if codes is None:
        return _page(login, _wrong()), 422
    start_web_login(token)
    return render_template("account/recovery_codes.html", codes=codes)


@blueprint.post("/recovery-codes")
@for_oneself
def new_codes() -> tuple[str, int] | str:
    """Make new recovery codes, given a code; they are shown this once."""
    login = _whoever()
    refused = _show(login, account_rules())
    if refused is not None:
        return _page(login, code_refusal(refused)), 422
    with writing() as session:
        codes = renew_codes(session, actor=login.actor, clock=clock())
    return render_template("account/recovery_codes.html", codes=codes)


@blueprint.post("/remove")
@for_oneself
def remove() -> tuple[str, int] | AnyResponse:
    """Sign in without a second factor again, given a code; not where the post asks for one."""
    login, rules = _whoever(), account_rules()
    if rules.asks_second_factor(login.posts):
        abort(403)
    refused = _show(login, rules)
    if refused is not None:
        return _page(login, code_refusal(refused)), 422
    with writing() as session:
        remove_second_factor(session, actor=login.actor, clock=clock())
    flash(_("已停用二次验证，以后登录只用密码"), "done")
    return redirect(url_for("pages.second_factor.index"))


def _whoever() -> Login:
    login = find_login() or find_unfinished()
    if login is None:
        raise SignInNeeded
    return login


def _code() -> str:
    return request.form.get("code", "")


def _show(login: Login, rules: AccountRules) -> SignInRefused | None:
    with writing() as session:
        return show_code(session, login, _code(), clock=clock(), rules=rules, device=device_key())


def _box() -> SecretBox:
    box = account_rules().box
    if box is None:
        raise RuntimeError("the application has no secret key")
    return box


def _wrong() -> Problem:
    return Problem("code", _("验证码"), _("验证码不正确，请核对手机时间后输入新的验证码"), "code")


def _page(login: Login, problem: Problem | None = None) -> str:
    standing = find_standing(reading(), login.person.id)
    enrolment = None
    if standing is None:
        enrolment = find_enrolment(reading(), login.person.id, username=login.person.username, box=_box())
    page = SecondFactorPage(
        standing=standing,
        secret=None if enrolment is None else enrolment.secret,
        required=account_rules().asks_second_factor(login.posts),
        due=login.limit is not None,
        problem=problem,
    )
    return render_template("account/second_factor.html", page=page)
