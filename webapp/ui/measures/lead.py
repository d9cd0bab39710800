"""牵头单位变更: who leads a responsibility line from now on, what passes on with it, and only then the change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from webapp.context import clock
from webapp.transaction import reading, writing
from webapp.translation import _
from webapp.ui.acting import get_actor, needs
from webapp.ui.language import pick
from webapp.ui.problems import Problem, problems
from workflows.agencies.directory import AgencyRef, list_agencies
from workflows.cases.succession import ChangeLead, MovingStep, change_lead, foresee_change_of_lead
from workflows.cases.views import Named
from workflows.clock import office_date
from workflows.errors import FieldError, InvalidInputError
from workflows.permissions import Permission
from workflows.policies.measures import LineView, list_measure_groups
from workflows.policies.responsibilities import named_leads

blueprint = Blueprint("lead", __name__)

FIELDS = ("old", "new", "on", "reason")
MAX_REASON = 2000


@dataclass(frozen=True)
class LeadPage:
    """The page.

    Args:
        olds: who leads by their own name; news: who might.
        entered: the form as filled in.
        moving: what would pass on, once the form is right: then only the confirmation is shown.
    """

    line: LineView
    olds: tuple[Named, ...]
    news: tuple[Named, ...]
    entered: Mapping[str, str]
    problems: tuple[Problem, ...] = ()
    moving: tuple[MovingStep, ...] | None = None

    @property
    def errors(self) -> Mapping[str, str]:
        """Field → what is wrong."""
        return {problem.path: problem.text for problem in self.problems}

    @property
    def tasks(self) -> int:
        """How many tasks would pass on."""
        return sum(step.tasks for step in self.moving or ())

    def name(self, code: str) -> str:
        """What an agency of the form is called."""
        found = next((each for each in (*self.olds, *self.news) if each.code == code), None)
        return pick(found.zh, found.en) if found else code


@blueprint.get("/measures/<line>/lead")
@needs(Permission.RESPONSIBILITY_CHANGE)
def change(line: str) -> str:
    """Ask who leads instead of whom, from when and why."""
    return _page(line, {"on": office_date(clock().now()).isoformat()})


@blueprint.post("/measures/<line>/lead")
@needs(Permission.RESPONSIBILITY_CHANGE)
def carry_out(line: str) -> Response | str | tuple[str, int]:
    """Say first what passes on; once that is confirmed, change the lead."""
    entered = {name: request.form.get(name, "") for name in FIELDS}
    if "back" in request.form:
        return _page(line, entered)
    try:
        command = ChangeLead(line, entered["old"], entered["new"], _day(entered["on"]), _reason(entered["reason"]))
        with writing() as session:
            if "confirmed" not in request.form:
                foreseen = foresee_change_of_lead(session, command, actor=get_actor(), clock=clock())
            else:
                moved = change_lead(session, command, actor=get_actor(), clock=clock())
    except InvalidInputError as error:
        labels = {"old": _("原牵头单位"), "new": _("新牵头单位"), "on": _("变更日期"), "reason": _("理由")}
        found = problems(error.errors, label_of=lambda path: labels.get(path, ""), anchor_of=lambda path: path)
        return _page(line, entered, found=found), 422
    if "confirmed" not in request.form:
        return _page(line, entered, moving=foreseen)
    flash(
        _(
            "措施%(no)s的牵头单位已变更，%(cases)s件办件的%(tasks)s项任务转新牵头单位，已通知其工作人员",
            no=line,
            cases=moved.cases,
            tasks=moved.tasks,
        ),
        "done",
    )
    return redirect(url_for("pages.measures.index", _anchor=f"m{line.rstrip('abcdefgh')}"))


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InvalidInputError([FieldError("on", "date")]) from None


def _reason(text: str) -> str:
    if len(text) > MAX_REASON:
        raise InvalidInputError([FieldError("reason", "too-long", {"maximum": MAX_REASON})])
    return text


def _page(
    line_no: str,
    entered: Mapping[str, str],
    *,
    found: tuple[Problem, ...] = (),
    moving: tuple[MovingStep, ...] | None = None,
) -> str:
    session, on = reading(), office_date(clock().now())
    olds = tuple(_named(each) for each in named_leads(session, line_no, on))  # nothing there: not found
    line = next(each for measure in list_measure_groups(session, on) for each in measure.lines if each.no == line_no)
    news = tuple(_named(each) for each in list_agencies(session, on) if not each.outside)
    return render_template("measures/lead.html", page=LeadPage(line, olds, news, entered, found, moving))


def _named(agency: AgencyRef) -> Named:
    return Named(agency.code, agency.short_zh, agency.short_en)
