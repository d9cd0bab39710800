"""Routes of single sign-on: to the provider, back from it, and out of it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from config import SingleSignOn
from webapp.context import clock
from webapp.identity.devices import remember
from webapp.identity.flask import account_rules, device_key, keep_device, login_terms, origin, start_web_login
from webapp.identity.models import LoginLimit
from webapp.identity.single_sign_on import (
    EXTENSION,
    ProviderError,
    find_settings,
    named_by_provider,
    open_provider_login,
    way_out,
    way_to_provider,
)
from webapp.transaction import writing
from webapp.translation import _
from webapp.ui.acting import open_to_all
from webapp.ui.language import local_address

blueprint = Blueprint("single_sign_on", __name__, url_prefix="/login/oidc")

_WANTED = "single_sign_on_next"


@blueprint.get("")
@open_to_all
def begin() -> Response:
    """Send the browser to the provider."""
    client, settings = _provider()
    session[_WANTED] = local_address(request.args.get("next"), otherwise="")
    try:
        answer: Response = way_to_provider(client, settings, url_for("pages.single_sign_on.callback", _external=True))
    except ProviderError as error:
        return _refuse(error)
    return answer


@blueprint.get("/callback")
@open_to_all
def callback() -> Response:
    """Take the browser back from the provider, and begin the login of whom it names."""
    client, settings = _provider()
    wanted = session.get(_WANTED)
    try:
        username = named_by_provider(client, settings)
    except ProviderError as error:
        return _refuse(error)
    with writing() as transaction:
        result = open_provider_login(
            transaction, username, clock=clock(), rules=account_rules(), terms=login_terms(), origin=origin()
        )
        known = None
        if result is not None and result.limit is not LoginLimit.CODE:
            known = remember(transaction, device_key(), result.person.id, clock().now())
    if result is None:
        flash(_("统一身份认证成功，但本系统没有对应的在用账号，请联系系统管理员"), "error")
        return redirect(url_for("pages.access.sign_in"))
    start_web_login(result.token)
    target = local_address(wanted, otherwise=url_for("pages.home"))
    if result.limit is LoginLimit.CODE:
        return redirect(url_for("pages.access.second_step", next=target))
    answer = redirect(target)
    if known is not None:
        keep_device(answer, known)
    return answer


@blueprint.get("/signed-out")
@open_to_all
def signed_out() -> str:
    """Say that the provider's own login goes on, and how to end it."""
    _provider()
    return render_template("access/signed_out.html")


@blueprint.get("/logout")
@open_to_all
def leave() -> Response:
    """Send the browser to where the provider ends its login; the provider asks first."""
    client, settings = _provider()
    try:
        address = way_out(client, settings)
    except ProviderError as error:
        return _refuse(error)
    if address is None:
        return redirect(url_for("pages.access.sign_in"))
    back = url_for("pages.access.sign_in", _external=True)
    query = urlencode({"client_id": settings.client_id, "post_logout_redirect_uri": back})
    return redirect(f"{address}{'&' if '?' in address else '?'}{query}")


def _provider() -> tuple[Any, SingleSignOn]:
    settings = find_settings()
    if settings is None:
        abort(404)
    return current_app.extensions[EXTENSION], settings


def _refuse(error: ProviderError) -> Response:
    current_app.logger.warning("single sign-on failed: %s", error)
    flash(_("统一身份认证没有成功，请重试，或用账号密码登录"), "error")
    return redirect(url_for("pages.access.sign_in"))
