"""Routes of requests for grants: the second administrator approves or refuses, the first may withdraw."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from webapp import wording
from webapp.context import clock
from webapp.transaction import reading, writing
from webapp.translation import _
from webapp.ui.acting import get_actor, needs
from webapp.ui.people.asking import asked_key, entered, typed
from webapp.ui.people.models import Entered, GrantsPage
from workflows.agencies.decide_grant import approve_grant, refuse_grant, withdraw_grant
from workflows.agencies.grants import Grant, list_grants
from workflows.agencies.models import GrantStatus
from workflows.errors import ConcurrencyError, InvalidInputError, PermissionDeniedError, StateConflictError
from workflows.permissions import Permission

blueprint = Blueprint("grants", __name__, url_prefix="/grants")

PART = 50


@blueprint.get("")
@needs(Permission.PEOPLE_READ)
def index() -> str:
    """List requests, those that wait first."""
    return _page(None, Entered())


@blueprint.post("/<number:grant_id>/approve")
@needs(Permission.GRANT_APPROVE)
def approve(grant_id: int) -> tuple[str, int] | Response:
    """Approve a request of another person."""
    return _decide(grant_id, lambda: _approved(grant_id), _("已批准，即时生效或自开始日期起生效"))


@blueprint.post("/<number:grant_id>/refuse")
@needs(Permission.GRANT_APPROVE)
def refuse(grant_id: int) -> tuple[str, int] | Response:
    """Refuse a request, saying why."""
    return _decide(grant_id, lambda: _ended(refuse_grant, grant_id), _("未予批准，已告知申请的管理员"))


@blueprint.post("/<number:grant_id>/withdraw")
@needs(Permission.PEOPLE_MANAGE)
def withdraw(grant_id: int) -> tuple[str, int] | Response:
    """Take back a request that nobody has decided yet."""
    return _decide(grant_id, lambda: _ended(withdraw_grant, grant_id), _("申请已撤回"))


def _approved(grant_id: int) -> Grant:
    with writing() as session:
        return approve_grant(session, grant_id, _version(), actor=get_actor(), clock=clock())


def _ended(service: Callable[..., Grant], grant_id: int) -> Grant:
    with writing() as session:
        return service(session, grant_id, _version(), typed("reason"), actor=get_actor(), clock=clock())


def _decide(grant_id: int, act: Callable[[], Grant], said: str) -> tuple[str, int] | Response:
    try:
        act()
    except InvalidInputError as error:
        if any(one.field == "reason" for one in error.errors):
            return _page(grant_id, entered(("reason",), error.errors)), 422
        flash(_("不能批准：%(why)s", why=wording.field_sentence(error.errors[0])), "error")
    except (StateConflictError, ConcurrencyError) as error:
        flash(wording.error_sentence(error), "error")
    except PermissionDeniedError as error:
        if error.reason not in ("same-person", "for-oneself"):
            raise
        flash(_("须由申请人和当事人以外的安全管理员批准"), "error")
    else:
        flash(said, "done")
    return redirect(url_for(".index"))


def _version() -> int:
    text = typed("row_version")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else 0


def _page(attempt: int | None, form: Entered) -> str:
    status = request.args.get("status", GrantStatus.REQUESTED.value)
    known = status in {one.value for one in GrantStatus}
    found = list_grants(
        reading(),
        status=GrantStatus(status) if known else None,
        cursor=asked_key("after"),
        limit=PART,
    )
    following = url_for(".index", status=status, after=found.next) if found.next else None
    page = GrantsPage(found.items, status if known else "", following, attempt, form)
    return render_template("people/grants.html", page=page, statuses=tuple(GrantStatus))
