"""The lead asks one county for a new opinion; what the others said stands."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories.cases import LIBRARY, Office, seed_everything
from workflows import audit, cases
from workflows.audit import AuditEntry
from workflows.cases import AskAgain, HumanTask
from workflows.cases.numbering import child_case_no
from workflows.clock import FixedClock
from workflows.errors import ConcurrencyError, InvalidInputError, NotFoundError, StateConflictError
from workflows.processes import load_library

COUNTIES = ("YHQ", "HEJIN", "JIANGXIAN")


@pytest.fixture
def office(session: Session, clock: FixedClock) -> Office:
    seed_everything(session, clock)
    return Office(session, clock)


def verified(office: Office) -> tuple[str, int]:
    """Have all three counties agree; return the case and 河津's task."""
    no = office.accept(*COUNTIES)
    office.verify(no, *COUNTIES)
    hejin = office.session.scalars(
        select(HumanTask.id).where(HumanTask.node_id == "county_verify", HumanTask.instance == 1)
    ).one()
    return no, hejin


def ask(office: Office, task_id: int, opinion: int, reason: str = "请补充兑付情况", **rest: int) -> cases.Moved:
    return office.act(cases.ask_again, "jr.handler", AskAgain(task_id, opinion, reason, **rest))


def states(office: Office, no: str) -> list[tuple[str, str]]:
    said = office.act(cases.list_opinions, "jr.handler", no)
    return [(row.task.agency.code, row.state) for row in said]


def test_only_that_county_gives_its_opinion_again(office: Office) -> None:
    no, hejin = verified(office)
    review = office.take("jr.handler", "municipal_review")
    assert [agency.code for _task, agency in office.act(_askable, "jr.handler", review)] == list(COUNTIES)
    moved = ask(office, review, hejin)
    assert [(step.name.code, step.agency.code if step.agency else None) for step in moved.next_steps] == [
        ("county_verify", "HEJIN")
    ]
    assert states(office, no) == [
        ("YHQ", "given"),
        ("HEJIN", "void"),
        ("JIANGXIAN", "given"),
        ("HEJIN", "waiting"),
    ]
    assert office.queue("jr.handler", "mine") == ()
    assert office.queue("yanhu.handler") == ()
    office.do("hejin.handler", "county_verify", "agree", case_no=child_case_no(no, 1))
    office.file()
    assert len(office.queue("pjr.handler")) == 3
    entry = office.session.scalars(select(AuditEntry).where(AuditEntry.event == "opinion.asked-again")).one()
    assert (entry.task_id, entry.payload["of"][0], entry.payload["reason"]) == (hejin, "HEJIN", "请补充兑付情况")
    assert audit.verify(office.session).ok


def _askable(session: Session, task_id: int, *, actor: object, clock: object) -> object:
    return cases.askable(session, task_id, actor=actor)  # type: ignore[arg-type]


def test_asked_from_a_later_step_what_the_lead_decided_since_is_void(office: Office) -> None:
    no, hejin = verified(office)
    office.do("jr.handler", "municipal_review", "file", opinion="拟同意申报")
    review = office.take("jr.reviewer", "section_review")
    office.act(cases.ask_again, "jr.reviewer", AskAgain(review, hejin, "兑付情况不清"))
    office.do("hejin.handler", "county_verify", "agree", case_no=child_case_no(no, 1))
    assert [row.node_id for row in office.queue("jr.handler")] == ["municipal_review"]
    void = office.session.execute(
        select(HumanTask.node_id, HumanTask.void_reason).where(HumanTask.voided_at.is_not(None)).order_by(HumanTask.id)
    ).all()
    assert [tuple(row) for row in void] == [("county_verify", "asked-again"), ("municipal_review", "returned")]


def test_an_objection_that_is_given_up_when_asked_again_needs_no_answer(office: Office) -> None:
    no = office.accept(*COUNTIES[:2])
    yanhu = office.take("yanhu.handler", "county_verify")
    office.complete("yanhu.handler", yanhu, "object", "企业正在接受税务稽查")
    office.do("hejin.handler", "county_verify", "agree", case_no=child_case_no(no, 1))
    review = office.take("jr.handler", "municipal_review")
    ask(office, review, yanhu, "稽查已结案，请复核")
    office.do("yanhu.handler", "county_verify", "agree", case_no=child_case_no(no, 0))
    moved = office.do("jr.handler", "municipal_review", "file", opinion="拟同意申报")
    assert [step.name.code for step in moved.next_steps] == ["section_review"]


def test_what_cannot_be_asked_is_refused_by_name_and_nothing_changes(office: Office) -> None:
    no, hejin = verified(office)
    review = office.take("jr.handler", "municipal_review")
    for opinion, reason, field in ((review, "理由", "opinion_task_id"), (0, "理由", "opinion_task_id")):
        with pytest.raises(InvalidInputError) as refused:
            ask(office, review, opinion, reason)
        assert [error.field for error in refused.value.errors] == [field]
    for reason in ("  ", "长" * 2001, "a\x00"):
        with pytest.raises(InvalidInputError) as refused:
            ask(office, review, hejin, reason)
        assert [error.field for error in refused.value.errors] == ["reason"]
    with pytest.raises(ConcurrencyError):
        ask(office, review, hejin, row_version=1)
    with pytest.raises(NotFoundError):
        office.act(cases.ask_again, "hejin.handler", AskAgain(review, hejin, "理由"))
    assert [state for _code, state in states(office, no)] == ["given"] * 3


def test_twice_is_refused_since_the_task_is_gone(office: Office) -> None:
    _no, hejin = verified(office)
    review = office.take("jr.handler", "municipal_review")
    ask(office, review, hejin)
    with pytest.raises(StateConflictError):
        ask(office, review, hejin)


def test_money_that_has_moved_keeps_the_opinions(office: Office) -> None:
    no = office.filed("YHQ", "HEJIN")
    office.recognise(child_case_no(no, 0))
    office.do("cz.handler", "payment_propose", "propose", case_no=child_case_no(no, 0), period="2019")
    review = office.take("cz.reviewer", "payment_review")
    opinion = office.session.scalars(select(HumanTask.id).where(HumanTask.node_id == "county_verify")).first()
    with pytest.raises(InvalidInputError):
        office.act(cases.ask_again, "cz.reviewer", AskAgain(review, opinion or 0, "理由"))


# ── a step that ends when it is due ───────────────────────────────────────────────────────────────


def test_what_has_come_by_the_due_date_counts_and_the_rest_is_no_opinion(
    session: Session, clock: FixedClock, tmp_path: Path
) -> None:
    office = until_due(session, clock, tmp_path)
    no = office.accept(*COUNTIES)
    office.do("yanhu.handler", "county_verify", "agree", case_no=child_case_no(no, 0))
    clock.advance(timedelta(days=10))
    assert cases.fire_due_timers(session, clock=clock) > 0
    session.commit()
    assert states(office, no) == [("YHQ", "given"), ("HEJIN", "silent"), ("JIANGXIAN", "silent")]
    assert [row.node_id for row in office.queue("jr.handler")] == ["municipal_review"]
    while cases.fire_due_timers(session, clock=clock):
        session.commit()
    deemed = session.scalars(select(AuditEntry).where(AuditEntry.event == "task.deemed-no-opinion")).all()
    assert len(deemed) == 2
    assert audit.verify(session).ok


def until_due(session: Session, clock: FixedClock, tmp_path: Path) -> Office:
    """An office whose bond subsidy ends the counties' step when it is due."""
    seed_everything(session, clock)
    folder = tmp_path / "library" / "bond_subsidy"
    shutil.copytree(LIBRARY / "bond_subsidy", folder)
    diagram = folder / "process.bpmn"
    text = diagram.read_text()
    ruled = text.replace('id="county_verify" name', 'id="county_verify" lianban:completion="until_due" name')
    assert ruled != text
    diagram.write_text(ruled)
    load_library(session, folder.parent, clock=clock)
    session.commit()
    return Office(session, clock)
