"""Timers of a diagram: those of a case that stands still wait, keep nobody waiting, and end with the case."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories.cases import Office, application, issuer, seed_everything
from workflows import cases, outbox
from workflows.cases import OUTBOX_HANDLERS, Case, fire_due_timers
from workflows.clock import FixedClock
from workflows.deadlines import DueTimer, TimerKind, schedule

APPLICANT = "enterprise-a.applicant"


@pytest.fixture
def office(session: Session, clock: FixedClock) -> Office:
    seed_everything(session, clock)
    return Office(session, clock)


def opened(office: Office) -> str:
    return office.open(APPLICANT, application(issuer(0, "YHQ"))).case_no


def add_timer(office: Office, no: str, due_at: datetime) -> int:
    case_id = office.session.scalars(select(Case.id).where(Case.no == no)).one()
    timer = schedule(
        office.session, case_id=case_id, kind=TimerKind.ENGINE, token="gone", due_at=due_at, now=office.clock.now()
    )
    office.session.commit()
    return timer.id


def timer(office: Office, timer_id: int) -> DueTimer:
    return office.session.get_one(DueTimer, timer_id, populate_existing=True)


def test_timers_of_a_suspended_case_do_not_keep_others_from_firing(office: Office) -> None:
    suspended, running = opened(office), opened(office)
    now = office.clock.now()
    waiting = [add_timer(office, suspended, now - timedelta(hours=2)) for _ in range(3)]
    other = add_timer(office, running, now - timedelta(hours=1))
    office.act(cases.suspend_case, "jr.leader", suspended, reason="等待核实")
    assert fire_due_timers(office.session, clock=office.clock, limit=3) == 1
    assert timer(office, other).fired_at == now
    assert [timer(office, one).fired_at for one in waiting] == [None] * 3


def test_a_timer_moves_by_the_working_days_the_case_stood_still(office: Office, clock: FixedClock) -> None:
    no = opened(office)
    one = add_timer(office, no, datetime(2019, 10, 15, 3, 30, tzinfo=UTC))
    office.act(cases.suspend_case, "jr.leader", no, reason="等待核实")
    clock.advance(timedelta(days=4))
    office.act(cases.resume_case, "jr.leader", no, reason="核实完毕")
    assert timer(office, one).due_at == datetime(2019, 10, 21, 3, 30, tzinfo=UTC)
    assert fire_due_timers(office.session, clock=clock) == 0


def test_a_withdrawn_case_has_no_timer_left(office: Office) -> None:
    no = opened(office)
    one = add_timer(office, no, office.clock.now())
    office.act(cases.withdraw_case, APPLICANT, no, reason="不再申请")
    assert timer(office, one).cancelled_at == office.clock.now()


def test_an_archived_case_has_no_timer_left(office: Office) -> None:
    no = opened(office)
    one = add_timer(office, no, office.clock.now() + timedelta(days=30))
    office.do("jr.handler", "formal_check", "not_accept", opinion="不属于补助范围", reason="不属于补助范围")
    while outbox.drain(office.session, OUTBOX_HANDLERS, clock=office.clock):
        office.session.commit()
    assert timer(office, one).cancelled_at == office.clock.now()
