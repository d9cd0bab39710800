"""通知: told once, in the act's own transaction, and read by nobody else."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories.cases import Office, application, issuer, seed_everything
from tests.factories.org import actor, person
from webapp.notification_words import SENTENCES
from workflows import cases
from workflows.cases import ReturnTask
from workflows.cases.models import Case
from workflows.cases.notifications import NotificationKind, count_unread, list_notifications, mark_read, notify
from workflows.cases.views import NotificationRow
from workflows.clock import FixedClock
from workflows.errors import InvalidInputError, NotFoundError, PermissionDeniedError


@pytest.fixture
def office(session: Session, clock: FixedClock) -> Office:
    seed_everything(session, clock)
    return Office(session, clock)


def told(office: Office, username: str, **asked: object) -> tuple[NotificationRow, ...]:
    who = actor(office.session, username, office.clock)
    return list_notifications(office.session, actor=who, clock=office.clock, **asked).items  # type: ignore[arg-type]


def unread(office: Office, username: str) -> int:
    return count_unread(office.session, actor=actor(office.session, username, office.clock))


def assigned(office: Office) -> int:
    office.open("enterprise-a.applicant", application(issuer(0, "YHQ")))
    task_id = office.find("jr.handler", "formal_check").id
    office.act(cases.assign_task, "jr.reviewer", task_id, to_username="jr.handler2", reason="熟悉情况")
    return task_id


def test_whoever_is_assigned_a_task_is_told_by_whom_and_why(office: Office) -> None:
    task_id = assigned(office)
    (row,) = told(office, "jr.handler2")
    assert (row.kind, row.task_id, row.facts["reason"]) == ("assigned", task_id, "熟悉情况")
    assert row.by is not None
    assert row.by.code == "jr.reviewer"
    assert row.task_name is not None
    assert row.task_name.zh == "形式审查"
    for other in ("jr.handler", "jr.reviewer", "cz.handler", "dc.supervisor"):
        assert told(office, other) == ()


def test_a_transfer_tells_the_new_holder_and_not_the_old_one(office: Office) -> None:
    task_id = assigned(office)
    office.act(cases.transfer_task, "jr.handler2", task_id, to_username="jr.handler", reason="出差")
    assert [row.kind for row in told(office, "jr.handler")] == ["transferred"]
    assert [row.kind for row in told(office, "jr.handler2")] == ["assigned"]


def test_who_assigns_to_themselves_is_not_told(office: Office) -> None:
    no = office.accept("YHQ")
    office.verify(no, "YHQ")
    office.do("jr.handler", "municipal_review", "file", opinion="拟同意申报")
    task_id = office.find("jr.reviewer", "section_review").id
    office.act(cases.assign_task, "jr.reviewer", task_id, to_username="jr.reviewer")
    assert told(office, "jr.reviewer") == ()


def test_a_return_tells_those_whose_step_is_open_again(office: Office) -> None:
    no = office.accept("YHQ")
    office.verify(no, "YHQ")
    task_id = office.take("jr.handler2", "municipal_review")
    office.act(cases.return_task, "jr.handler2", ReturnTask(task_id, "印章不清", "county_verify"))
    (row,) = told(office, "yanhu.handler")
    assert (row.kind, row.case_no, row.facts["reason"]) == ("returned", no, "印章不清")
    assert row.task_id == office.find("yanhu.handler", "county_verify").id
    assert told(office, "jr.handler") == ()


def test_an_applicant_is_told_of_a_supplement_and_of_the_end(office: Office) -> None:
    office.open("enterprise-a.applicant", application(issuer(0, "YHQ")))
    items = [{"material": "审计报告", "problem": "缺页", "requirement": "补齐"}]
    office.do("jr.handler", "formal_check", "supplement", opinion="缺审计报告", supplement_items=items)
    assert [row.kind for row in told(office, "enterprise-a.applicant")] == ["supplement_wanted"]
    no = office.filed("YHQ")
    refusal = {"document_number": "晋金办〔2019〕16号", "reason": "不属于支持范围"}
    office.do("pjr.handler", "recognise", "refused", case_no=no, opinion="不予认定", **refusal)
    newest = told(office, "enterprise-a.applicant")[0]
    assert (newest.kind, newest.case_no, newest.by) == ("case_closed", no, None)


def test_a_refused_act_tells_nobody(office: Office) -> None:
    office.open("enterprise-a.applicant", application(issuer(0, "YHQ")))
    task_id = office.find("jr.handler", "formal_check").id
    with pytest.raises(InvalidInputError):
        office.act(cases.assign_task, "jr.reviewer", task_id, to_username="cz.handler")
    assert unread(office, "cz.handler") == 0


def test_reading_is_counted_and_is_nobody_elses_business(office: Office, clock: FixedClock) -> None:
    assigned(office)
    (row,) = told(office, "jr.handler2")
    assert (unread(office, "jr.handler2"), row.read_at) == (1, None)
    with pytest.raises(NotFoundError):
        office.act(mark_read, "jr.handler", [row.id])
    with pytest.raises(NotFoundError):
        office.act(mark_read, "jr.handler2", [row.id, row.id + 1000])
    assert unread(office, "jr.handler2") == 1
    office.act(mark_read, "jr.handler2", [row.id])
    read_at = clock.now()
    clock.advance(timedelta(hours=1))
    office.act(mark_read, "jr.handler2", None)
    (row,) = told(office, "jr.handler2")
    assert (unread(office, "jr.handler2"), row.read_at) == (0, read_at)


def test_pages_of_notifications_have_no_gap_and_no_repeat(office: Office, clock: FixedClock) -> None:
    who = person(office.session, "jr.handler").id
    for _ in range(7):
        notify(office.session, person_ids=[who, who], kind=NotificationKind.DUE_SOON, clock=clock)
    office.session.commit()
    reader, cursor, seen = actor(office.session, "jr.handler", clock), None, []
    while True:
        page = list_notifications(office.session, actor=reader, clock=clock, cursor=cursor, limit=3)
        seen += [row.id for row in page.items]
        cursor = page.next
        if cursor is None:
            break
    assert seen == sorted(seen, reverse=True)
    assert len(seen) == 7
    for wrong in ("nonsense", "\x00", page.next or "e30"):
        with pytest.raises(InvalidInputError):
            list_notifications(office.session, actor=reader, clock=clock, cursor=wrong)
    with pytest.raises(InvalidInputError):
        list_notifications(office.session, actor=reader, clock=clock, limit=201)


def test_of_a_case_one_may_not_see_no_notification_is_shown_or_counted(office: Office, clock: FixedClock) -> None:
    assigned(office)
    case_id = office.session.scalars(select(Case.id)).one()
    stranger = person(office.session, "cz.handler").id
    notify(office.session, person_ids=[stranger], kind=NotificationKind.URGED, case_id=case_id, clock=clock)
    office.session.commit()
    assert told(office, "cz.handler") == ()
    assert unread(office, "cz.handler") == 0


def test_an_outside_system_has_no_notifications(office: Office) -> None:
    with pytest.raises(PermissionDeniedError):
        told(office, "pjr.system")


def test_every_kind_has_its_sentence() -> None:
    assert set(SENTENCES) == set(NotificationKind)
