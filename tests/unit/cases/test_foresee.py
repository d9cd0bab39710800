"""Foreseeing a submission tells exactly what submitting brings, and leaves nothing behind."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.factories.cases import Office, application, issuer, seed_everything
from tests.factories.org import actor
from workflows.audit import AuditEntry
from workflows.cases import CompleteTask, Moved, get_case
from workflows.cases.foresee import foresee_completion
from workflows.cases.models import Case, HumanTask
from workflows.clock import FixedClock
from workflows.errors import InvalidInputError, TaskAlreadyClaimedError


@pytest.fixture
def office(session: Session, clock: FixedClock) -> Office:
    seed_everything(session, clock)
    return Office(session, clock)


def foresee(office: Office, who: str, task_id: int, decision: str, **more: object) -> Moved:
    command = CompleteTask(task_id, decision, **more)  # type: ignore[arg-type]
    officer = actor(office.session, who, office.clock)
    moved = foresee_completion(office.session, command, actor=officer, clock=office.clock)
    office.session.commit()
    return moved


def rows(session: Session) -> list[int]:
    return [session.scalar(select(func.count()).select_from(table)) or 0 for table in (Case, HumanTask, AuditEntry)]


def test_what_is_foreseen_is_what_comes(office: Office) -> None:
    no = office.open("enterprise-a.applicant", application(issuer(0, "YHQ"), issuer(1, "HEJIN"))).case_no
    task_id = office.take("jr.handler", "formal_check")
    before = rows(office.session)

    seen = foresee(office, "jr.handler", task_id, "accept")

    assert rows(office.session) == before
    case = get_case(office.session, no, actor=actor(office.session, "jr.handler", office.clock), clock=office.clock)
    assert [task.node_id for task in case.open_tasks] == ["formal_check"]
    assert office.complete("jr.handler", task_id, "accept") == seen
    assert {step.agency.code for step in seen.next_steps if step.agency} == {"YHQ", "HEJIN"}


def test_foreseeing_refuses_what_submitting_refuses(office: Office) -> None:
    office.open("enterprise-a.applicant", application(issuer(0, "YHQ")))
    task_id = office.take("jr.handler", "formal_check")
    with pytest.raises(InvalidInputError):
        foresee(office, "jr.handler", task_id, "not_accept")
    office.session.rollback()
    with pytest.raises(TaskAlreadyClaimedError):
        foresee(office, "jr.handler2", task_id, "accept")
