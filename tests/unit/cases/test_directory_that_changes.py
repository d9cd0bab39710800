"""An agency merges, rules are set anew: what waits is judged where it goes, by the rules it began under."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session

from tests.factories.cases import Office, application, issuer, seed_everything
from tests.factories.org import actor, agency, make_agency
from tests.factories.ruled import drafted, drain, open_incidents, ruled, set_rules, task_of, vacate
from workflows import cases
from workflows.agencies.models import Agency
from workflows.cases.assignment.changing import approve_change, request_change
from workflows.cases.collaboration.tables import TaskPart
from workflows.cases.models import Case, HumanTask
from workflows.cases.succession import Succession, hand_to_successor
from workflows.clock import FixedClock
from workflows.errors import ConcurrencyError, LianbanError, StateConflictError

MONDAY = date(2019, 10, 14)
MERGER = Succession("YHQ", "HEJIN", MONDAY, "合并")
RULES = {"nobody": "refuse", "same_person": "refuse", "applicant": "refuse"}


@pytest.fixture
def office(session: Session, clock: FixedClock) -> Office:
    seed_everything(session, clock)
    return Office(session, clock)


# ── rules ──────────────────────────────────────────────────────────────────────────────────────────


def test_new_rules_do_not_reach_steps_that_began_before(office: Office, clock: FixedClock, tmp_path: Path) -> None:
    ruled(office, tmp_path, {})
    vacate(office, "jr.reviewer")
    drafted(office)
    (incident,) = open_incidents(office)
    clock.advance(timedelta(hours=1))
    later = {**RULES, "nobody": "next_superior"}
    set_rules(office, later)
    with pytest.raises(StateConflictError):
        office.act(cases.retry_incident, "admin.system", incident.id)
    office.session.rollback()
    task = task_of(office, "section_review")
    assert (task.status, task.post_kind, task.rule["version"]) == ("ready", "reviewer", 0)
    drafted(office)
    newer = office.session.scalars(
        select(HumanTask).where(HumanTask.node_id == "section_review").order_by(HumanTask.id.desc()).limit(1)
    ).one()
    assert (newer.post_kind, newer.rule["version"]) == ("leader", 1)


def test_of_two_changes_asked_for_at_once_one_waits(session: Session, engine: Engine, clock: FixedClock) -> None:
    seed_everything(session, clock)
    session.commit()
    said = []

    def ask(one: Session, note: str) -> None:
        who = actor(one, "admin.system", clock)
        request_change(one, {**RULES, "nobody": "next_superior"}, note=note, number=0, actor=who, clock=clock)

    def second() -> None:
        with Session(engine) as other:
            try:
                ask(other, "乙")
            except StateConflictError as error:
                said.append(error)

    _beside(session, engine, second, lambda one: ask(one, "甲"))
    assert len(said) == 1


def test_of_two_who_approve_at_once_one_does(office: Office, engine: Engine, clock: FixedClock) -> None:
    change = office.act(request_change, "admin.system", {**RULES, "applicant": "next_superior"}, note="甲", number=0)
    said = []

    def approve(one: Session) -> None:
        approve_change(one, change.id, actor=actor(one, "admin.security", clock), clock=clock)

    def second() -> None:
        with Session(engine) as other:
            try:
                approve(other)
            except StateConflictError as error:
                said.append(error)

    _beside(office.session, engine, second, approve)
    assert len(said) == 1


# ── mergers ────────────────────────────────────────────────────────────────────────────────────────


def test_a_step_that_nobody_can_do_in_the_new_agency_is_said_so(office: Office) -> None:
    make_agency(office.session, "NEWQ", kind=agency(office.session, "YHQ").kind)
    office.session.commit()
    office.accept("YHQ")
    office.act(hand_to_successor, "admin.system", Succession("YHQ", "NEWQ", MONDAY, "合并"))
    task = task_of(office, "county_verify")
    assert task.rule["cause"] == "nobody"
    assert len(open_incidents(office)) == 1


@pytest.mark.parametrize("rule", ["refuse", "next_superior"])
def test_what_a_rule_made_of_a_step_does_not_follow_it(office: Office, rule: str) -> None:
    set_rules(office, {**RULES, "nobody": rule})
    vacate(office, "yanhu.handler")
    vacate(office, "yanhu.handler2")
    office.accept("YHQ")
    assert task_of(office, "county_verify").rule["rule"] == rule
    office.act(hand_to_successor, "admin.system", MERGER)
    task = task_of(office, "county_verify")
    assert (task.post_kind, task.rule) == ("handler", None)
    assert open_incidents(office) == []
    assert [row.id for row in office.queue("hejin.handler")] == [task.id]


def test_a_part_that_was_delegated_ends_with_the_agency(office: Office) -> None:
    office.accept("YHQ")
    task_id = office.take("yanhu.handler", "county_verify")
    office.act(cases.delegate_task, "yanhu.handler", task_id, to_username="yanhu.handler2", reason="外出")
    office.act(hand_to_successor, "admin.system", MERGER)
    (part,) = office.session.scalars(select(TaskPart)).all()
    assert part.taken_back_at == office.clock.now()


def _beside(session: Session, engine: Engine, other: Callable[[], None], first: Callable[[Session], object]) -> None:
    """Do the first, uncommitted; have the other wait for it; commit. SQLite lets nobody begin meanwhile."""
    with Session(engine) as one:
        one.connection(execution_options={"write": True})
        first(one)
        thread = threading.Thread(target=other)
        if engine.dialect.name == "postgresql":
            thread.start()
            time.sleep(0.7)
        one.commit()
    if not thread.ident:
        thread.start()
    thread.join()


def _completed(engine: Engine, clock: FixedClock, task_id: int, said: list[LianbanError]) -> Callable[[], None]:
    def complete() -> None:
        with Session(engine) as session:
            session.connection(execution_options={"write": True})
            who = actor(session, "jr.handler", clock)
            session.commit()
            session.connection(execution_options={"write": True})
            try:
                cases.complete_task(session, cases.CompleteTask(task_id, "accept"), actor=who, clock=clock)
                session.commit()
            except LianbanError as error:
                said.append(error)

    return complete


def _where_it_goes(office: Office, engine: Engine, task_id: int, said: list[LianbanError]) -> str:
    """Whoever was told to look again does so; the agency that verifies then."""
    if said:
        assert [type(error) for error in said] == [ConcurrencyError]
        office.complete("jr.handler", task_id, "accept")
    goes_to = select(Agency.code).join(HumanTask, HumanTask.agency_id == Agency.id)
    waiting = goes_to.where(HumanTask.node_id == "county_verify", HumanTask.status == "ready")
    code: str = office.session.scalars(waiting).one()
    return code


def test_no_step_opens_for_an_agency_that_is_just_being_merged(
    office: Office, engine: Engine, clock: FixedClock
) -> None:
    office.open("enterprise-a.applicant", application(issuer(0, "YHQ")))
    task_id = office.take("jr.handler", "formal_check")
    said: list[LianbanError] = []

    def merge(one: Session) -> object:
        return hand_to_successor(one, MERGER, actor=actor(one, "admin.system", clock), clock=clock)

    _beside(office.session, engine, _completed(engine, clock, task_id, said), merge)
    assert _where_it_goes(office, engine, task_id, said) == "HEJIN"


def test_what_was_remembered_before_a_case_was_waited_for_does_not_count(
    office: Office, engine: Engine, clock: FixedClock
) -> None:
    office.accept("YHQ")  # who verifies is known now
    office.do("yanhu.handler", "county_verify", "agree")
    no = office.open("enterprise-a.applicant", application(issuer(0, "YHQ"))).case_no
    task_id = office.take("jr.handler", "formal_check", no)
    root = office.session.scalar(select(HumanTask.root_id).where(HumanTask.id == task_id))
    office.session.commit()
    said: list[LianbanError] = []
    complete = threading.Thread(target=_completed(engine, clock, task_id, said))
    with Session(engine) as holding:
        if engine.dialect.name == "postgresql":
            holding.execute(update(Case).where(Case.id == root).values(title=Case.title))
            complete.start()
            time.sleep(0.7)
        with Session(engine) as merging:
            merging.connection(execution_options={"write": True})
            hand_to_successor(merging, MERGER, actor=actor(merging, "admin.system", clock), clock=clock)
            merging.commit()
        holding.commit()
    if not complete.ident:
        complete.start()
    complete.join()
    assert _where_it_goes(office, engine, task_id, said) == "HEJIN"


def test_nobody_goes_back_to_what_the_bank_has_said(office: Office) -> None:
    no = office.filed("YHQ")
    office.recognise(no)
    office.do("cz.handler", "payment_propose", "propose", case_no=no, period="2019")
    office.do("cz.reviewer", "payment_review", "agree", case_no=no)
    office.do("cz.leader", "payment_approve", "agree", case_no=no)
    office.do("cz.handler", "payment_confirm", "returned", case_no=no, opinion="退汇", reason="账号错误")
    office.do("cz.handler", "payment_propose", "propose", case_no=no, period="2019")
    office.do("cz.reviewer", "payment_review", "agree", case_no=no)
    task_id = office.take("cz.leader", "payment_approve", no)
    targets = cases.return_targets(office.session, task_id, actor=actor(office.session, "cz.leader", office.clock))
    assert [each.code for each in targets] == ["payment_review", "payment_propose"]
    drain(office)
