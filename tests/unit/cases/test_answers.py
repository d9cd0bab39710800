"""The lead answers every objection of a county before it files."""

from __future__ import annotations

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from tests.factories.cases import Office, seed_everything
from workflows import audit, cases
from workflows.audit import AuditEntry
from workflows.cases import CompleteTask, Moved, OpinionAnswer, ReturnTask
from workflows.cases.numbering import child_case_no
from workflows.cases.opinions.views import OpinionRow
from workflows.clock import FixedClock
from workflows.errors import InvalidInputError, ObjectionsUnansweredError

OPINION = "拟同意申报"


@pytest.fixture
def office(session: Session, clock: FixedClock) -> Office:
    seed_everything(session, clock)
    return Office(session, clock)


def objected(office: Office) -> tuple[str, int, int]:
    """Have 盐湖 object and 河津 agree with conditions; return the case and the two tasks."""
    no = office.accept("YHQ", "HEJIN", "JIANGXIAN")
    yanhu = office.take("yanhu.handler", "county_verify")
    office.complete("yanhu.handler", yanhu, "object", "企业正在接受税务稽查")
    hejin = office.take("hejin.handler", "county_verify")
    office.complete("hejin.handler", hejin, "agree_with_conditions", "须续报专户证明")
    office.do("jiangxian.handler", "county_verify", "agree", case_no=child_case_no(no, 2))
    return no, yanhu, hejin


def file(office: Office, *answers: OpinionAnswer) -> Moved:
    mine = office.queue("jr.handler", "mine")
    task_id = mine[0].id if mine else office.take("jr.handler", "municipal_review")
    return office.act(cases.complete_task, "jr.handler", CompleteTask(task_id, "file", OPINION, answers=answers))


def said(office: Office, no: str, username: str = "jr.handler") -> tuple[OpinionRow, ...]:
    return office.act(cases.list_opinions, username, no)


def test_an_unanswered_objection_is_named_and_nothing_moves(office: Office) -> None:
    no, yanhu, _hejin = objected(office)
    with pytest.raises(ObjectionsUnansweredError) as refused:
        file(office)
    assert refused.value.task_ids == (yanhu,)
    assert [(error.field, error.params["task_id"]) for error in refused.value.errors] == [("answers", yanhu)]
    assert [row.node_id for row in office.queue("jr.handler", "mine")] == ["municipal_review"]
    assert all(row.answers == () for row in said(office, no))


def test_with_the_answer_the_case_goes_on_and_the_answer_stays_with_who_and_when(office: Office) -> None:
    no, yanhu, hejin = objected(office)
    moved = file(office, OpinionAnswer(yanhu, " 稽查已结案 "), OpinionAnswer(hejin, "已告知企业"))
    assert [step.name.code for step in moved.next_steps] == ["section_review"]
    rows = {row.task.id: row for row in said(office, no)}
    answer = rows[yanhu].answers[0]
    assert (answer.answer, answer.agency.code, answer.post.code) == ("稽查已结案", "JR", "handler")
    assert answer.at == office.clock.now()
    assert [a.answer for a in rows[hejin].answers] == ["已告知企业"]
    entries = office.session.scalars(select(AuditEntry).where(AuditEntry.event == "objection.answered")).all()
    assert [(entry.task_id, entry.payload["to"][0]) for entry in entries] == [(yanhu, "YHQ"), (hejin, "HEJIN")]
    assert audit.verify(office.session).ok


def test_an_objection_is_answered_once_and_needs_no_second_answer_after_a_return(office: Office) -> None:
    _no, yanhu, _hejin = objected(office)
    file(office, OpinionAnswer(yanhu, "稽查已结案"))
    review = office.take("jr.reviewer", "section_review")
    office.act(cases.return_task, "jr.reviewer", ReturnTask(review, "请补充"))
    assert [step.name.code for step in file(office).next_steps] == ["section_review"]


def test_an_objection_that_was_given_up_needs_no_answer(office: Office) -> None:
    no, yanhu, _hejin = objected(office)
    review = office.take("jr.handler", "municipal_review")
    office.act(cases.return_task, "jr.handler", ReturnTask(review, "请重新核实", "county_verify"))
    office.verify(no, "YHQ", "HEJIN", "JIANGXIAN")
    assert [step.name.code for step in file(office).next_steps] == ["section_review"]
    assert {row.task.id: row.state for row in said(office, no)}[yanhu] == "void"


@pytest.mark.parametrize(
    ("answers", "field"),
    [
        (lambda yanhu: [OpinionAnswer(yanhu, "  ")], "answers.0.answer"),
        (lambda yanhu: [OpinionAnswer(yanhu, "长" * 2001)], "answers.0.answer"),
        (lambda yanhu: [OpinionAnswer(yanhu, "a\x00b")], "answers.0.answer"),
        (lambda yanhu: [OpinionAnswer(yanhu, "甲"), OpinionAnswer(yanhu, "乙")], "answers.1.task_id"),
        (lambda yanhu: [OpinionAnswer(yanhu, "甲"), OpinionAnswer(999_999, "乙")], "answers.1.task_id"),
    ],
)
def test_a_wrong_answer_is_refused_by_name(office: Office, answers: object, field: str) -> None:
    _no, yanhu, _hejin = objected(office)
    with pytest.raises(InvalidInputError) as refused:
        file(office, *answers(yanhu))  # type: ignore[operator]
    assert [error.field for error in refused.value.errors] == [field]


def test_a_supporting_agency_answers_nobody(office: Office) -> None:
    office.accept("YHQ", "HEJIN")
    yanhu = office.take("yanhu.handler", "county_verify")
    office.complete("yanhu.handler", yanhu, "object", "企业正在接受税务稽查")
    hejin = office.take("hejin.handler", "county_verify")
    command = CompleteTask(hejin, "agree", answers=(OpinionAnswer(yanhu, "不必"),))
    with pytest.raises(InvalidInputError):
        office.act(cases.complete_task, "hejin.handler", command)


def test_a_county_reads_its_own_part_and_an_applicant_nothing(office: Office) -> None:
    no, yanhu, _hejin = objected(office)
    assert {row.task.agency.code for row in said(office, no, "yanhu.handler")} == {"YHQ"}
    assert said(office, no, "enterprise-a.applicant") == ()
    file(office, OpinionAnswer(yanhu, "稽查已结案"))
    assert [row.answers[0].answer for row in said(office, no, "yanhu.handler")] == ["稽查已结案"]


def test_answers_are_never_changed(office: Office) -> None:
    _no, yanhu, _hejin = objected(office)
    file(office, OpinionAnswer(yanhu, "稽查已结案"))
    for statement in ("UPDATE opinion_answer SET answer = 'x'", "DELETE FROM opinion_answer"):
        with pytest.raises(DBAPIError, match="append-only"):
            office.session.execute(text(statement))
        office.session.rollback()
