"""Who could do a waiting step leaves or comes; and the deployment's own rules."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tests.factories.cases import Office, seed_everything
from tests.factories.org import actor, agency, person
from tests.factories.ruled import also, drafted, drain, end_posts, entries, open_incidents, ruled, task_of
from workflows import cases
from workflows.agencies.decide_grant import approve_grant
from workflows.agencies.emptied import queue_review_of_ended
from workflows.agencies.end_appointment import close_account
from workflows.agencies.models import Appointment
from workflows.agencies.request_grant import Term, request_appointment
from workflows.cases import OUTBOX_HANDLERS
from workflows.clock import FixedClock
from workflows.permissions import PostKind

MONDAY = date(2019, 10, 14)


@pytest.fixture
def office(session: Session, clock: FixedClock) -> Office:
    seed_everything(session, clock)
    return Office(session, clock)


def test_a_post_that_becomes_empty_has_its_waiting_tasks_looked_at_once(office: Office, tmp_path: Path) -> None:
    ruled(office, tmp_path, {"ifNobody": "next_superior"})
    drafted(office)
    assert task_of(office, "section_review").rule is None
    end_posts(office, ["jr.reviewer"])
    assert task_of(office, "section_review").post_kind == "reviewer"
    drain(office)
    task = task_of(office, "section_review")
    assert (task.post_kind, task.rule["cause"]) == ("leader", "nobody")
    version = task.row_version
    OUTBOX_HANDLERS["assignment.review"](
        office.session, {"agency_id": task.agency_id, "post_kind": "reviewer"}, office.clock
    )
    OUTBOX_HANDLERS["assignment.review"](
        office.session, {"agency_id": task.agency_id, "post_kind": "leader"}, office.clock
    )
    office.session.commit()
    assert task_of(office, "section_review").row_version == version
    assert len(entries(office, "task.offered-higher")) == 1


def test_what_the_one_who_left_had_in_hand_is_offered_higher_too(office: Office, tmp_path: Path) -> None:
    ruled(office, tmp_path, {"ifNobody": "next_superior"})
    drafted(office)
    office.take("jr.reviewer", "section_review")
    office.act(close_account, "admin.system", person(office.session, "jr.reviewer").id)
    drain(office)
    task = task_of(office, "section_review")
    assert (task.status, task.post_kind, task.assignee_person_id) == ("ready", "leader", None)
    office.do("jr.leader", "section_review", "agree")


def test_a_refusal_is_repeated_by_no_second_look_and_ends_when_somebody_comes(office: Office, tmp_path: Path) -> None:
    ruled(office, tmp_path, {})
    drafted(office)
    end_posts(office, ["jr.reviewer"])
    drain(office)
    (incident,) = open_incidents(office)
    payload = {"agency_id": agency(office.session, "JR").id, "post_kind": "reviewer"}
    OUTBOX_HANDLERS["assignment.review"](office.session, payload, office.clock)
    office.session.commit()
    assert [each.id for each in open_incidents(office)] == [incident.id]
    assert len(entries(office, "incident.opened")) == 1
    also(office, "jr.reviewer", PostKind.REVIEWER)
    OUTBOX_HANDLERS["assignment.review"](office.session, payload, office.clock)
    office.session.commit()
    assert open_incidents(office) == []


def test_work_that_waits_for_somebody_who_comes_later_is_looked_at_on_their_first_day(
    office: Office, clock: FixedClock, tmp_path: Path
) -> None:
    ruled(office, tmp_path, {})
    drafted(office)
    end_posts(office, ["jr.reviewer"])
    drain(office)
    term = Term(MONDAY + timedelta(days=2), None)
    admin, security = (actor(office.session, name, clock) for name in ("admin.system", "admin.security"))
    grant = request_appointment(office.session, "jr.handler2", "JR", PostKind.REVIEWER, term, actor=admin, clock=clock)
    approve_grant(office.session, grant.id, grant.row_version, actor=security, clock=clock)
    office.session.commit()
    drain(office)
    assert len(open_incidents(office)) == 1
    clock.advance(timedelta(days=2))
    drain(office)
    assert open_incidents(office) == []


def test_an_appointment_that_runs_out_is_noticed_once(office: Office, clock: FixedClock, tmp_path: Path) -> None:
    ruled(office, tmp_path, {"ifNobody": "pass_with_record"})
    drafted(office)
    held = select(Appointment).where(Appointment.person_id == person(office.session, "jr.reviewer").id)
    office.session.scalars(held).one().to_on = MONDAY
    office.session.commit()
    assert queue_review_of_ended(office.session, clock=clock) == 0
    clock.advance(timedelta(days=1))
    assert queue_review_of_ended(office.session, clock=clock) == 1
    assert queue_review_of_ended(office.session, clock=clock) == 0
    drain(office)
    waits = task_of(office, "section_review")  # what is under way passes for nobody: somebody else may come tomorrow
    assert (waits.status, waits.rule["asked"], waits.rule["rule"]) == ("ready", "pass_with_record", "refuse")
    assert len(open_incidents(office)) == 1


def test_a_step_that_was_being_opened_while_the_holder_left_is_found_by_the_second_look(
    office: Office, clock: FixedClock, tmp_path: Path
) -> None:
    """The transaction that opened it saw the holder still there, and committed after the first look."""
    ruled(office, tmp_path, {"ifNobody": "next_superior"})
    end_posts(office, ["jr.reviewer"])
    drain(office)
    office.session.execute(update(Appointment).values(ended_at=None, to_on=None))
    drafted(office)
    held = Appointment.person_id == person(office.session, "jr.reviewer").id
    office.session.execute(update(Appointment).where(held).values(ended_at=clock.now(), to_on=MONDAY))
    office.session.commit()
    assert (queue_review_of_ended(office.session, clock=clock), task_of(office, "section_review").rule) == (0, None)
    clock.advance(timedelta(minutes=6))
    assert queue_review_of_ended(office.session, clock=clock) == 1
    assert queue_review_of_ended(office.session, clock=clock) == 0
    drain(office)
    assert task_of(office, "section_review").post_kind == "leader"


def test_a_suspended_case_is_looked_at_when_it_goes_on(office: Office, tmp_path: Path) -> None:
    ruled(office, tmp_path, {"ifNobody": "pass_with_record"})
    no = drafted(office)
    office.act(cases.suspend_case, "jr.leader", no, reason="等待核查")
    end_posts(office, ["jr.reviewer"])
    drain(office)
    assert task_of(office, "section_review").status == "ready"
    office.act(cases.resume_case, "jr.leader", no, reason="核查完毕")
    drain(office)
    waits = task_of(office, "section_review")
    assert (waits.status, waits.rule["rule"]) == ("ready", "refuse")
