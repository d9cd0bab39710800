"""Routes of personal tokens: making one, which is shown once, and ending it."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from webapp.context import clock
from webapp.identity.flask import account_rules, current_login
from webapp.identity.personal_tokens import NAME_LENGTH, make_token, revoke_token
from webapp.identity.scopes import Scope, permissions_of
from webapp.transaction import writing
from webapp.translation import _
from webapp.ui.account.models import NewTokenPage
from webapp.ui.acting import for_oneself, get_actor
from webapp.ui.problems import Problem, problems
from workflows.errors import InvalidInputError

blueprint = Blueprint("tokens", __name__, url_prefix="/me/tokens")

_DAYS = (7, 30, 90, 180, 366)
_LABELS = {"name": lambda: _("用途"), "scopes": lambda: _("权限范围"), "expires_at": lambda: _("有效期")}


@blueprint.get("/new")
@for_oneself
def new() -> str:
    """Ask what the token is for."""
    return _page(())


@blueprint.post("/new")
@for_oneself
def make() -> tuple[str, int] | str:
    """Make a token, and show it this once."""
    rules, days = account_rules(), request.form.get("days", type=int) or 0
    # A wild number of days would not fit into a date; beyond the rule all are refused alike.
    expires_at = clock().now() + timedelta(days=max(0, min(days, rules.personal_token_lifetime.days + 1)))
    try:
        with writing() as session:
            made = make_token(
                session,
                current_login(),
                name=request.form.get("name", ""),
                scopes=request.form.getlist("scopes"),
                expires_at=expires_at,
                lifetime=rules.personal_token_lifetime,
                clock=clock(),
            )
    except InvalidInputError as error:
        found = problems(error.errors, label_of=lambda field: _LABELS[field](), anchor_of=_anchor)
        return _page(found), 422
    return render_template("account/made_token.html", made=made)


@blueprint.post("/<key:token_id>/revoke")
@for_oneself
def revoke(token_id: int) -> Response:
    """End a token at once."""
    with writing() as session:
        revoke_token(session, token_id, actor=get_actor(), clock=clock())
    flash(_("令牌已撤销，即时失效"), "done")
    return redirect(url_for("pages.account.index", _anchor="tokens"))


def _anchor(field: str) -> str:
    return {"scopes": "scope-read", "expires_at": "days"}.get(field, field)


def _page(found: tuple[Problem, ...]) -> str:
    longest, actor = account_rules().personal_token_lifetime.days, get_actor()
    page = NewTokenPage(
        name=request.form.get("name", "")[:NAME_LENGTH],
        # Only what would let the token do anything: an administrator's is good for no tasks.
        scopes=tuple(scope for scope in Scope if any(actor.may(one) for one in permissions_of([scope]))),
        chosen=frozenset(request.form.getlist("scopes")),
        days=tuple(days for days in _DAYS if days <= longest) or (longest,),
        day=request.form.get("days", type=int) or 30,
        problems=found,
    )
    return render_template("account/new_token.html", page=page)
