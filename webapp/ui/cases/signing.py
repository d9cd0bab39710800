"""加签 and 减签 on the case page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask import Blueprint, flash, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from webapp.context import clock
from webapp.transaction import writing
from webapp.translation import _
from webapp.ui.acting import get_actor, needs
from workflows.cases.commands import ChangeSigner
from workflows.cases.signers import add_signer, remove_signer
from workflows.cases.signing import SigningStep
from workflows.cases.views import Moved, Named
from workflows.errors import InvalidInputError
from workflows.permissions import Permission

ShowPage = Callable[[str, "SigningAttempt"], str]


@dataclass(frozen=True)
class SigningAttempt:
    """A change of signers that did not pass, as it was filled in."""

    verb: str
    agency: str
    reason: str
    error: InvalidInputError


@dataclass(frozen=True)
class Signing:
    """What the card of signers shows.

    Args:
        agencies: who can be asked to sign.
    """

    steps: tuple[SigningStep, ...]
    agencies: tuple[Named, ...]


def add_routes(blueprint: Blueprint, show: ShowPage) -> None:
    """Put the two acts on the cases' blueprint; `show` shows the case page again with what did not pass."""

    @blueprint.post("/cases/<no>/signers/<key:task_id>")
    @needs(Permission.TASK_COMPLETE)
    def add_signer_to_step(no: str, task_id: int) -> AnyResponse | tuple[str, int]:
        """Ask one more agency to sign at the step of a task."""
        return _change(no, "add-signer", task_id, show)

    @blueprint.post("/cases/<no>/signers/<key:task_id>/remove")
    @needs(Permission.TASK_COMPLETE)
    def remove_signer_from_step(no: str, task_id: int) -> AnyResponse | tuple[str, int]:
        """Take back the request to sign."""
        return _change(no, "remove-signer", task_id, show)


def _change(no: str, verb: str, task_id: int, show: ShowPage) -> AnyResponse | tuple[str, int]:
    agency, reason = request.form.get("agency", ""), request.form.get("reason", "")
    try:
        with writing() as session:
            if verb == "add-signer":
                command = ChangeSigner(task_id, reason, agency)
                moved = add_signer(session, command, actor=get_actor(), clock=clock())
            else:
                moved = remove_signer(session, ChangeSigner(task_id, reason), actor=get_actor(), clock=clock())
    except InvalidInputError as error:
        return show(no, SigningAttempt(verb, agency, reason, error)), 422
    flash(_said(verb, moved), "done")
    return redirect(url_for("pages.cases.detail", no=no))


def _said(verb: str, moved: Moved) -> str:
    if moved.incident_id is not None:
        return _("流程停住，已记为故障%(id)s，由系统管理员排除后重试", id=moved.incident_id)
    return _("已加签，转该单位签署") if verb == "add-signer" else _("已减签，该单位的任务取消")
