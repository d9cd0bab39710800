"""The tabs of the case page: each a name in the address, a template, and what it asks for when it is open."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask import url_for
from sqlalchemy.orm import Session

from webapp.translation import _
from webapp.ui.cases import copies, flow, materials, opinions, overview, papers, record
from webapp.ui.cases.opened import OpenedCase
from webapp.ui.tasks.models import Choice
from workflows.permissions import PostKind


@dataclass(frozen=True)
class Tab:
    """One tab.

    Args:
        name: in the address; its template is `cases/tab_<name>.html`, where `tab` is what `build` returned.
        build: gathers what the tab shows; runs for the open tab only.
        count: how many things are behind it, for the little figure; None shows none.
        for_applicants: applicants see it too.
        shown: whether a case has it at all.
    """

    name: str
    label: Callable[[], str]
    build: Callable[[Session, OpenedCase], object]
    count: Callable[[OpenedCase], int | None] = lambda _case: None
    for_applicants: bool = True
    shown: Callable[[OpenedCase], bool] = lambda _case: True


TABS = (
    Tab("overview", lambda: _("概况"), overview.build),
    Tab("flow", lambda: _("流程图"), flow.build),
    Tab("opinions", lambda: _("意见"), opinions.build, for_applicants=False, shown=opinions.reached),
    Tab("record", lambda: _("办理记录"), record.build),
    Tab("materials", lambda: _("材料"), materials.build),
    Tab("papers", lambda: _("公文"), papers.build, count=lambda case: len(case.detail.notices)),
    Tab("copies", lambda: _("抄送"), copies.build, for_applicants=False),
)
"""In the order shown; the first opens where the address names none."""


def open_tab(case: OpenedCase, name: str | None) -> Tab:
    """Return the tab asked for, if the reader has it; else the first."""
    return next((tab for tab in _tabs(case) if tab.name == name), TABS[0])


def choices(case: OpenedCase, current: Tab) -> tuple[Choice, ...]:
    """Return the links of the tabs."""
    return tuple(
        Choice(tab.label(), address(case.no, tab.name), tab is current, count=_shown(tab.count(case)))
        for tab in _tabs(case)
    )


def address(no: str, name: str, anchor: str | None = None) -> str:
    """Return the address of a tab of a case."""
    return url_for("pages.cases.detail", no=no, tab=None if name == TABS[0].name else name, _anchor=anchor)


def _tabs(case: OpenedCase) -> tuple[Tab, ...]:
    is_applicant = case.actor.post_kind is PostKind.APPLICANT
    return tuple(tab for tab in TABS if (tab.for_applicants or not is_applicant) and tab.shown(case))


def _shown(count: int | None) -> str | None:
    return str(count) if count else None
