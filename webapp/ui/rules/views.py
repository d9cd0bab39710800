"""Routes of the deployment's own rules: what follows where a diagram does not say, and changing it by two persons."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from webapp import wording
from webapp.context import clock
from webapp.rule_words import CAUSES
from webapp.transaction import reading, writing
from webapp.translation import _
from webapp.ui.acting import get_actor, needs
from webapp.ui.problems import problems
from webapp.ui.rules.present import Attempt, rules_page
from workflows.cases.assignment.changes import Change
from workflows.cases.assignment.changing import approve_change, reject_change, request_change, withdraw_change
from workflows.cases.assignment.rules import Cause
from workflows.errors import ConcurrencyError, FieldError, InvalidInputError, SamePersonError, StateConflictError
from workflows.permissions import Permission

blueprint = Blueprint("rules", __name__, url_prefix="/assignment-rules")

MAX_CURSOR = 400


@blueprint.get("")
@needs(Permission.PROCESS_READ)
def index() -> str:
    """Show the rules in force; to administrators also what was asked for, with the form or buttons that are theirs."""
    return _index(Attempt())


@blueprint.post("")
@needs(Permission.PROCESS_DRAFT)
def ask() -> Response:
    """Ask for the next version."""
    given = {name: request.form.get(name, "") for name in (*(cause.value for cause in Cause), "note", "number")}
    number = given["number"]
    try:
        with writing() as session:
            request_change(
                session,
                {cause.value: given[cause.value] for cause in Cause},
                note=given["note"],
                number=int(number) if number.isascii() and number.isdigit() and len(number) < 9 else -1,
                actor=get_actor(),
                clock=clock(),
            )
    except InvalidInputError as error:
        return make_response(_index(_wrong(given, error.errors)), 422)
    except ConcurrencyError:
        flash(_("规则已由他人更新，请核对后再申请"), "warning")
    except StateConflictError:
        flash(_("另有一项修改待批准，请待其批准、驳回或撤回后再申请"), "warning")
    else:
        flash(_("修改申请已提交，待安全管理员批准后生效"), "done")
    return redirect(url_for(".index"))


@blueprint.post("/change-requests/<number:change_id>/approve")
@needs(Permission.PROCESS_APPROVE)
def approve(change_id: int) -> Response:
    """Put in force what another person asked for."""

    def act() -> Change:
        with writing() as session:
            return approve_change(session, change_id, actor=get_actor(), clock=clock())

    return _decide(change_id, act, _("已批准，本系统规则改为新的一版，以后开始的环节照此办理"))


@blueprint.post("/change-requests/<number:change_id>/reject")
@needs(Permission.PROCESS_APPROVE)
def reject(change_id: int) -> Response:
    """Reject what another person asked for."""
    return _decide(change_id, lambda: _ended(reject_change, change_id), _("已驳回，现行规则不变，已告知申请人"))


@blueprint.post("/change-requests/<number:change_id>/withdraw")
@needs(Permission.PROCESS_DRAFT)
def withdraw(change_id: int) -> Response:
    """Take back what nobody has decided yet."""
    return _decide(change_id, lambda: _ended(withdraw_change, change_id), _("修改申请已撤回，现行规则不变"))


def _ended(service: Callable[..., Change], change_id: int) -> Change:
    with writing() as session:
        return service(session, change_id, reason=request.form.get("reason", ""), actor=get_actor(), clock=clock())


def _decide(change_id: int, act: Callable[[], Change], said: str) -> Response:
    try:
        act()
    except InvalidInputError as error:
        return make_response(_index(_wrong({"reason": request.form.get("reason", "")}, error.errors)), 422)
    except SamePersonError:
        flash(_("须由申请人以外的安全管理员批准或驳回"), "error")
    except (StateConflictError, ConcurrencyError) as error:
        flash(wording.error_sentence(error), "warning")
    else:
        flash(said, "done")
    return redirect(url_for(".index"))


def _wrong(given: Mapping[str, str], errors: tuple[FieldError, ...]) -> Attempt:
    labels = {cause.value: CAUSES[cause]() for cause in Cause}
    found = problems(errors, label_of=lambda name: labels.get(name, _("理由")), anchor_of=lambda name: name)
    return Attempt(given, found)


def _index(attempt: Attempt) -> str:
    cursor = request.args.get("cursor", "")[:MAX_CURSOR] if request.method == "GET" else ""
    page = rules_page(reading(), attempt, cursor=cursor or None, actor=get_actor())
    return render_template("rules/index.html", page=page)
