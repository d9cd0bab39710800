"""Where the time went: a line for each agency that had the case."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from webapp.translation import _
from webapp.ui.cases.opened import OpenedCase
from webapp.ui.formats import named
from workflows.cases.time_used import AgencyTime, time_used
from workflows.deadlines import WorkingTime
from workflows.permissions import PostKind


@dataclass(frozen=True)
class SpentLine:
    """One agency: how long it had the case, and the steps at which its limit ran out."""

    agency: str
    used: WorkingTime
    late: tuple[str, ...]
    light: str
    word: str


def spent_lines(session: Session, case: OpenedCase) -> tuple[SpentLine, ...]:
    """Return the lines; applicants are told results, not who in the administration was slow."""
    if case.actor.post_kind is PostKind.APPLICANT:
        return ()
    return tuple(_line(time) for time in time_used(session, case.no, actor=case.actor, clock=case.clock))


def _line(time: AgencyTime) -> SpentLine:
    light, word = _result(time)
    return SpentLine(named(time.agency), time.used, tuple(named(step) for step in time.overdue), light, word)


def _result(time: AgencyTime) -> tuple[str, str]:
    if time.overdue:
        return "red", _("逾期")
    if not time.counts:
        return "grey", _("不计时")
    return ("blue", _("办理中")) if time.holds else ("green", _("按时"))
