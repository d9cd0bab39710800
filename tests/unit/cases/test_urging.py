"""催办: who may remind whom, once a day, and who gets a letter instead."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories.cases import Office, application, issuer, seed_everything
from tests.factories.org import actor
from workflows import audit, cases
from workflows.audit import AuditEntry
from workflows.cases.collaboration.urge import Urged, urge_task, urgeable
from workflows.cases.models import Case, HumanTask
from workflows.cases.notifications import list_notifications
from workflows.clock import FixedClock
from workflows.errors import (
    AlreadyUrgedError,
    InvalidInputError,
    LetterNeededError,
    NotFoundError,
    PermissionDeniedError,
    StateConflictError,
)


@pytest.fixture
def office(session: Session, clock: FixedClock) -> Office:
    seed_everything(session, clock)
    return Office(session, clock)


@pytest.fixture
def task_id(office: Office) -> int:
    """A county's verification that nobody has claimed."""
    office.accept("YHQ")
    return office.find("yanhu.handler", "county_verify").id


def urge(office: Office, username: str, task_id: int, reason: str = "临近期限") -> Urged:
    return office.act(urge_task, username, task_id, reason=reason)


def told(office: Office, username: str) -> list[str]:
    who = actor(office.session, username, office.clock)
    return [row.kind for row in list_notifications(office.session, actor=who, clock=office.clock).items]


@pytest.mark.parametrize("who", ["dc.supervisor", "jr.handler", "jr.leader", "yanhu.reviewer"])
def test_supervisors_leads_and_own_heads_remind_whoever_could_take_it(office: Office, task_id: int, who: str) -> None:
    before = office.queue("yanhu.handler")[0]
    assert urge(office, who, task_id).told == 2
    assert told(office, "yanhu.handler") == told(office, "yanhu.handler2") == ["urged"]
    assert told(office, "yanhu.reviewer") == []
    assert office.queue("yanhu.handler")[0].due_at == before.due_at
    entry = office.session.scalars(select(AuditEntry).where(AuditEntry.event == "task.urged")).one()
    assert (entry.task_id, entry.payload["agency"]) == (task_id, "YHQ")
    assert audit.verify(office.session).ok


def test_while_somebody_holds_it_they_alone_are_reminded(office: Office, task_id: int) -> None:
    office.claim("yanhu.handler2", task_id)
    assert urge(office, "dc.supervisor", task_id).told == 1
    assert (told(office, "yanhu.handler"), told(office, "yanhu.handler2")) == ([], ["urged"])


def test_once_a_day_from_each_person_is_enough(office: Office, task_id: int, clock: FixedClock) -> None:
    urge(office, "dc.supervisor", task_id)
    with pytest.raises(AlreadyUrgedError):
        urge(office, "dc.supervisor", task_id)
    urge(office, "jr.leader", task_id)
    clock.advance(timedelta(days=1))
    urge(office, "dc.supervisor", task_id)
    assert told(office, "yanhu.handler") == ["urged"] * 3


@pytest.mark.parametrize("who", ["yanhu.handler", "yanhu.clerk", "enterprise-a.applicant", "admin.system"])
def test_others_who_may_see_it_may_not_remind(office: Office, task_id: int, who: str) -> None:
    with pytest.raises(PermissionDeniedError):
        urge(office, who, task_id)


@pytest.mark.parametrize("who", ["cz.leader", "hejin.handler"])
def test_another_agencys_task_is_not_found(office: Office, task_id: int, who: str) -> None:
    with pytest.raises(NotFoundError):
        urge(office, who, task_id)
    with pytest.raises(NotFoundError):
        urge(office, "dc.supervisor", 999_999)


def test_bodies_outside_the_city_get_a_letter(office: Office) -> None:
    office.filed("YHQ")
    province = office.find("pjr.handler", "recognise").id
    with pytest.raises(LetterNeededError) as refused:
        urge(office, "dc.supervisor", province)
    assert refused.value.agency_code == "PJR"
    office.open("enterprise-a.applicant", application(issuer(0, "YHQ")))
    items = [{"material": "审计报告", "problem": "缺页", "requirement": "补齐"}]
    office.do("jr.handler", "formal_check", "supplement", opinion="缺", supplement_items=items)
    waiting = office.session.scalars(
        select(HumanTask.id).where(HumanTask.role == "applicant", HumanTask.status == "ready")
    ).one()
    with pytest.raises(LetterNeededError):
        urge(office, "jr.handler", waiting)


@pytest.mark.parametrize("reason", ["", "  ", "长" * 2001, "\x07"])
def test_a_reason_is_needed(office: Office, task_id: int, reason: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        urge(office, "dc.supervisor", task_id, reason)
    assert [error.field for error in refused.value.errors] == ["reason"]


def test_what_is_over_or_stands_still_is_not_urged(office: Office, task_id: int) -> None:
    no = office.queue("yanhu.handler")[0].case_no
    office.act(cases.suspend_case, "jr.leader", no, reason="等待")
    with pytest.raises(StateConflictError):
        urge(office, "dc.supervisor", task_id)
    office.act(cases.resume_case, "jr.leader", no, reason="恢复")
    office.do("yanhu.handler", "county_verify", "agree")
    with pytest.raises(StateConflictError):
        urge(office, "dc.supervisor", task_id)


def test_what_may_be_urged_is_offered_to_those_who_may(office: Office, task_id: int) -> None:
    root = office.session.scalars(select(Case)).one()
    offered = {}
    for who in ("dc.supervisor", "jr.handler", "yanhu.reviewer", "yanhu.handler", "enterprise-a.applicant"):
        reader = actor(office.session, who, office.clock)
        offered[who] = urgeable(office.session, root.id, root.measure_no, actor=reader, clock=office.clock)
    assert offered == {
        "dc.supervisor": {task_id},
        "jr.handler": {task_id},
        "yanhu.reviewer": {task_id},
        "yanhu.handler": set(),
        "enterprise-a.applicant": set(),
    }
