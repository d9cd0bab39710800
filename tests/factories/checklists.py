"""Papers on the lines of a checklist: stored files of every kind, and whole sets for an application."""

from __future__ import annotations

import hashlib
from typing import Any

from sqlalchemy.orm import Session

from tests.factories.cases import USCCS, Office
from tests.factories.org import actor
from workflows import cases
from workflows.cases import NewDocument
from workflows.cases.paper_views import DocumentRow, MaterialLine, MaterialList
from workflows.clock import Clock

APPLICANT = "enterprise-a.applicant"
SHARED = ("registration", "prospectus", "issue_certificate")
OF_ISSUER = ("business_licence", "account_certificate", "commitment")


def paper(item: str | None, name: str = "证明.pdf", **changes: Any) -> NewDocument:
    """A stored file for a line of the checklist; its bytes differ with its name and changes."""
    sha256 = hashlib.sha256(f"{item}{name}{changes}".encode()).hexdigest()
    return NewDocument(
        **{
            "kind": item or "other",
            "name": name,
            "media_type": "application/pdf",
            "size": 1000,
            "sha256": sha256,
            "item": item,
            **changes,
        }
    )


def add(office: Office, case_no: str, item: str | None, who: str = APPLICANT, **changes: Any) -> DocumentRow:
    """Add a paper as somebody."""
    return office.act(cases.add_document, who, case_no, paper(item, **changes))


def supply_all(office: Office, case_no: str, issuers: int = 1) -> None:
    """Add every required paper of an application for convertible bonds, or of a joint note."""
    for item in (*SHARED, "conversion_terms" if issuers == 1 else "power_of_attorney"):
        add(office, case_no, item)
    for number in range(issuers):
        for item in OF_ISSUER:
            add(office, case_no, item, subject=USCCS[number])


def checklist(session: Session, case_no: str, who: str, clock: Clock) -> MaterialList:
    """The checklist as somebody sees it."""
    return cases.list_materials(session, case_no, actor=actor(session, who, clock))


def line(given: MaterialList, item: str, subject: str | None = None) -> MaterialLine:
    """One line of it."""
    found = [one for one in given.lines if one.item == item and subject in (None, one.subject)]
    assert len(found) == 1, [(one.item, one.subject) for one in given.lines]
    return found[0]
