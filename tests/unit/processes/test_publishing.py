"""A version is published by two persons, for new cases only, and never with faults."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tests.factories.cases import LIBRARY, Office, application, issuer, seed_everything
from tests.factories.org import person
from workflows import processes
from workflows.cases import Case
from workflows.clock import FixedClock
from workflows.errors import PermissionDeniedError, SamePersonError, StateConflictError
from workflows.processes import Draft, FindingsError, ProcessVersion, get_process

KEY = "bond_subsidy"
DRAFTER, APPROVER = "admin.system", "admin.security"
DIAGRAM = (LIBRARY / KEY / "process.bpmn").read_bytes()
CHANGED = DIAGRAM.replace(b'lianban:workingDays="2"', b'lianban:workingDays="3"')


@pytest.fixture
def office(session: Session, clock: FixedClock) -> Office:
    seed_everything(session, clock)
    return Office(session, clock)


def draft(office: Office, diagram: bytes = CHANGED) -> Draft:
    return office.act(processes.create_draft, DRAFTER, KEY, diagram)


def requested(office: Office) -> Draft:
    return office.act(processes.request_publish, DRAFTER, KEY, draft(office).id)


@pytest.mark.parametrize("column", ["drafted_by", "requested_by"])
def test_who_drafted_or_asked_does_not_approve(office: Office, column: str) -> None:
    asked = requested(office)
    same = person(office.session, APPROVER).id
    office.session.execute(update(ProcessVersion).where(ProcessVersion.id == asked.id).values({column: same}))
    office.session.commit()
    with pytest.raises(SamePersonError):
        office.act(processes.approve, APPROVER, KEY, asked.id)
    assert get_process(office.session, KEY).version == 1


@pytest.mark.parametrize("who", [DRAFTER, "admin.audit", "jr.leader"])
def test_only_the_security_administrator_approves(office: Office, who: str) -> None:
    asked = requested(office)
    with pytest.raises(PermissionDeniedError):
        office.act(processes.approve, who, KEY, asked.id)


def test_what_nobody_asked_for_is_not_approved_and_nothing_is_approved_twice(office: Office) -> None:
    made = draft(office)
    with pytest.raises(StateConflictError):
        office.act(processes.approve, APPROVER, KEY, made.id)
    office.act(processes.request_publish, DRAFTER, KEY, made.id)
    office.act(processes.approve, APPROVER, KEY, made.id)
    with pytest.raises(StateConflictError):
        office.act(processes.approve, APPROVER, KEY, made.id)


def test_only_new_cases_use_the_new_version(office: Office) -> None:
    before = office.open("enterprise-a.applicant", application(issuer(0, "YHQ"))).case_no
    office.act(processes.approve, APPROVER, KEY, requested(office).id)
    after = office.open("enterprise-a.applicant", application(issuer(0, "YHQ"))).case_no
    query = select(Case.no, ProcessVersion.number).join(ProcessVersion, ProcessVersion.id == Case.process_version_id)
    assert dict(office.session.execute(query).all()) == {before: 1, after: 2}


@pytest.mark.parametrize(
    ("was", "becomes", "code", "element"),
    [
        (b'lianban:form="recognition"', b'lianban:form="nowhere"', "form-missing", "recognise"),
        (b'lianban:applyForm="application"', b'lianban:applyForm="nowhere"', "form-missing", None),
        (b'lianban:effect="payment.propose"', b'lianban:effect="no.such"', "effect-unknown", "payment_propose"),
    ],
)
def test_a_diagram_that_names_what_is_not_there_is_not_published(
    office: Office, was: bytes, becomes: bytes, code: str, element: str | None
) -> None:
    assert was in DIAGRAM
    made = draft(office, DIAGRAM.replace(was, becomes))
    found = [finding for finding in made.findings if finding.code == code]
    assert [finding.element_id for finding in found] == [element]
    assert all("nowhere" in f.message + f.message_en or "no.such" in f.message for f in found)
    with pytest.raises(FindingsError):
        office.act(processes.request_publish, DRAFTER, KEY, made.id)


def test_a_file_that_is_no_diagram_is_kept_with_its_findings(office: Office) -> None:
    made = draft(office, b"<!DOCTYPE x><x/>")
    assert not made.ok
