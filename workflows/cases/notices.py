"""Official documents to the applicant: what they state is fixed here, how they are worded is the page's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from workflows.cases.models import Case, Notice
from workflows.cases.telling import tell_applicant
from workflows.clock import Clock


def issue_notice(session: Session, case_id: int, *, kind: str, facts: Mapping[str, Any], clock: Clock) -> None:
    """Tell the applicant of a case something official.

    Args:
        session: the transaction.
        case_id: the case or child case.
        kind: `acceptance`, `supplement`, `not_accepted`, `completion` or `withdrawn`.
        facts: what the wording needs beside the case itself.
        clock: tells when.
    """
    case = session.scalars(select(Case).where(Case.id == case_id)).one()
    last = session.scalar(select(func.max(Notice.number)).where(Notice.case_id == case_id, Notice.kind == kind))
    session.add(
        Notice(
            case_id=case_id,
            kind=kind,
            number=(last or 0) + 1,
            to_agency_id=case.applicant_agency_id or case.opened_by_agency_id,
            facts=dict(facts),
            issued_at=clock.now(),
        )
    )
    tell_applicant(session, case, kind, clock=clock)
