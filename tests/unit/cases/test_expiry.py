"""When a limit runs out: what is taken as no opinion, what as withdrawn, and what only waits on with its red mark."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tests.factories.cases import Office, application, issuer, seed_everything
from tests.factories.org import actor, agency, person
from workflows import audit, cases
from workflows.audit import AuditEntry
from workflows.cases import Case, CompleteTask, HumanTask, fire_due_timers
from workflows.cases.collaboration.tables import Notification
from workflows.cases.models import Notice
from workflows.cases.time_used import time_used
from workflows.clock import FixedClock
from workflows.deadlines import DueTimer
from workflows.errors import StateConflictError

APPLICANT = "enterprise-a.applicant"
MISSING = {"supplement_items": [{"material": "募集说明书", "problem": "缺签章", "requirement": "补盖公章"}]}
AFTER = datetime(2019, 10, 21, 10, 0, tzinfo=UTC)
"""Close of business on the last of five working days from 14 October 2019."""


@pytest.fixture
def office(session: Session, clock: FixedClock) -> Office:
    seed_everything(session, clock)
    return Office(session, clock)


def sweep(office: Office, at: datetime | None = None) -> int:
    """What the worker does when it looks, at some instant."""
    if at is not None:
        office.clock.at = at  # type: ignore[attr-defined]
    fired = 0
    while moved := fire_due_timers(office.session, clock=office.clock):
        fired += moved
        office.session.commit()
    office.session.commit()
    return fired


def happened(office: Office, *events: str) -> list[str]:
    found = office.session.scalars(select(AuditEntry.event).order_by(AuditEntry.id))
    return [event for event in found if event in events or (not events and event.startswith(("task.", "case.")))]


def task_of(office: Office, node_id: str) -> HumanTask:
    return office.session.scalars(select(HumanTask).where(HumanTask.node_id == node_id)).one()


def told(office: Office, kind: str) -> set[str]:
    people = office.session.scalars(select(Notification.person_id).where(Notification.kind == kind))
    names = {
        person(office.session, name).id: name
        for name in (
            "jiangxian.handler",
            "jiangxian.reviewer",
            "jiangxian.leader",
            "jr.handler",
            "jr.reviewer",
            APPLICANT,
        )
    }
    return {names[each] for each in people}


def case(office: Office, no: str) -> Case:
    return office.session.scalars(select(Case).where(Case.no == no)).one()


# ── 视为无意见 ────────────────────────────────────────────────────────────────────────────────────


def test_a_silent_county_is_taken_to_have_no_opinion_and_keeps_the_red_mark(office: Office) -> None:
    no = office.accept("JIANGXIAN")
    office.take("jiangxian.handler", "county_verify")
    assert sweep(office, AFTER - timedelta(seconds=1)) == 0
    sweep(office, AFTER)

    task = task_of(office, "county_verify")
    assert (task.status, task.decision, task.overdue_at, task.completed_at) == (
        "completed",
        "deemed_no_opinion",
        AFTER,
        AFTER,
    )
    assert task.completed_by_person_id is None
    assert office.find("jr.handler", "municipal_review").case_no == no
    marked = {one.agency.code: one.overdue for one in office.act(time_used, "jr.handler", no)}
    assert [step.code for step in marked["JIANGXIAN"]] == ["county_verify"]
    assert marked["JR"] == ()
    assert happened(office, "task.overdue", "task.deemed-no-opinion") == ["task.overdue", "task.deemed-no-opinion"]
    assert told(office, "deemed_no_opinion") == {"jiangxian.handler", "jiangxian.reviewer"}
    assert audit.verify(office.session).ok


def test_of_two_counties_only_the_silent_one_is_marked(office: Office) -> None:
    no = office.accept("YHQ", "JIANGXIAN")
    office.do("yanhu.handler", "county_verify", "agree", case_no=f"{no}之一")
    sweep(office, AFTER)
    assert office.find("jr.handler", "municipal_review").case_no == no
    decided = office.session.execute(
        select(HumanTask.decision, HumanTask.overdue_at)
        .where(HumanTask.node_id == "county_verify")
        .order_by(HumanTask.id)
    ).all()
    assert [tuple(row) for row in decided] == [("agree", None), ("deemed_no_opinion", AFTER)]


def test_after_three_days_without_a_worker_each_expires_once(office: Office) -> None:
    numbers = [office.accept("JIANGXIAN") for _ in range(3)]
    sweep(office, AFTER + timedelta(days=3))
    assert happened(office, "task.deemed-no-opinion") == ["task.deemed-no-opinion"] * 3
    assert sweep(office) == 0
    assert {row.case_no for row in office.queue("jr.handler") if row.node_id == "municipal_review"} == set(numbers)


def test_a_completion_a_moment_earlier_leaves_nothing_to_expire(office: Office) -> None:
    office.accept("JIANGXIAN")
    office.do("jiangxian.handler", "county_verify", "object", opinion="不属实")
    sweep(office, AFTER)
    task = task_of(office, "county_verify")
    assert (task.decision, task.overdue_at) == ("object", None)


def test_a_completion_a_moment_later_is_refused(office: Office) -> None:
    office.accept("JIANGXIAN")
    task_id = office.take("jiangxian.handler", "county_verify")
    sweep(office, AFTER)
    with pytest.raises(StateConflictError):
        office.act(cases.complete_task, "jiangxian.handler", CompleteTask(task_id, "agree"))
    assert task_of(office, "county_verify").decision == "deemed_no_opinion"


def test_what_comes_after_silence_but_cannot_go_on_is_an_incident_that_is_tried_again(office: Office) -> None:
    no = office.accept("JIANGXIAN")
    member = agency(office.session, "JR").id
    from workflows.policies.models import Responsibility

    office.session.execute(
        update(Responsibility).where(Responsibility.agency_id == member).values(valid_to=date(2019, 10, 15))
    )
    office.session.commit()
    sweep(office, AFTER)
    task = task_of(office, "county_verify")
    assert (task.status, task.overdue_at) == ("ready", None)
    who = actor(office.session, "admin.system", office.clock)
    (incident,) = cases.list_incidents(office.session, actor=who).items
    assert incident.case_no == no
    office.session.execute(update(Responsibility).where(Responsibility.agency_id == member).values(valid_to=None))
    office.session.commit()
    office.act(cases.retry_incident, "admin.system", incident.id)
    assert task_of(office, "county_verify").decision == "deemed_no_opinion"
    assert office.find("jr.handler", "municipal_review").case_no == no


# ── 视为撤回 ──────────────────────────────────────────────────────────────────────────────────────


def asked_for_more(office: Office) -> str:
    no = office.open(APPLICANT, application(issuer(0, "YHQ"))).case_no
    office.do("jr.handler", "formal_check", "supplement", opinion="请一次补齐", **MISSING)
    return no


def test_an_applicant_who_supplies_nothing_has_withdrawn_and_is_told(office: Office) -> None:
    no = asked_for_more(office)
    assert task_of(office, "supplement").due_at == datetime(2019, 10, 28, 10, tzinfo=UTC)
    sweep(office, datetime(2019, 10, 28, 10, tzinfo=UTC))
    ended = case(office, no)
    assert (ended.status, ended.outcome, ended.waiting_since) == ("terminated", "deemed_withdrawn", None)
    assert task_of(office, "supplement").status == "exited"
    kinds = office.session.scalars(select(Notice.kind).where(Notice.case_id == ended.id).order_by(Notice.id)).all()
    assert list(kinds) == ["supplement", "deemed_withdrawn"]
    assert told(office, "deemed_withdrawn") == {APPLICANT}
    assert happened(office, "case.deemed-withdrawn") == ["case.deemed-withdrawn"]
    assert sweep(office) == 0
    assert not [row for row in office.session.scalars(select(DueTimer)) if not (row.fired_at or row.cancelled_at)]


def test_an_applicant_who_supplies_in_time_goes_on(office: Office) -> None:
    no = asked_for_more(office)
    task_id = office.take(APPLICANT, "supplement")
    office.act(cases.complete_task, APPLICANT, CompleteTask(task_id, "resubmit", None, application(issuer(0, "YHQ"))))
    sweep(office, datetime(2019, 10, 28, 10, tzinfo=UTC))
    assert case(office, no).status == "submitted"


# ── only marked ───────────────────────────────────────────────────────────────────────────────────


def test_a_lead_that_is_late_is_marked_once_and_never_taken_to_agree(office: Office) -> None:
    no = office.open(APPLICANT, application(issuer(0, "YHQ"))).case_no
    office.take("jr.handler", "formal_check")
    sweep(office, AFTER)
    task = task_of(office, "formal_check")
    assert (task.status, task.decision, task.overdue_at) == ("reserved", None, AFTER)
    sweep(office, AFTER + timedelta(days=9))
    assert happened(office, "task.overdue") == ["task.overdue"]
    assert told(office, "overdue") == {"jr.handler", "jr.reviewer"}
    office.complete("jr.handler", task.id, "accept")
    assert case(office, no).status == "in_progress"
    assert task_of(office, "formal_check").overdue_at == AFTER


def test_the_limit_of_the_whole_case_is_marked_once(office: Office) -> None:
    no = office.accept("YHQ")
    due = datetime(2019, 11, 21, 10, tzinfo=UTC)
    assert (case(office, no).limit_days, case(office, no).due_at) == (28, due)
    office.verify(no, "YHQ")
    sweep(office, due)
    assert case(office, no).overdue_at == due
    assert happened(office, "case.overdue") == ["case.overdue"]


# ── clocks that stand still ───────────────────────────────────────────────────────────────────────


def test_nothing_expires_while_a_case_is_suspended_and_its_limit_moves(office: Office) -> None:
    no = office.accept("JIANGXIAN")
    office.act(cases.suspend_case, "jr.leader", no, reason="等待上级答复")
    assert sweep(office, AFTER + timedelta(days=1)) == 0
    office.act(cases.resume_case, "jr.leader", no, reason="已答复")
    later = task_of(office, "county_verify").due_at
    assert later == datetime(2019, 10, 29, 10, tzinfo=UTC)  # five days after Tuesday the 22nd
    sweep(office)
    assert task_of(office, "county_verify").status == "ready"
    sweep(office, later)
    assert task_of(office, "county_verify").decision == "deemed_no_opinion"


def test_a_suspension_after_the_limit_ran_out_gives_no_time_back(office: Office) -> None:
    no = office.open(APPLICANT, application(issuer(0, "YHQ"))).case_no
    sweep(office, AFTER + timedelta(hours=1))
    office.act(cases.suspend_case, "jr.leader", no, reason="等待上级答复")
    office.clock.at = AFTER + timedelta(days=7)  # type: ignore[attr-defined]
    office.act(cases.resume_case, "jr.leader", no, reason="已答复")
    task = task_of(office, "formal_check")
    assert (task.due_at, task.overdue_at) == (AFTER, AFTER + timedelta(hours=1))
    sweep(office)
    assert happened(office, "task.overdue") == ["task.overdue"]


def test_the_clock_of_the_case_does_not_run_out_while_the_province_decides(office: Office, clock: FixedClock) -> None:
    no = office.filed("YHQ")
    assert case(office, no).waiting_since == clock.now()
    sweep(office, clock.now() + timedelta(days=90))
    assert case(office, no).overdue_at is None
    office.recognise(no)
    found = case(office, no)
    assert (found.waiting_since, found.overdue_at) == (None, None)
    assert found.due_at is not None
    assert found.due_at > clock.now()
