"""Papers and the archive: what the archive freezes is all there is."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from tests.factories.cases import Office, application, issuer, seed_everything
from tests.factories.org import actor
from workflows import cases
from workflows.cases import Case, NewDocument
from workflows.cases.aggregate import lock_family
from workflows.cases.models import CaseDocument, CaseStatus
from workflows.clock import FixedClock
from workflows.errors import StateConflictError

APPLICANT = "enterprise-a.applicant"
PAPER = NewDocument("other", "说明.pdf", "application/pdf", 1, "0" * 64)


@pytest.fixture
def office(session: Session, clock: FixedClock) -> Office:
    seed_everything(session, clock)
    return Office(session, clock)


def test_a_paper_does_not_slip_in_while_the_case_is_being_ended(office: Office, engine: Engine) -> None:
    no = office.open(APPLICANT, application(issuer(0, "YHQ"))).case_no
    case = office.session.scalars(select(Case).where(Case.no == no)).one()
    who = actor(office.session, APPLICANT, office.clock)
    office.session.commit()
    said: list[str] = []

    def add() -> None:
        with Session(engine) as other:
            other.connection(execution_options={"write": True})
            try:
                cases.add_document(other, no, PAPER, actor=who, clock=office.clock)
                other.commit()
            except StateConflictError as error:
                said.append(error.state)

    office.session.connection(execution_options={"write": True})
    lock_family(office.session, case.id)
    thread = threading.Thread(target=add)
    thread.start()
    thread.join(0.5)  # long enough to get to the lock; without one the paper is in by now
    case.status = CaseStatus.CLOSED
    office.session.commit()
    thread.join(20)
    assert said == ["closed"]
    assert office.session.scalars(select(CaseDocument)).all() == []
