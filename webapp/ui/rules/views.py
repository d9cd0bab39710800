"""Routes of the deployment's own rules: what follows where a diagram does not say, and setting the next version."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from webapp.context import clock
from webapp.rule_words import CAUSES, RULES
from webapp.transaction import reading, writing
from webapp.translation import _
from webapp.ui.acting import get_actor, needs
from webapp.ui.problems import problems
from workflows.cases.assignment.defaults import read_defaults, set_defaults
from workflows.cases.assignment.rules import Cause, Rule
from workflows.errors import ConcurrencyError, FieldError, InvalidInputError
from workflows.permissions import Permission

blueprint = Blueprint("rules", __name__)


@blueprint.get("/assignment-rules")
@needs(Permission.PROCESS_READ)
def index() -> str:
    """Show the rules in force; the security administrator sees the form for the next version."""
    return _index({})


@blueprint.post("/assignment-rules")
@needs(Permission.PROCESS_APPROVE)
def change() -> Response:
    """Set the next version."""
    given = {name: request.form.get(name, "") for name in (*(cause.value for cause in Cause), "note", "number")}
    number = given["number"]
    try:
        with writing() as session:
            kept = set_defaults(
                session,
                {cause.value: given[cause.value] for cause in Cause},
                note=given["note"],
                number=int(number) if number.isascii() and number.isdigit() and len(number) < 9 else -1,
                actor=get_actor(),
                clock=clock(),
            )
    except InvalidInputError as error:
        return make_response(_index(given, error.errors), 422)
    except ConcurrencyError:
        flash(_("规则已由他人更新，请核对后再设定"), "warning")
        return redirect(url_for("pages.rules.index"))
    flash(_("已设定本系统规则第%(version)s版，以后开始的环节照此办理", version=kept.number), "done")
    return redirect(url_for("pages.rules.index"))


def _index(given: Mapping[str, str], errors: tuple[FieldError, ...] = ()) -> str:
    actor = get_actor()
    defaults = read_defaults(reading(), actor=actor)
    labels = {cause.value: CAUSES[cause]() for cause in Cause}
    found = problems(errors, label_of=lambda name: labels.get(name, _("理由")), anchor_of=lambda name: name)
    return render_template(
        "rules/index.html",
        defaults=defaults,
        labels=labels,
        options={rule.value: RULES[rule]() for rule in Rule},
        chosen={**defaults.rules, **{name: value for name, value in given.items() if name in labels}},
        note=given.get("note", ""),
        problems=found,
        errors={problem.path: problem.text for problem in found},
        may_change=actor.may(Permission.PROCESS_APPROVE),
    )
