"""The page of 委托: one's own and received delegations, and who of the agency is away."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from webapp import wording
from webapp.context import clock
from webapp.transaction import reading, writing
from webapp.translation import _, ngettext
from webapp.ui.acting import get_actor, needs
from webapp.ui.problems import Problem, problems
from webapp.ui.together.models import DeputiesPage
from webapp.ui.together.present import officers_of
from workflows.agencies import deputies
from workflows.agencies.deputies import NewAbsence, NewDelegation
from workflows.agencies.models import Person
from workflows.cases.collaboration.deputising import (
    cut_absence_short,
    delegate_work,
    delegations_page,
    record_absence,
    stop_delegation,
)
from workflows.cases.views import Named
from workflows.clock import Clock, office_date
from workflows.errors import FieldError, InvalidInputError, PermissionDeniedError, StateConflictError
from workflows.permissions import Actor, Permission
from workflows.policies.measures import list_measures

blueprint = Blueprint("deputies", __name__)


@blueprint.get("/delegations")
@needs(Permission.DELEGATION_MAKE)
def index() -> str:
    """Show delegations and leave."""
    return _page("", ())


@blueprint.post("/delegations")
@needs(Permission.DELEGATION_MAKE)
def make() -> Response | tuple[str, int]:
    """Delegate the work of the acting post."""
    try:
        wanted = NewDelegation(request.form.get("to", ""), *_days(), request.form.get("scope", "all"))
        with writing() as session:
            made, due = delegate_work(session, wanted, actor=get_actor(), clock=clock())
    except InvalidInputError as error:
        return _page("delegation", _problems(error)), 422
    except PermissionDeniedError as error:
        flash(wording.error_sentence(error), "warning")
        return redirect(url_for("pages.deputies.index"))
    flash(_("已委托，到期自动终止，也可以提前结束"), "done")
    if due:
        late = ngettext("%(num)s项任务在此期间到期，请提前安排", "%(num)s项任务在此期间到期，请提前安排", len(due))
        flash(late, "warning")
    return redirect(url_for("pages.deputies.index", _anchor=f"d{made.id}"))


@blueprint.post("/delegations/<number:delegation_id>/end")
@needs(Permission.DELEGATION_MAKE)
def end(delegation_id: int) -> Response:
    """End a delegation at once."""
    try:
        with writing() as session:
            stop_delegation(session, delegation_id, actor=get_actor(), clock=clock())
        flash(_("委托已结束"), "done")
    except (StateConflictError, PermissionDeniedError) as error:
        flash(wording.error_sentence(error), "warning")
    return redirect(url_for("pages.deputies.index"))


@blueprint.post("/absences")
@needs(Permission.DELEGATION_MAKE)
def away() -> Response | tuple[str, int]:
    """Record that one is away; a B角 then acts."""
    try:
        with writing() as session:
            name = request.form.get("username", "")
            wanted = NewAbsence(name, *_days(), request.form.get("reason", ""))
            record_absence(session, wanted, actor=get_actor(), clock=clock())
    except InvalidInputError as error:
        return _page("absence", _problems(error)), 422
    except PermissionDeniedError as error:
        flash(wording.error_sentence(error), "warning")
        return redirect(url_for("pages.deputies.index"))
    flash(_("已登记，其间由B角顶岗"), "done")
    return redirect(url_for("pages.deputies.index"))


@blueprint.post("/absences/<number:absence_id>/end")
@needs(Permission.DELEGATION_MAKE)
def back(absence_id: int) -> Response:
    """Record that somebody is back, or does not leave after all."""
    try:
        with writing() as session:
            cut_absence_short(session, absence_id, actor=get_actor(), clock=clock())
        flash(_("已销假，B角不再顶岗"), "done")
    except (StateConflictError, PermissionDeniedError) as error:
        flash(wording.error_sentence(error), "warning")
    return redirect(url_for("pages.deputies.index"))


def _days() -> tuple[date, date]:
    days, errors = [], []
    for name in ("from_on", "to_on"):
        try:
            days.append(date.fromisoformat(request.form.get(name, "")))
        except ValueError:
            errors.append(FieldError(name, "date"))
    if errors:
        raise InvalidInputError(errors)
    return days[0], days[1]


def _problems(error: InvalidInputError) -> tuple[Problem, ...]:
    labels: dict[str, Any] = {
        "to": _("受托人"),
        "username": _("请假人"),
        "from_on": _("开始日期"),
        "to_on": _("结束日期"),
        "scope": _("范围"),
        "reason": _("理由"),
    }
    return problems(error.errors, label_of=lambda path: labels.get(path, path), anchor_of=lambda path: path)


def _leavers(session: Session, actor: Actor, at: Clock) -> tuple[Named, ...]:
    """Whose leave the reader may record: one's own, a head's colleagues' too."""
    person = session.get_one(Person, actor.person_id)
    own = Named(person.username, person.name_zh, person.name_en)
    is_head = actor.may(Permission.TASK_ASSIGN) and actor.on_behalf_of is None
    return (own, *officers_of(session, actor, at)) if is_head else (own,)


def _page(form: str, found: tuple[Problem, ...]) -> str:
    session, actor, at = reading(), get_actor(), clock()
    page = delegations_page(session, actor=actor, cursor=request.args.get("cursor"), clock=at)
    shown = DeputiesPage(
        delegations=page.items,
        absences=deputies.list_absences(session, actor=actor, clock=at),
        may_make=actor.on_behalf_of is None,
        candidates=officers_of(session, actor, at),
        leavers=_leavers(session, actor, at),
        measures=tuple(line.no for line in list_measures(session, office_date(at.now()))),
        next_address=url_for("pages.deputies.index", cursor=page.next) if page.next else None,
        form=form,
        entered=request.form,
        problems=found,
    )
    return render_template("together/deputies.html", page=shown)
