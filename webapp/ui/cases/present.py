"""From a case to its page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from flask import url_for
from sqlalchemy.orm import Session

from webapp.context import config
from webapp.translation import _
from webapp.ui.cases.history import Names, event_line
from webapp.ui.cases.models import CasePage, EventLine, ReasonedAct
from webapp.ui.cases.payments import payment_lines
from webapp.ui.cases.process import decisions_of, process_of
from webapp.ui.cases.progress import node_lines, status_line
from webapp.ui.cases.signing import Signing, SigningAttempt
from webapp.ui.forms import answers
from webapp.ui.groups import group_options
from webapp.ui.problems import Problem
from workflows.cases.documents import list_documents
from workflows.cases.reading import get_case, list_events
from workflows.cases.signing import possible_signers, signing_steps
from workflows.cases.views import CaseDetail, EventRow, TaskRow
from workflows.clock import Clock, office_date
from workflows.permissions import Actor

EVENTS = 200
MEGABYTE = 2**20


@dataclass(frozen=True)
class Attempt:
    """What the reader tried on the page that did not pass.

    Args:
        verb: which act on the case, with its `reason`.
    """

    verb: str | None = None
    reason: str = ""
    problems: tuple[Problem, ...] = ()
    signing: SigningAttempt | None = None


def case_page(
    session: Session, case_no: str, attempt: Attempt, *, actor: Actor, clock: Clock, cursor: str | None = None
) -> CasePage:
    """Build the case page.

    Raises:
        NotFoundError: no such case for the actor.
    """
    case = get_case(session, case_no, actor=actor, clock=clock)
    process = process_of(session, case)
    model = process.model
    events = list_events(session, case_no, actor=actor, cursor=cursor, limit=EVENTS)
    options = group_options(session, office_date(clock.now()))
    names = Names(model, decisions_of(model), process.form, options)
    return CasePage(
        detail=case,
        now=clock.now(),
        facts=answers(case.application_schema, case.data, options=options),
        documents=list_documents(session, case_no, actor=actor),
        steps=status_line(case, model),
        nodes=node_lines(case, model),
        events=_newest_first(events.items, names),
        more_events_address=url_for("pages.cases.detail", no=case_no, cursor=events.next) if events.next else None,
        payments=payment_lines(session, case_no, actor=actor),
        my_task=_my_task(case, actor),
        reasoned=tuple(_REASONED[verb](case_no) for verb in case.verbs if verb in _REASONED),
        upload_max_mb=config().upload_max_bytes // MEGABYTE,
        signing=_signing(session, case_no, actor, clock),
        signing_attempt=attempt.signing,
        acting=attempt.verb,
        reason=attempt.reason,
        problems=attempt.problems,
    )


def _signing(session: Session, case_no: str, actor: Actor, clock: Clock) -> Signing | None:
    steps = signing_steps(session, case_no, actor=actor, clock=clock)
    return Signing(steps, tuple(possible_signers(session, clock=clock))) if steps else None


def _newest_first(events: Sequence[EventRow], names: Names) -> tuple[EventLine, ...]:
    return tuple(event_line(event, names) for event in reversed(events))


def _my_task(case: CaseDetail, actor: Actor) -> TaskRow | None:
    return next((task for task in case.open_tasks if "complete" in task.verbs), None)


def _withdraw(case_no: str) -> ReasonedAct:
    return ReasonedAct(
        verb="withdraw",
        icon="undo",
        label=_("撤回申请…"),
        consequence=_("撤回后办件终止，各单位的任务取消；以后可以重新申请"),
        button=_("撤回申请"),
        address=url_for("pages.cases.withdraw", no=case_no),
    )


def _suspend(case_no: str) -> ReasonedAct:
    return ReasonedAct(
        verb="suspend",
        icon="pause",
        label=_("中止…"),
        consequence=_("有规定事由才可以中止；中止后暂停计时，恢复时期限顺延所停天数"),
        button=_("中止办理"),
        address=url_for("pages.cases.suspend", no=case_no),
    )


def _resume(case_no: str) -> ReasonedAct:
    return ReasonedAct(
        verb="resume",
        icon="play",
        label=_("恢复办理…"),
        consequence=_("恢复后继续计时，期限顺延所停天数"),
        button=_("恢复办理"),
        address=url_for("pages.cases.resume", no=case_no),
    )


_REASONED: dict[str, Callable[[str], ReasonedAct]] = {"withdraw": _withdraw, "suspend": _suspend, "resume": _resume}
