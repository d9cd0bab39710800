"""The page of 工作交接: what somebody holds goes to a colleague, and what came of each thing is told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask import Blueprint, render_template, request

from webapp import wording
from webapp.context import clock
from webapp.transaction import reading, writing
from webapp.translation import _
from webapp.ui.acting import get_actor, needs
from webapp.ui.problems import Problem, problems
from webapp.ui.together.present import officers_of
from workflows.agencies.models import Person
from workflows.agencies.posts import candidates
from workflows.cases.collaboration.hand_over import HandedOver, hand_over
from workflows.cases.collaboration.holdings import Holdings, count_holdings, hands_over_anywhere
from workflows.cases.views import Named
from workflows.clock import office_date
from workflows.errors import InvalidInputError, NotFoundError
from workflows.permissions import Permission

blueprint = Blueprint("leaving", __name__)

MOST_TYPED = 64


@dataclass(frozen=True)
class Result:
    """What came of one thing.

    Args:
        kind: as in `HandedOver`.
        key: its key, shown where nothing better may be told.
        step: the step of a task.
        case_no: the case it belongs to, for those who see cases.
        refused: why it stays, or None.
    """

    kind: str
    key: int
    step: Named | None
    case_no: str | None
    refused: str | None


@dataclass(frozen=True)
class LeavingPage:
    """What the page shows.

    Args:
        who: user name of the leaver, once chosen.
        held: what they hold; None while nobody is chosen, or nobody of that name is the reader's.
        leavers: to choose from: the reader alone unless a head; empty for the administrator, who types user names.
        receivers: likewise, for an officer those in the same kind of post.
        results: what came of each thing just handed over.
    """

    who: str
    held: Holdings | None
    leavers: tuple[Named, ...]
    receivers: tuple[Named, ...]
    entered: Mapping[str, str]
    problems: tuple[Problem, ...] = ()
    results: tuple[Result, ...] | None = None

    @property
    def errors(self) -> Mapping[str, str]:
        """Field → what is wrong."""
        return {problem.anchor or "": problem.text for problem in self.problems}


@blueprint.get("/hand-over")
@needs(Permission.WORK_HAND_OVER)
def index() -> str:
    """Tell what somebody holds, and ask who takes it."""
    return _page((request.args.get("who") or "").strip()[:MOST_TYPED])


@blueprint.post("/hand-over")
@needs(Permission.WORK_HAND_OVER)
def carry_out() -> str | tuple[str, int]:
    """Hand everything over; what cannot go stays and is named."""
    who = request.form.get("who", "").strip()[:MOST_TYPED]
    to, reason = request.form.get("to", ""), request.form.get("reason", "")
    try:
        with writing() as session:
            done = hand_over(session, who, to_username=to, reason=reason, actor=get_actor(), clock=clock())
    except InvalidInputError as error:
        labels = {"to": _("接手人"), "reason": _("理由")}
        found = problems(error.errors, label_of=lambda path: labels.get(path, ""), anchor_of=lambda path: path)
        return _page(who, found=found), 422
    return _page(
        who, results=tuple(Result(each.kind, each.key, each.step, each.case_no, _refusal(each)) for each in done)
    )


def _page(who: str, *, found: tuple[Problem, ...] = (), results: tuple[Result, ...] | None = None) -> str:
    session, actor, at = reading(), get_actor(), clock()
    person = session.get_one(Person, actor.person_id)
    own = Named(person.username, person.name_zh, person.name_en)
    leavers: tuple[Named, ...] = ()
    receivers: tuple[Named, ...] = ()
    if not hands_over_anywhere(actor):
        if actor.may(Permission.TASK_ASSIGN):
            leavers = receivers = (own, *officers_of(session, actor, at))
        else:
            same = candidates(session, actor.agency_id, actor.post_kind, office_date(at.now()))
            receivers = tuple(Named(each.username, each.name_zh, each.name_en) for each in same)
            leavers = (own,)
        if len(leavers) == 1:
            who = who or own.code
    try:
        held = count_holdings(session, who, actor=actor, clock=at) if who else None
    except NotFoundError:
        held = None
    others = tuple(each for each in receivers if each.code != who)
    page = LeavingPage(who, held, leavers, others, request.form, found, results)
    return render_template("together/leaving.html", page=page)


def _refusal(row: HandedOver) -> str | None:
    if row.refused is None:
        return None
    if isinstance(row.refused, InvalidInputError):
        return _("接手人没有可以办理此项的岗位")
    return wording.error_sentence(row.refused)
