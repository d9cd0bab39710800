"""Issuing official documents to the applicant: numbered from the lead's register, their content fixed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from workflows import audit, outbox
from workflows.cases.models import Case, Notice
from workflows.cases.official.numbering import next_document_number
from workflows.cases.official.statement import Issue, state
from workflows.cases.search.indexing import add_pieces
from workflows.cases.search.pieces import notice_pieces
from workflows.cases.telling import tell_applicant
from workflows.clock import Clock, office_date
from workflows.errors import NotFoundError
from workflows.events import EventType
from workflows.permissions import Actor
from workflows.policies.responsibilities import leads


def issue_notice(
    session: Session, case_id: int, *, kind: str, facts: Mapping[str, Any], actor: Actor | None, clock: Clock
) -> None:
    """Tell the applicant of a case something official, under the lead's next 文号, in the transaction of the act.

    Args:
        session: the transaction.
        case_id: the case or child case.
        kind: `acceptance`, `supplement`, `not_accepted`, `completion`, `withdrawn` or `deemed_withdrawn`.
        facts: what the wording needs beside the case itself.
        actor: whose act it comes with, or None for the system.
        clock: tells when.
    """
    case = session.scalars(select(Case).where(Case.id == case_id)).one()
    now = clock.now()
    on = office_date(now)
    issuer_id = _issuer(session, case, on)
    taken = next_document_number(session, issuer_id, on.year) if issuer_id is not None else None
    no = taken.no if taken else None
    contact = actor.person_name if actor and actor.agency_id == issuer_id else None
    last = session.scalar(select(func.max(Notice.number)).where(Notice.case_id == case_id, Notice.kind == kind))
    content = state(session, case, Issue(kind, facts, no, issuer_id, contact, now))
    session.add(
        Notice(
            case_id=case_id,
            kind=kind,
            number=(last or 0) + 1,
            to_agency_id=case.applicant_agency_id or case.opened_by_agency_id,
            facts=dict(facts),
            issued_at=now,
            issuer_agency_id=issuer_id,
            register_year=taken.year if taken else None,
            register_number=taken.number if taken else None,
            document_no=no,
            content=content,
        )
    )
    add_pieces(session, {case_id, case.parent_id or case_id}, notice_pieces(no, asdict(content), None))
    payload = {"notice": kind, "no": no}
    audit.append(session, actor=actor, event=EventType.NOTICE_ISSUED, case_id=case_id, payload=payload, clock=clock)
    outbox.wake(session)  # the papers are made once this has committed
    tell_applicant(session, case, kind, clock=clock)


def _issuer(session: Session, case: Case, on: date) -> int | None:
    """The lead (主办) issues; a joint document carries its number, the first of the clause. Nobody, if none is left."""
    try:
        found = leads(session, case.measure_no, on)
    except NotFoundError:
        return None
    return found[0].id if found else None
