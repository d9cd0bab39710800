"""From a case to its page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from webapp.ui.cases import overview, record
from webapp.ui.cases.attempt import Attempt
from webapp.ui.cases.history import Names
from webapp.ui.cases.models import CasePage
from webapp.ui.cases.opened import OpenedCase
from webapp.ui.cases.process import decisions_of, process_of
from webapp.ui.cases.tabs import choices, open_tab
from webapp.ui.forms.places import with_places
from webapp.ui.groups import group_options
from workflows.cases.reading import get_case
from workflows.cases.views import CaseDetail, TaskRow
from workflows.clock import Clock, office_date
from workflows.permissions import Actor


@dataclass(frozen=True)
class SlipPage:
    """打印流转单: what a case is, who has it, and all that was done, on one paper."""

    case: CaseDetail
    now: datetime
    overview: overview.Overview
    record: record.Record


def open_case_of(
    session: Session, case_no: str, attempt: Attempt, *, actor: Actor, clock: Clock, cursor: str | None = None
) -> OpenedCase:
    """Open a case for a reader.

    Raises:
        NotFoundError: no such case for the actor.
    """
    detail = get_case(session, case_no, actor=actor, clock=clock)
    process = process_of(session, detail)
    options = with_places(group_options(session, office_date(clock.now())), detail.application_schema)
    names = Names(process.model, decisions_of(process.model), process.form, options, process.checklist)
    return OpenedCase(detail, process, options, names, attempt, actor, clock, cursor)


def case_page(
    session: Session,
    case_no: str,
    attempt: Attempt,
    *,
    actor: Actor,
    clock: Clock,
    tab: str | None = None,
    cursor: str | None = None,
) -> CasePage:
    """Build the case page with one tab open; the others are not asked for.

    Raises:
        NotFoundError: no such case for the actor.
    """
    case = open_case_of(session, case_no, attempt, actor=actor, clock=clock, cursor=cursor)
    opened = open_tab(case, attempt.tab or tab)
    return CasePage(
        detail=case.detail,
        tab=opened.name,
        tabs=choices(case, opened),
        content=opened.build(session, case),
        my_task=_my_task(case.detail),
        attempt=attempt,
    )


def slip_page(session: Session, case_no: str, *, actor: Actor, clock: Clock) -> SlipPage:
    """Build the case as one paper.

    Raises:
        NotFoundError: no such case for the actor.
    """
    case = open_case_of(session, case_no, Attempt(), actor=actor, clock=clock)
    return SlipPage(case.detail, clock.now(), overview.build(session, case), record.build(session, case))


def _my_task(case: CaseDetail) -> TaskRow | None:
    return next((task for task in case.open_tasks if "complete" in task.verbs), None)
