"""Several acts on one case at the same instant: each is done wholly or refused by name, and none waits for ever.

`LIANBAN_FULL=1` runs ten times the rounds.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from time import sleep
from typing import Any

import pytest
from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session

from tests.factories.cases import Office, application, issuer, seed_everything
from tests.factories.crowd import Act, Crowd
from tests.factories.org import actor
from webapp.database import begin_write
from workflows import audit, cases
from workflows.cases import Case, CompleteTask, HumanTask, Moved, OpenCase, ReturnTask
from workflows.cases.collaboration.hand_over import hand_over
from workflows.clock import FixedClock
from workflows.errors import ConcurrencyError, NotFoundError, StateConflictError

SIZE = 8
ROUNDS = 100 if os.environ.get("LIANBAN_FULL") else 10


@pytest.fixture
def office(session: Session, clock: FixedClock) -> Office:
    seed_everything(session, clock)
    return Office(session, clock)


@pytest.fixture
def crowd(engine: Engine) -> Iterator[Crowd]:
    crowd = Crowd(engine, SIZE)
    yield crowd
    crowd.close()


def call(office: Office, service: Any, username: str, *args: Any, **kwargs: Any) -> Any:
    """An act of a thread: the actor is looked up beforehand, so that the threads meet in the service itself."""
    who = actor(office.session, username, office.clock)
    office.session.rollback()

    def act(session: Session) -> object:
        return service(session, *args, actor=who, clock=office.clock, **kwargs)

    return act


def status_of(office: Office, no: str) -> str:
    office.session.rollback()
    return office.session.scalars(select(Case.status).where(Case.no == no)).one()


def test_of_two_completions_of_one_task_one_wins(office: Office, crowd: Crowd) -> None:
    for _ in range(ROUNDS):
        no = office.open("enterprise-a.applicant", application(issuer(0, "YHQ"), issuer(1, "HEJIN"))).case_no
        task_id = office.take("jr.handler", "formal_check", no)
        command = CompleteTask(task_id, "accept")
        answers = crowd.at_once([call(office, cases.complete_task, "jr.handler", command)] * 2)
        assert sum(isinstance(answer, Moved) for answer in answers) == 1, answers
        refusal = next(answer for answer in answers if not isinstance(answer, Moved))
        assert isinstance(refusal, StateConflictError), refusal
        opened = office.session.scalars(
            select(HumanTask.node_id).join(Case, Case.id == HumanTask.root_id).where(Case.no == no)
        )
        assert sorted(opened) == ["county_verify", "county_verify", "formal_check"]
    assert audit.verify(office.session).ok


def test_completing_withdrawing_and_suspending_at_once_leave_one_clear_state(office: Office, crowd: Crowd) -> None:
    for _ in range(ROUNDS):
        no = office.open("enterprise-a.applicant", application(issuer(0, "YHQ"))).case_no
        task_id = office.take("jr.handler", "formal_check", no)
        complete, withdraw, suspend = crowd.at_once(
            [
                call(office, cases.complete_task, "jr.handler", CompleteTask(task_id, "accept")),
                call(office, cases.withdraw_case, "enterprise-a.applicant", no, reason="不再申请"),
                call(office, cases.suspend_case, "jr.leader", no, reason="等待上级答复"),
            ]
        )
        for answer in (complete, withdraw, suspend):
            assert isinstance(answer, Moved | StateConflictError), answer
        assert isinstance(withdraw, Moved)
        assert status_of(office, no) == "terminated"
        left = select(HumanTask.id).join(Case, Case.id == HumanTask.root_id)
        assert (
            office.session.scalars(left.where(Case.no == no, HumanTask.status.in_(["ready", "reserved"]))).all() == []
        )
    assert audit.verify(office.session).ok


def test_completing_releasing_returning_and_claiming_at_once_never_lock_each_other_out(
    office: Office, crowd: Crowd
) -> None:
    for _ in range(ROUNDS):
        no = office.accept("YHQ")
        office.verify(no, "YHQ")
        task_id = office.take("jr.handler", "municipal_review", no)
        answers = crowd.at_once(
            [
                call(office, cases.complete_task, "jr.handler", CompleteTask(task_id, "file", "拟同意")),
                call(office, cases.release_task, "jr.handler", task_id),
                call(office, cases.return_task, "jr.handler", ReturnTask(task_id, "退回")),
                call(office, cases.transfer_task, "jr.handler", task_id, to_username="jr.handler2", reason="请假"),
                call(office, cases.claim_task, "jr.handler2", task_id),
                call(office, cases.get_task, "jr.handler", task_id),
            ]
        )
        refused = [answer for answer in answers if isinstance(answer, Exception)]
        assert all(isinstance(answer, StateConflictError | ConcurrencyError | NotFoundError) for answer in refused), (
            refused
        )
    assert audit.verify(office.session).ok


def test_a_hand_over_waits_for_a_case_before_it_takes_the_tasks(office: Office, engine: Engine) -> None:
    """Whoever completes has the case and then wants the task: from who begins with the tasks neither gets away."""
    no = office.open("enterprise-a.applicant", application(issuer(0, "YHQ"))).case_no
    task_id = office.take("jr.handler", "formal_check", no)
    away = call(office, hand_over, "jr.leader", "jr.handler", to_username="jr.handler2", reason="调离")
    with ThreadPoolExecutor(1) as pool, Session(engine) as completing:
        begin_write(completing)
        completing.execute(select(Case.id).where(Case.no == no).with_for_update()).all()
        handing_over = pool.submit(in_one_transaction, engine, away)
        wait_until_somebody_waits(engine)
        assert not handing_over.done()
        completing.execute(select(HumanTask.id).where(HumanTask.id == task_id).with_for_update(nowait=True)).all()
        completing.commit()
        (done,) = handing_over.result(timeout=30)
    assert (done.kind, done.key, done.refused) == ("task", task_id, None)


def in_one_transaction(engine: Engine, act: Act) -> Any:
    with Session(engine, expire_on_commit=False) as session:
        begin_write(session)
        answer = act(session)
        session.commit()
        return answer


def wait_until_somebody_waits(engine: Engine) -> None:
    """Return when another connection waits for a lock; on SQLite they all wait from the start."""
    if engine.dialect.name != "postgresql":
        return
    waiting = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    for _ in range(500):
        with engine.connect() as connection:
            if connection.scalar(waiting):
                return
        sleep(0.01)
    raise AssertionError("nobody waits")


def test_all_counties_answer_at_once_and_the_case_goes_on_once(office: Office, crowd: Crowd) -> None:
    logins = ("yanhu", "hejin", "jiangxian")
    for _ in range(ROUNDS):
        no = office.accept("YHQ", "HEJIN", "JIANGXIAN")
        acts = []
        for n, login in enumerate(logins):
            task_id = office.take(f"{login}.handler", "county_verify", f"{no}之{'一二三'[n]}")
            acts.append(call(office, cases.complete_task, f"{login}.handler", CompleteTask(task_id, "agree")))
        answers = crowd.at_once(acts)
        assert all(isinstance(answer, Moved) for answer in answers), answers
        office.session.rollback()
        review = [row for row in office.queue("jr.handler") if row.case_no == no]
        assert [row.node_id for row in review] == ["municipal_review"]
        office.session.rollback()
    assert audit.verify(office.session).ok


def test_the_register_has_no_gap_and_no_repeat(office: Office, crowd: Crowd) -> None:
    command = OpenCase("bond_subsidy", application(issuer(0, "YHQ")))
    bad = OpenCase("bond_subsidy", application(issuer(0, "YHQ"), contact_phone="none"))
    act, wrong = (call(office, cases.open_case, "enterprise-a.applicant", c) for c in (command, bad))
    numbers = []
    for _ in range(ROUNDS):
        answers = crowd.at_once([act, wrong] * (SIZE // 2))
        numbers += [answer.case_no for answer in answers if isinstance(answer, Moved)]
    wanted = {f"运债补〔2019〕{n}号" for n in range(1, ROUNDS * SIZE // 2 + 1)}
    assert set(numbers) == wanted
    assert len(numbers) == len(wanted)


def test_one_message_delivered_by_many_at_once_is_taken_once(office: Office, crowd: Crowd) -> None:
    for n in range(ROUNDS):
        no = office.filed("YHQ")
        data = {"document_number": "晋金办〔2019〕15号", "amount_fen": 30_000_000}
        message = cases.OutsideMessage(f"m-{n}", "recognition", no, "recognised", data)
        answers = crowd.at_once([call(office, cases.receive_message, "pjr.system", message)] * SIZE)
        assert answers == [True] * SIZE
        office.session.rollback()
        assert [row.case_no for row in office.queue("cz.handler") if row.case_no == no] == [no]
        office.session.rollback()
