"""补正, 不予受理, 撤回申请, 中止 and 恢复办理: what happens to a case as a whole."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories.cases import Office, application, issuer, seed_everything
from tests.factories.org import actor
from workflows import audit, cases
from workflows.cases import Case, CompleteTask, HumanTask, ReturnTask
from workflows.cases.archive import archive_case
from workflows.cases.models import CaseForm, Notice
from workflows.clock import FixedClock, office_date
from workflows.errors import InvalidInputError, NotFoundError, PermissionDeniedError, StateConflictError

ITEMS = {"supplement_items": [{"material": "发行文件", "problem": "缺页"}]}


@pytest.fixture
def office(session: Session, clock: FixedClock) -> Office:
    seed_everything(session, clock)
    return Office(session, clock)


def opened(office: Office, *counties: str) -> str:
    issuers = (issuer(n, county) for n, county in enumerate(counties or ("YHQ",)))
    return office.open("enterprise-a.applicant", application(*issuers)).case_no


def case(office: Office, no: str) -> Case:
    return office.session.scalars(select(Case).where(Case.no == no).execution_options(populate_existing=True)).one()


def notices(office: Office, no: str) -> list[str]:
    return list(
        office.session.scalars(
            select(Notice.kind).join(Case, Case.id == Notice.case_id).where(Case.no == no).order_by(Notice.id)
        )
    )


def ask_for_more(office: Office) -> None:
    office.do("jr.handler", "formal_check", "supplement", opinion="请一次补齐", **ITEMS)


def resubmit(office: Office, data: dict[str, object]) -> None:
    task_id = office.take("enterprise-a.applicant", "supplement")
    office.act(cases.complete_task, "enterprise-a.applicant", CompleteTask(task_id, "resubmit", None, data))


# ── 补正, 不予受理 ────────────────────────────────────────────────────────────────────────────────


def test_the_applicant_supplies_more_and_the_earlier_form_is_kept(office: Office) -> None:
    no = opened(office, "YHQ", "HEJIN")
    ask_for_more(office)
    assert case(office, no).status == "waiting_for_supplement"
    changed = application(issuer(2, "JIANGXIAN"), bond_name="2019年第二期可转债")
    resubmit(office, changed)
    now = case(office, no)
    assert (now.status, now.title) == ("submitted", "2019年第二期可转债")
    assert (now.applicant_name, now.applicant_uscc) == (issuer(2, "")["name"], issuer(2, "")["uscc"])
    forms = office.session.scalars(select(CaseForm).where(CaseForm.case_id == now.id).order_by(CaseForm.number)).all()
    assert [len(form.data["issuers"]) for form in forms] == [2, 1]
    accepted = office.do("jr.handler", "formal_check", "accept")
    assert [step.agency.code for step in accepted.next_steps if step.agency] == ["JIANGXIAN"]
    assert notices(office, no) == ["supplement", "acceptance"]


def test_a_supplement_names_what_is_missing(office: Office) -> None:
    opened(office)
    task_id = office.take("jr.handler", "formal_check")
    with pytest.raises(InvalidInputError) as refused:
        office.complete("jr.handler", task_id, "supplement", "请补齐")
    assert [(e.field, e.code) for e in refused.value.errors] == [("supplement_items", "required")]


def test_a_wrong_supplement_changes_nothing(office: Office) -> None:
    no = opened(office)
    ask_for_more(office)
    with pytest.raises(InvalidInputError):
        resubmit(office, application(issuer(0, "YHQ"), issued_on="2019-10-15"))
    assert case(office, no).status == "waiting_for_supplement"
    assert len(office.session.scalars(select(CaseForm)).all()) == 1


def test_only_the_applicant_supplies(office: Office) -> None:
    opened(office)
    ask_for_more(office)
    task_id = office.find("enterprise-a.applicant", "supplement").id
    for stranger in ("jr.handler", "enterprise-b.applicant", "yanhu.handler"):
        with pytest.raises(NotFoundError):
            office.act(cases.claim_task, stranger, task_id)


def test_once_children_have_numbers_their_companies_stay(office: Office) -> None:
    no = opened(office, "YHQ", "HEJIN")
    office.do("jr.handler", "formal_check", "accept")
    office.verify(no, "YHQ", "HEJIN")
    task_id = office.take("jr.handler", "municipal_review")
    office.act(cases.return_task, "jr.handler", ReturnTask(task_id, "材料有误", "formal_check"))
    ask_for_more(office)
    for wrong, field in (
        (application(issuer(1, "HEJIN"), issuer(0, "YHQ")), "issuers.0.uscc"),
        (application(issuer(0, "YHQ")), "issuers"),
    ):
        task_id = office.find("enterprise-a.applicant", "supplement").id
        office.claim("enterprise-a.applicant", task_id)
        with pytest.raises(InvalidInputError) as refused:
            office.act(cases.complete_task, "enterprise-a.applicant", CompleteTask(task_id, "resubmit", None, wrong))
        assert field in [error.field for error in refused.value.errors]
        office.act(cases.release_task, "enterprise-a.applicant", task_id)
    renamed = application(
        issuer(0, "YHQ"), issuer(1, "JIANGXIAN", name="新名称有限公司", account_name="新名称有限公司")
    )
    resubmit(office, renamed)
    office.do("jr.handler", "formal_check", "accept")
    assert case(office, f"{no}之二").applicant_name == "新名称有限公司"
    office.verify(no, "YHQ", "JIANGXIAN")


def test_what_is_not_accepted_ends_with_a_notice_and_an_archive(office: Office, session: Session) -> None:
    no = opened(office)
    task_id = office.take("jr.handler", "formal_check")
    with pytest.raises(InvalidInputError):
        office.complete("jr.handler", task_id, "not_accept", "不予受理")
    moved = office.complete("jr.handler", task_id, "not_accept", "不予受理", reason="不属于支持范围")
    assert (moved.case_status, moved.outcome) == ("closed", "not_accepted")
    assert notices(office, no) == ["not_accepted"]
    archive_case(session, {"case_id": case(office, no).id}, office.clock)
    session.commit()
    assert case(office, no).status == "archived"
    detail = cases.get_case(session, no, actor=actor(session, "jr.handler", office.clock), clock=office.clock)
    assert detail.archive_sha256


# ── 撤回申请 ──────────────────────────────────────────────────────────────────────────────────────


def test_an_applicant_withdraws_with_all_children(office: Office) -> None:
    no = opened(office, "YHQ", "HEJIN")
    office.do("jr.handler", "formal_check", "accept")
    moved = office.act(cases.withdraw_case, "enterprise-a.applicant", no, reason="不再申请")
    assert (moved.case_status, moved.outcome) == ("terminated", "withdrawn")
    assert {case(office, no + child).status for child in ("", "之一", "之二")} == {"terminated"}
    assert office.queue("yanhu.handler") == office.queue("hejin.handler") == ()
    with pytest.raises(StateConflictError):
        office.act(cases.withdraw_case, "enterprise-a.applicant", no, reason="不再申请")
    assert audit.verify(office.session).ok


@pytest.mark.parametrize("who", ["jr.handler", "jr.leader", "yanhu.handler", "dc.supervisor"])
def test_nobody_else_withdraws(office: Office, who: str) -> None:
    no = office.accept("YHQ")
    with pytest.raises(PermissionDeniedError):
        office.act(cases.withdraw_case, who, no, reason="不再申请")
    with pytest.raises(NotFoundError):
        office.act(cases.withdraw_case, "hejin.handler", no, reason="不再申请")


def test_a_clerk_does_not_withdraw_what_colleagues_applied_for(office: Office) -> None:
    no = office.open("jr.handler", application(issuer(0, "YHQ"))).case_no
    with pytest.raises(PermissionDeniedError):
        office.act(cases.withdraw_case, "jr.clerk", no, reason="不再申请")
    assert office.act(cases.withdraw_case, "jr.handler", no, reason="代申请人撤回").outcome == "withdrawn"


def test_one_issuer_does_not_withdraw_its_child_alone(office: Office) -> None:
    no = office.accept("YHQ", "HEJIN")
    with pytest.raises(PermissionDeniedError):
        office.act(cases.withdraw_case, "enterprise-b.applicant", f"{no}之二", reason="不再申请")


# ── 中止, 恢复 ────────────────────────────────────────────────────────────────────────────────────


def test_a_suspended_case_stands_still_and_its_limits_move_by_working_days(office: Office, clock: FixedClock) -> None:
    no = office.accept("YHQ")
    before = office.find("yanhu.handler", "county_verify").due_at
    assert before is not None
    assert office_date(before - timedelta(seconds=1)) == date(2019, 10, 21)
    office.act(cases.suspend_case, "jr.leader", no, reason="等待上级答复")
    task = office.find("yanhu.handler", "county_verify")
    assert (task.light, task.verbs) == ("grey", ())
    for service in (cases.claim_task, cases.release_task):
        with pytest.raises(StateConflictError):
            office.act(service, "yanhu.handler", task.id)
    clock.at = datetime(2019, 10, 18, 2, 0, tzinfo=UTC)  # Friday: four working days later
    office.act(cases.resume_case, "jr.leader", no, reason="已答复")
    after = office.find("yanhu.handler", "county_verify").due_at
    assert after is not None
    assert office_date(after - timedelta(seconds=1)) == date(2019, 10, 25)
    with pytest.raises(StateConflictError):
        office.act(cases.resume_case, "jr.leader", no, reason="已答复")


def test_a_case_resumes_in_the_status_it_was_suspended_in(office: Office) -> None:
    no = opened(office)
    for expected, step in (
        ("submitted", lambda: None),
        ("waiting_for_supplement", lambda: ask_for_more(office)),
        ("submitted", lambda: resubmit(office, application(issuer(0, "YHQ")))),
        ("in_progress", lambda: office.do("jr.handler", "formal_check", "accept")),
    ):
        step()
        assert case(office, no).status == expected
        office.act(cases.suspend_case, "jr.leader", no, reason="等待上级答复")
        with pytest.raises(StateConflictError):
            office.act(cases.suspend_case, "jr.leader", no, reason="等待上级答复")
        assert case(office, no).status == "suspended"
        office.act(cases.resume_case, "jr.leader", no, reason="已答复")
        assert case(office, no).status == expected


def test_a_case_sent_back_to_the_formal_check_resumes_there(office: Office) -> None:
    no = office.accept("YHQ")
    office.verify(no, "YHQ")
    task_id = office.take("jr.handler", "municipal_review")
    office.act(cases.return_task, "jr.handler", ReturnTask(task_id, "材料有误", "formal_check"))
    before = case(office, no).status
    office.act(cases.suspend_case, "jr.leader", no, reason="等待上级答复")
    office.act(cases.resume_case, "jr.leader", no, reason="已答复")
    assert case(office, no).status == before == "submitted"


def test_only_heads_of_the_lead_suspend(office: Office) -> None:
    no = office.accept("YHQ")
    for who in ("jr.handler", "yanhu.leader", "enterprise-a.applicant"):
        with pytest.raises(PermissionDeniedError):
            office.act(cases.suspend_case, who, no, reason="等待上级答复")
    with pytest.raises(NotFoundError):
        office.act(cases.suspend_case, "cz.leader", no, reason="等待上级答复")
    with pytest.raises(InvalidInputError):
        office.act(cases.suspend_case, "jr.leader", no, reason=" ")


def test_tasks_held_when_the_case_was_suspended_can_be_completed_afterwards(office: Office) -> None:
    no = office.accept("YHQ")
    task_id = office.take("yanhu.handler", "county_verify")
    office.act(cases.suspend_case, "jr.leader", no, reason="等待上级答复")
    with pytest.raises(StateConflictError):
        office.complete("yanhu.handler", task_id, "agree")
    office.session.rollback()
    office.act(cases.resume_case, "jr.leader", no, reason="已答复")
    office.complete("yanhu.handler", task_id, "agree")
    assert office.session.scalars(select(HumanTask.status).where(HumanTask.id == task_id)).one() == "completed"
