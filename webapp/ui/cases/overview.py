"""概况: what was applied for, how far it is, who has it, its money and its parts, and acts on the case as a whole."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from flask import url_for
from sqlalchemy.orm import Session

from webapp.translation import _
from webapp.ui.cases.clocks import CaseClocks, case_clocks
from webapp.ui.cases.models import ReasonedAct, StatusStep
from webapp.ui.cases.opened import OpenedCase
from webapp.ui.cases.payments import payment_lines
from webapp.ui.cases.progress import status_line
from webapp.ui.cases.signing import Signing
from webapp.ui.cases.spent import SpentLine, spent_lines
from webapp.ui.forms import Answer, answers
from webapp.ui.tasks.models import PaymentLine
from webapp.ui.together.present import urgeable_of
from workflows.cases.collaboration.urge import urged_today
from workflows.cases.signing import possible_signers, signing_steps


@dataclass(frozen=True)
class Overview:
    """What the tab shows."""

    facts: tuple[Answer, ...]
    steps: tuple[StatusStep, ...]
    payments: tuple[PaymentLine, ...]
    signing: Signing | None
    clocks: CaseClocks
    reasoned: tuple[ReasonedAct, ...]
    urge: frozenset[int]
    urged: Mapping[int, datetime]
    spent: tuple[SpentLine, ...]


def build(session: Session, case: OpenedCase) -> Overview:
    """Gather what the tab shows."""
    detail = case.detail
    urge = urgeable_of(session, case.no, actor=case.actor, clock=case.clock)
    return Overview(
        facts=answers(detail.application_schema, detail.data, options=case.options),
        steps=status_line(detail, case.process.model),
        payments=payment_lines(session, case.no, actor=case.actor),
        signing=_signing(session, case),
        urge=urge,
        urged=urged_today(session, urge, actor=case.actor, clock=case.clock),
        clocks=case_clocks(session, case),
        reasoned=tuple(_REASONED[verb](case.no) for verb in detail.verbs if verb in _REASONED),
        spent=spent_lines(session, case),
    )


def _signing(session: Session, case: OpenedCase) -> Signing | None:
    steps = signing_steps(session, case.no, actor=case.actor, clock=case.clock)
    return Signing(steps, tuple(possible_signers(session, clock=case.clock))) if steps else None


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
