"""退回 and 取回: where a case may go back to, what that voids, and when it is too late."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories.cases import Office, application, issuer, seed_everything
from workflows import audit, cases
from workflows.cases import Case, HumanTask, ReturnTask
from workflows.cases.models import CaseSnapshot
from workflows.clock import FixedClock
from workflows.errors import InvalidInputError, NotFoundError, StateConflictError, TaskAlreadyClaimedError

COUNTIES = ("YHQ", "HEJIN")


@pytest.fixture
def office(session: Session, clock: FixedClock) -> Office:
    seed_everything(session, clock)
    return Office(session, clock)


def targets(office: Office, username: str, task_id: int) -> list[str]:
    from tests.factories.org import actor

    who = actor(office.session, username, office.clock)
    return [target.code for target in cases.return_targets(office.session, task_id, actor=who)]


def voided(office: Office) -> set[tuple[str, bool]]:
    rows = office.session.execute(select(HumanTask.node_id, HumanTask.voided_at).where(HumanTask.status == "completed"))
    return {(row.node_id, row.voided_at is not None) for row in rows}


def test_the_municipal_office_sends_a_case_back_to_all_counties(office: Office) -> None:
    no = office.accept(*COUNTIES)
    office.verify(no, *COUNTIES)
    task_id = office.take("jr.handler", "municipal_review")
    assert set(targets(office, "jr.handler", task_id)) == {"formal_check", "county_verify"}
    moved = office.act(cases.return_task, "jr.handler", ReturnTask(task_id, "核实意见不全", "county_verify"))
    assert {(step.name.code, step.agency.code) for step in moved.next_steps if step.agency} == {
        ("county_verify", "YHQ"),
        ("county_verify", "HEJIN"),
    }
    assert voided(office) == {("formal_check", False), ("county_verify", True)}
    office.verify(no, *COUNTIES)
    office.file()
    assert {row.node_id for row in office.queue("pjr.handler")} == {"recognise"}
    snapshots = office.session.scalars(select(CaseSnapshot.reason)).all()
    assert snapshots == ["return"]
    assert audit.verify(office.session).ok


def test_voided_decisions_are_shown_and_marked(office: Office) -> None:
    no = office.accept("YHQ")
    office.verify(no, "YHQ")
    task_id = office.take("jr.handler", "municipal_review")
    office.act(cases.return_task, "jr.handler", ReturnTask(task_id, "请重新核实", "county_verify"))
    again = office.take("yanhu.handler", "county_verify")
    detail = office.act(cases.get_task, "yanhu.handler", again)
    assert [(row.node_id, row.voided) for row in detail.signatures] == [
        ("county_verify", True),
        ("formal_check", False),
    ]


def test_without_a_target_a_case_goes_to_the_nearest_earlier_step(office: Office) -> None:
    no = office.accept("YHQ")
    office.verify(no, "YHQ")
    office.do("jr.handler", "municipal_review", "file", opinion="拟同意申报")
    task_id = office.take("jr.reviewer", "section_review")
    moved = office.act(cases.return_task, "jr.reviewer", ReturnTask(task_id, "补充审核意见"))
    assert [step.name.code for step in moved.next_steps] == ["municipal_review"]


@pytest.mark.parametrize("to", ["leader_approval", "section_review", "recognise", "supplement", "applied", "nowhere"])
def test_a_step_not_passed_is_no_target(office: Office, to: str) -> None:
    no = office.accept("YHQ")
    office.verify(no, "YHQ")
    task_id = office.take("jr.handler", "municipal_review")
    with pytest.raises(InvalidInputError) as refused:
        office.act(cases.return_task, "jr.handler", ReturnTask(task_id, "退回", to))
    assert [(e.field, e.code) for e in refused.value.errors] == [("to_node_id", "not-in-list")]


def test_a_return_needs_a_reason_and_the_task_in_hand(office: Office) -> None:
    no = office.accept("YHQ")
    office.verify(no, "YHQ")
    task_id = office.find("jr.handler", "municipal_review").id
    with pytest.raises(InvalidInputError):
        office.act(cases.return_task, "jr.handler", ReturnTask(task_id, "  "))
    with pytest.raises(StateConflictError):
        office.act(cases.return_task, "jr.handler", ReturnTask(task_id, "退回"))
    office.claim("jr.handler", task_id)
    with pytest.raises(TaskAlreadyClaimedError):
        office.act(cases.return_task, "jr.handler2", ReturnTask(task_id, "退回"))
    with pytest.raises(NotFoundError):
        office.act(cases.return_task, "yanhu.handler", ReturnTask(task_id, "退回"))


def test_the_first_step_has_nowhere_to_go_back_to(office: Office) -> None:
    office.open("enterprise-a.applicant", application(issuer(0, "YHQ")))
    task_id = office.take("jr.handler", "formal_check")
    assert targets(office, "jr.handler", task_id) == []
    with pytest.raises(StateConflictError):
        office.act(cases.return_task, "jr.handler", ReturnTask(task_id, "退回"))


def test_one_county_sends_the_whole_countersign_back_to_the_formal_check(office: Office) -> None:
    no = office.accept(*COUNTIES)
    office.do("yanhu.handler", "county_verify", "agree", case_no=f"{no}之一")
    task_id = office.take("hejin.handler", "county_verify")
    moved = office.act(cases.return_task, "hejin.handler", ReturnTask(task_id, "申报材料有误", "formal_check"))
    assert [step.name.code for step in moved.next_steps] == ["formal_check"]
    assert voided(office) == {("formal_check", True), ("county_verify", True)}
    office.do("jr.handler", "formal_check", "accept")
    office.verify(no, *COUNTIES)


def test_children_that_had_ended_go_on_when_the_case_goes_back_behind_their_end(office: Office) -> None:
    no = office.filed(*COUNTIES)
    refusal = {"document_number": "晋金办〔2019〕16号", "reason": "未完成发行"}
    office.do("pjr.handler", "recognise", "refused", case_no=f"{no}之一", opinion="不予认定", **refusal)
    task_id = office.take("pjr.handler", "recognise", f"{no}之二")
    office.act(cases.return_task, "pjr.handler", ReturnTask(task_id, "请市级重新审核", "municipal_review"))
    first = office.session.scalars(select(Case).where(Case.no == f"{no}之一")).one()
    office.session.refresh(first)
    assert (first.status, first.outcome, first.closed_at) == ("in_progress", None, None)


# ── 取回 ──────────────────────────────────────────────────────────────────────────────────────────


def test_an_officer_takes_back_what_nobody_has_taken_up(office: Office) -> None:
    no = office.accept("YHQ")
    office.verify(no, "YHQ")
    task_id = office.take("jr.handler", "municipal_review")
    office.complete("jr.handler", task_id, "file", "拟同意申报")
    moved = office.act(cases.recall_task, "jr.handler", task_id, reason="金额需更正")
    assert [step.name.code for step in moved.next_steps] == ["municipal_review"]
    assert office.queue("jr.reviewer") == ()
    office.file()


def test_what_has_been_taken_up_cannot_be_taken_back(office: Office) -> None:
    no = office.accept("YHQ")
    office.verify(no, "YHQ")
    task_id = office.take("jr.handler", "municipal_review")
    office.complete("jr.handler", task_id, "file", "拟同意申报")
    office.take("jr.reviewer", "section_review")
    with pytest.raises(StateConflictError, match="taken-up"):
        office.act(cases.recall_task, "jr.handler", task_id, reason="金额需更正")


def test_an_acceptance_is_taken_back_from_all_counties_unless_one_has_taken_it_up(office: Office) -> None:
    office.open("enterprise-a.applicant", application(issuer(0, "YHQ"), issuer(1, "HEJIN")))
    task_id = office.take("jr.handler", "formal_check")
    office.complete("jr.handler", task_id, "accept")
    moved = office.act(cases.recall_task, "jr.handler", task_id, reason="误点受理")
    assert [step.name.code for step in moved.next_steps] == ["formal_check"]
    assert office.queue("yanhu.handler") == ()
    accepted = office.take("jr.handler", "formal_check")
    office.complete("jr.handler", accepted, "accept")
    office.take("hejin.handler", "county_verify")
    with pytest.raises(StateConflictError, match="taken-up"):
        office.act(cases.recall_task, "jr.handler", accepted, reason="误点受理")


def test_a_county_cannot_take_back_what_would_void_another_county(office: Office) -> None:
    no = office.accept(*COUNTIES)
    office.do("yanhu.handler", "county_verify", "agree", case_no=f"{no}之一")
    task_id = office.take("hejin.handler", "county_verify")
    office.complete("hejin.handler", task_id, "agree")
    with pytest.raises(StateConflictError):
        office.act(cases.recall_task, "hejin.handler", task_id, reason="更正意见")
    assert ("county_verify", True) not in voided(office)


def test_the_only_county_takes_its_opinion_back(office: Office) -> None:
    office.accept("YHQ")
    task_id = office.take("yanhu.handler", "county_verify")
    office.complete("yanhu.handler", task_id, "agree")
    moved = office.act(cases.recall_task, "yanhu.handler", task_id, reason="更正意见")
    assert [step.name.code for step in moved.next_steps] == ["county_verify"]


def test_nobody_takes_back_what_a_colleague_did(office: Office) -> None:
    no = office.accept("YHQ")
    office.verify(no, "YHQ")
    task_id = office.take("jr.handler", "municipal_review")
    office.complete("jr.handler", task_id, "file", "拟同意申报")
    with pytest.raises(StateConflictError):
        office.act(cases.recall_task, "jr.handler2", task_id, reason="金额需更正")
    with pytest.raises(NotFoundError):
        office.act(cases.recall_task, "yanhu.handler", task_id, reason="金额需更正")


def test_what_was_taken_back_once_cannot_be_taken_back_again(office: Office) -> None:
    no = office.accept("YHQ")
    office.verify(no, "YHQ")
    task_id = office.take("jr.handler", "municipal_review")
    office.complete("jr.handler", task_id, "file", "拟同意申报")
    office.act(cases.recall_task, "jr.handler", task_id, reason="金额需更正")
    with pytest.raises(StateConflictError):
        office.act(cases.recall_task, "jr.handler", task_id, reason="金额需更正")
