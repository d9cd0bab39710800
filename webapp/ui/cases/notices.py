"""From the facts of an official document to its paper."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from webapp import wording
from webapp.translation import _
from webapp.ui.cases.process import model_of
from webapp.ui.language import pick
from webapp.ui.tasks.detail import CALENDARS
from workflows.agencies.directory import get_agency
from workflows.cases.main_clock import total_limit
from workflows.cases.reading import get_case
from workflows.cases.views import CaseDetail, NoticeRow
from workflows.clock import Clock, office_date
from workflows.deadlines import deadline
from workflows.engine import ProcessModel
from workflows.engine.model import Node
from workflows.permissions import Actor


@dataclass(frozen=True)
class SupplementItem:
    """A paper to be supplied: which, what is wrong with it, what is needed."""

    material: str
    problem: str
    requirement: str | None


@dataclass(frozen=True)
class PaidItem:
    """What a part of the case came to."""

    name: str
    outcome: str


@dataclass(frozen=True)
class NoticePage:
    """An official document as its paper states it.

    Args:
        to, sender: full names.
        applied_on, issued_on: office dates.
        limit_days, due_on: the time limit that begins with acceptance, or the applicant's for a supplement.
        uncounted: names of the steps whose time is not counted.
        refusal: the document refuses something, so the remedies are stated.
    """

    kind: str
    title: str
    no: str
    document_no: str | None
    voided: bool
    to: str
    sender: str
    subject: str
    applied_on: date
    issued_on: date
    limit_days: int | None
    due_on: date | None
    uncounted: tuple[str, ...]
    items: tuple[SupplementItem, ...]
    parts: tuple[PaidItem, ...]
    outcome: str | None
    reason: str | None
    refusal: bool


_REFUSALS = frozenset({"not_accepted", "provincial_refused", "refused", "ineligible"})


def notice_page(session: Session, notice: NoticeRow, *, actor: Actor, clock: Clock) -> NoticePage:
    """Build the paper of `notice`."""
    case = get_case(session, notice.case_no, actor=actor, clock=clock)
    model = model_of(session, case)
    waits = [node for node in model.user_tasks() if node.attributes.get("clock") == "pause"]
    outcome = notice.facts.get("outcome") or (case.row.outcome if notice.kind == "completion" else None)
    limit_days = _limit(notice.kind, model)
    return NoticePage(
        kind=notice.kind,
        title=wording.notice_kind(notice.kind),
        no=notice.case_no,
        document_no=notice.document_no,
        voided=notice.voided_at is not None,
        to=case.row.applicant_name,
        sender=_sender(session, case, notice.issued_at),
        subject=pick(case.process_name.zh, case.process_name.en),
        applied_on=office_date(case.row.opened_at),
        issued_on=office_date(notice.issued_at),
        limit_days=limit_days,
        due_on=_due(session, notice.issued_at, limit_days),
        uncounted=tuple(pick(node.name or node.id, node.name_en) for node in waits),
        items=_items(notice.facts.get("supplement_items") or ()),
        parts=_parts(case),
        outcome=wording.outcome(str(outcome)) if outcome else None,
        reason=notice.facts.get("reason") or notice.facts.get("opinion"),
        refusal=notice.kind == "not_accepted" or outcome in _REFUSALS,
    )


def _sender(session: Session, case: CaseDetail, at: datetime) -> str:
    if not case.leads:
        return _("主办单位")
    agency = get_agency(session, case.leads[0].code, office_date(at))
    return pick(agency.name_zh, agency.name_en)


def _limit(kind: str, model: ProcessModel) -> int | None:
    if kind == "acceptance":
        if (total := total_limit(model)) is not None:
            return total
        return sum(_days(node) for node in model.user_tasks() if _counts_after_acceptance(node))
    if kind == "supplement":
        asked = [node for node in model.user_tasks() if node.attributes.get("role") == "applicant"]
        return _days(asked[0]) if asked else None
    return None


def _days(node: Node) -> int:
    days = node.attributes.get("workingDays", "0")
    return int(days) if days.isdecimal() else 0


def _counts_after_acceptance(node: Node) -> bool:
    """The steps of lead and supporting agencies, but not the one that accepts."""
    accepts = any(decision.notice == "acceptance" for decision in node.decisions)
    return node.attributes.get("role") in ("lead", "support") and not accepts


def _due(session: Session, at: datetime, limit_days: int | None) -> date | None:
    if not limit_days:
        return None
    return deadline(CALENDARS.current(session), office_date(at), limit_days).due_on


def _items(given: Sequence[Mapping[str, Any]]) -> tuple[SupplementItem, ...]:
    return tuple(
        SupplementItem(str(item.get("material", "")), str(item.get("problem", "")), item.get("requirement"))
        for item in given
    )


def _parts(case: CaseDetail) -> tuple[PaidItem, ...]:
    return tuple(PaidItem(child.title, wording.outcome(child.outcome)) for child in case.children if child.outcome)
