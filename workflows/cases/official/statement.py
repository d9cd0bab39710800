"""What an official document states, fixed when it is issued: later changes of case, calendar or names pass it by."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.agencies.models import Agency
from workflows.cases.limits import CALENDARS
from workflows.cases.main_clock import total_limit
from workflows.cases.models import Case, HumanTask, TaskStatus
from workflows.clock import office_date
from workflows.deadlines import deadline
from workflows.engine import ProcessModel
from workflows.engine.model import Node
from workflows.processes import load_version

REFUSALS = frozenset({"not_accepted", "provincial_refused", "refused", "ineligible"})
"""Outcomes that refuse something, so that the remedies are stated."""


@dataclass(frozen=True)
class SupplementItem:
    """A paper to be supplied: which, what is wrong with it, what is needed."""

    material: str
    problem: str
    requirement: str | None = None


@dataclass(frozen=True)
class PartOutcome:
    """What a part of the case came to; `outcome` is a code."""

    name: str
    outcome: str


@dataclass(frozen=True)
class Statement:
    """The content of a document. Names are official and Chinese, as the document is.

    Args:
        document_no: 文号; None where nobody is responsible who keeps a register.
        applied_on, issued_on: office dates.
        limit_days, due_on: the time limit that begins with acceptance, or the applicant's for a supplement.
        uncounted: names of the steps whose time is not counted.
        outcome: code of what the case came to.
        reason: why something is refused or withdrawn.
        basis: number of the document a refusal rests on.
        paid_fen: what was paid in this case, confirmed by the bank.
        contact: who did it at the issuer; None for the system.
    """

    kind: str
    document_no: str | None
    case_no: str
    to: str
    sender: str | None
    subject: str
    applied_on: date
    issued_on: date
    limit_days: int | None = None
    due_on: date | None = None
    uncounted: tuple[str, ...] = ()
    items: tuple[SupplementItem, ...] = ()
    parts: tuple[PartOutcome, ...] = ()
    outcome: str | None = None
    reason: str | None = None
    basis: str | None = None
    paid_fen: int | None = None
    refusal: bool = False
    contact: str | None = None
    phone: str | None = None


@dataclass(frozen=True)
class Issue:
    """The act of issuing, as far as the content depends on it.

    Args:
        facts: what came with the act.
        issuer_id: the issuing agency.
        contact: who acted, if a person did.
    """

    kind: str
    facts: Mapping[str, Any]
    document_no: str | None
    issuer_id: int | None
    contact: str | None
    at: datetime


Paid = Callable[[Session, int], int]
"""Tells what was paid in a case and its children, in 分."""

_PAID: list[Paid] = []


def register_paid(paid: Paid) -> None:
    """Have documents on completion state what the package that knows of money says was paid."""
    _PAID[:] = [paid]


def _paid(session: Session, case_id: int) -> int | None:
    return sum(paid(session, case_id) for paid in _PAID) or None


def state(session: Session, case: Case, issue: Issue) -> Statement:
    """Gather what a document states at the moment it is issued."""
    model = _model(session, case)
    outcome = issue.facts.get("outcome")
    refusal = issue.kind == "not_accepted" or outcome in REFUSALS
    limit_days = _limit(issue.kind, model)
    grounds = {**_grounds(session, case.id), **issue.facts} if refusal else issue.facts
    sender, phone = _sender(session, issue.issuer_id)
    return Statement(
        kind=issue.kind,
        document_no=issue.document_no,
        case_no=case.no,
        to=case.applicant_name,
        sender=sender,
        subject=model.name,
        applied_on=office_date(case.opened_at),
        issued_on=office_date(issue.at),
        limit_days=limit_days,
        due_on=_due(session, issue.at, limit_days),
        uncounted=_uncounted(model) if issue.kind == "acceptance" else (),
        items=_items(issue.facts.get("supplement_items") or ()),
        parts=_parts(session, case) if issue.kind == "completion" else (),
        outcome=str(outcome) if outcome else None,
        reason=grounds.get("reason") or (issue.facts.get("opinion") if refusal else None),
        basis=grounds.get("document_number") if refusal else None,
        paid_fen=_paid(session, case.id) if issue.kind == "completion" else None,
        refusal=refusal,
        contact=issue.contact,
        phone=phone,
    )


def read_statement(data: Mapping[str, Any]) -> Statement:
    """Return a statement as it was kept, as JSON values."""
    values = {field.name: data[field.name] for field in fields(Statement) if field.name in data}
    for name in ("applied_on", "issued_on", "due_on"):
        values[name] = date.fromisoformat(values[name]) if values.get(name) else None
    values["uncounted"] = tuple(values.get("uncounted", ()))
    values["items"] = tuple(SupplementItem(**item) for item in values.get("items", ()))
    values["parts"] = tuple(PartOutcome(**part) for part in values.get("parts", ()))
    return Statement(**values)


def _model(session: Session, case: Case) -> ProcessModel:
    return load_version(session, case.process_version_id).process.model


def _sender(session: Session, agency_id: int | None) -> tuple[str | None, str | None]:
    if agency_id is None:
        return None, None
    row = session.execute(select(Agency.name_zh, Agency.phone).where(Agency.id == agency_id)).one()
    return row.name_zh, row.phone


def _grounds(session: Session, case_id: int) -> Mapping[str, Any]:
    """What was filled in with the decision that refuses: the last one of the case."""
    data = session.scalar(
        select(HumanTask.data)
        .where(HumanTask.case_id == case_id, HumanTask.status == TaskStatus.COMPLETED, HumanTask.voided_at.is_(None))
        .order_by(HumanTask.completed_at.desc(), HumanTask.id.desc())
        .limit(1)
    )
    return data if isinstance(data, Mapping) else {}


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


def _uncounted(model: ProcessModel) -> tuple[str, ...]:
    return tuple(node.name or node.id for node in model.user_tasks() if node.attributes.get("clock") == "pause")


def _due(session: Session, at: datetime, limit_days: int | None) -> date | None:
    if not limit_days:
        return None
    return deadline(CALENDARS.current(session), office_date(at), limit_days).due_on


def _items(given: Sequence[Mapping[str, Any]]) -> tuple[SupplementItem, ...]:
    return tuple(
        SupplementItem(str(item.get("material", "")), str(item.get("problem", "")), item.get("requirement") or None)
        for item in given
    )


def _parts(session: Session, case: Case) -> tuple[PartOutcome, ...]:
    rows = session.execute(
        select(Case.applicant_name, Case.outcome)
        .where(Case.parent_id == case.id, Case.outcome.is_not(None))
        .order_by(Case.child_index)
    )
    return tuple(PartOutcome(row.applicant_name, row.outcome) for row in rows)
