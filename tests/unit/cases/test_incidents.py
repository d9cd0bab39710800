"""故障: what the engine or the routing cannot do stands still, says why, and is tried again by a person."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from importlib import import_module

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tests.factories.cases import Office, application, issuer, seed_everything
from tests.factories.org import actor, agency, person
from workflows import audit, cases, engine, outbox
from workflows.agencies.models import AgencyGroupMember
from workflows.audit import AuditEntry
from workflows.cases import OUTBOX_HANDLERS, Case, ChangeSigner, HumanTask, OutsideMessage, ReturnTask, effects
from workflows.cases.models import CaseSnapshot
from workflows.clock import FixedClock
from workflows.errors import EngineError, NotFoundError, PermissionDeniedError, StateConflictError

ADMIN = "admin.system"
return_task_module = import_module("workflows.cases.return_task")  # the package has a function of that name


@pytest.fixture
def office(session: Session, clock: FixedClock) -> Office:
    seed_everything(session, clock)
    return Office(session, clock)


def leave(office: Office, code: str, on: date | None) -> None:
    """End the membership of a county in its groups, or with None let it go on."""
    member = agency(office.session, code).id
    office.session.execute(update(AgencyGroupMember).where(AgencyGroupMember.agency_id == member).values(valid_to=on))
    office.session.commit()


def stuck(office: Office) -> tuple[str, int, int]:
    """A case whose acceptance failed since its county is no longer responsible: number, task, incident."""
    no = office.open("enterprise-a.applicant", application(issuer(0, "JIANGXIAN"))).case_no
    leave(office, "JIANGXIAN", date(2019, 10, 1))
    task_id = office.take("jr.handler", "formal_check", no)
    moved = office.complete("jr.handler", task_id, "accept")
    assert moved.incident_id is not None
    return no, task_id, moved.incident_id


def incidents(office: Office) -> list[tuple[str, str | None, str]]:
    who = actor(office.session, ADMIN, office.clock)
    return [(i.case_no, i.node_id, i.cause) for i in cases.list_incidents(office.session, actor=who).items]


def events(office: Office) -> list[str]:
    return list(office.session.scalars(select(AuditEntry.event).order_by(AuditEntry.id)))


def test_a_failure_leaves_the_case_as_it_was_and_names_case_step_and_cause(office: Office) -> None:
    no, task_id, _ = stuck(office)
    ((case_no, node_id, cause),) = incidents(office)
    assert (case_no, node_id) == (no, "county_verify")
    assert "JIANGXIAN" in cause
    task = office.session.get_one(HumanTask, task_id, populate_existing=True)
    assert (task.status, task.decision, task.completed_at) == ("reserved", None, None)
    assert office.session.scalars(select(Case.status).where(Case.no == no)).one() == "submitted"
    assert events(office)[-1] == "incident.opened"
    assert "task.completed" not in events(office)


def test_other_cases_go_on(office: Office) -> None:
    stuck(office)
    no = office.accept("YHQ")
    office.verify(no, "YHQ")


def test_once_the_cause_is_gone_a_retry_moves_the_case_and_resolves_the_incident(office: Office) -> None:
    no, task_id, incident_id = stuck(office)
    leave(office, "JIANGXIAN", None)
    moved = office.act(cases.retry_incident, ADMIN, incident_id)
    assert [(step.name.code, step.agency and step.agency.code) for step in moved.next_steps] == [
        ("county_verify", "JIANGXIAN")
    ]
    assert incidents(office) == []
    assert {"task.completed", "incident.resolved"} <= set(events(office))
    task = office.session.get_one(HumanTask, task_id, populate_existing=True)
    assert task.completed_by_person_id == actor(office.session, "jr.handler", office.clock).person_id
    with pytest.raises(StateConflictError):
        office.act(cases.retry_incident, ADMIN, incident_id)
    office.verify(no, "JIANGXIAN")
    assert audit.verify(office.session).ok


def test_a_retry_that_fails_again_leaves_one_incident_open(office: Office) -> None:
    _, _, incident_id = stuck(office)
    office.act(cases.retry_incident, ADMIN, incident_id)
    assert len(incidents(office)) == 1


def test_completing_by_hand_once_the_cause_is_gone_resolves_the_incident_too(office: Office) -> None:
    _, task_id, incident_id = stuck(office)
    leave(office, "JIANGXIAN", None)
    office.complete("jr.handler", task_id, "accept")
    assert incidents(office) == []
    with pytest.raises(StateConflictError):
        office.act(cases.retry_incident, ADMIN, incident_id)


@pytest.mark.parametrize("who", ["jr.handler", "jr.leader", "enterprise-a.applicant", "admin.security", "admin.audit"])
def test_only_the_system_administrator_sees_and_retries_incidents(office: Office, who: str) -> None:
    _, _, incident_id = stuck(office)
    with pytest.raises(PermissionDeniedError):
        office.act(cases.retry_incident, who, incident_id)
    with pytest.raises(PermissionDeniedError):
        cases.list_incidents(office.session, actor=actor(office.session, who, office.clock))


def test_an_incident_that_never_was_is_not_found(office: Office) -> None:
    with pytest.raises(NotFoundError):
        office.act(cases.retry_incident, ADMIN, 4711)


def test_an_officer_who_has_left_cannot_be_retried_for(office: Office) -> None:
    _, _, incident_id = stuck(office)
    office.session.execute(update(cases.HumanTask).values(assignee_person_id=cases.HumanTask.assignee_person_id))

    person(office.session, "jr.handler").is_active = False
    office.session.commit()
    with pytest.raises(StateConflictError):
        office.act(cases.retry_incident, ADMIN, incident_id)


def test_an_outside_answer_the_engine_cannot_take_is_retried_as_the_outside(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    no = office.filed("YHQ")

    def broken(*args: object, **kwargs: object) -> None:
        raise EngineError("recognised_or_not", "division by zero")

    data = {"document_number": "晋金办〔2019〕15号", "amount_fen": 1}
    with monkeypatch.context() as patch:
        patch.setattr(engine, "complete", broken)
        office.act(cases.receive_message, "pjr.system", OutsideMessage("m-1", "recognition", no, "recognised", data))
    assert incidents(office) == [(no, "recognised_or_not", "recognised_or_not: division by zero")]
    who = actor(office.session, ADMIN, office.clock)
    (row,) = cases.list_incidents(office.session, actor=who).items
    moved = office.act(cases.retry_incident, ADMIN, row.id)
    assert [step.name.code for step in moved.next_steps] == ["payment_propose"]
    assert incidents(office) == []
    while outbox.drain(office.session, OUTBOX_HANDLERS, clock=office.clock):
        office.session.commit()


def test_an_effect_nobody_offers_is_an_incident_and_is_retried(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    no = office.filed("YHQ")
    office.recognise(no)
    task = office.take("cz.handler", "payment_propose", no)
    with monkeypatch.context() as patch:
        patch.delitem(effects._EFFECTS, "payment.propose")
        moved = office.complete("cz.handler", task, "propose", period="2019")
    ((case_no, node_id, cause),) = incidents(office)
    assert (case_no, node_id, moved.task_id) == (no, "payment_propose", task)
    assert "payment.propose" in cause
    assert moved.incident_id is not None
    office.act(cases.retry_incident, ADMIN, moved.incident_id)
    assert incidents(office) == []
    assert office.session.get_one(HumanTask, task, populate_existing=True).status == "completed"


def broken_at(node_id: str) -> Callable[..., None]:
    def broken(*args: object, **kwargs: object) -> None:
        raise EngineError(node_id, "out of order")

    return broken


def test_a_return_that_fails_half_way_leaves_the_case_as_it_was_and_is_retried(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    no = office.accept("YHQ")
    office.verify(no, "YHQ")
    task = office.take("jr.handler", "municipal_review", no)
    command = ReturnTask(task, "材料有误", "county_verify")
    with monkeypatch.context() as patch:
        patch.setattr(return_task_module, "write", broken_at("county_verify"))
        moved = office.act(cases.return_task, "jr.handler", command)
    assert moved.incident_id is not None
    assert incidents(office) == [(no, "county_verify", "county_verify: out of order")]
    assert office.session.scalars(select(CaseSnapshot)).all() == []
    assert office.session.scalars(select(HumanTask.id).where(HumanTask.voided_at.is_not(None))).all() == []
    again = office.act(cases.retry_incident, ADMIN, moved.incident_id)
    assert [step.name.code for step in again.next_steps] == ["county_verify"]
    assert incidents(office) == []
    assert audit.verify(office.session).ok


def test_a_signer_who_could_not_be_added_is_added_by_the_retry(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    no = office.accept("YHQ")
    task = office.find("yanhu.handler", "county_verify", no).id
    with monkeypatch.context() as patch:
        patch.setattr(engine, "add_signer", broken_at("county_verify"))
        moved = office.act(cases.add_signer, "jr.handler", ChangeSigner(task, "涉及两县", "HEJIN"))
    assert moved.incident_id is not None
    office.act(cases.retry_incident, ADMIN, moved.incident_id)
    assert incidents(office) == []
    office.find("hejin.handler", "county_verify", no)


def test_an_incident_of_a_case_that_is_withdrawn_is_over(office: Office) -> None:
    no, _, _ = stuck(office)
    office.act(cases.withdraw_case, "enterprise-a.applicant", no, reason="不再申请")
    assert incidents(office) == []
