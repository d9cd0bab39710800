"""Three issuers of one 集合票据; the province recognises two."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

import workflows.payments  # noqa: F401  # offers the effects
from workflows.cases import register_effect
for n in ("payment.propose","payment.review","payment.approve","payment.confirm"): register_effect(n, lambda s, c: None, undo=lambda s, c: None)
from tests.factories.cases import Office, application, issuer, seed_everything
from tests.factories.org import actor
from workflows import audit, cases
from workflows.cases import HumanTask
from workflows.clock import FixedClock


@pytest.fixture
def office(session: Session, clock: FixedClock) -> Office:
    seed_everything(session, clock)
    return Office(session, clock)


def test_two_are_paid_and_the_third_ends_without_a_payment_task(office: Office) -> None:
    opened = office.open(
        "enterprise-a.applicant", application(issuer(0, "YHQ"), issuer(1, "HEJIN"), issuer(2, "JIANGXIAN"))
    )
    no = opened.case_no
    assert [step.name.code for step in opened.next_steps] == ["formal_check"]
    assert opened.next_steps[0].agency.code == "JR"

    accepted = office.do("jr.handler", "formal_check", "accept")
    assert {step.agency.code for step in accepted.next_steps} == {"YHQ", "HEJIN", "JIANGXIAN"}
    office.do("yanhu.handler", "county_verify", "agree", case_no=f"{no}之一")
    office.do("hejin.handler", "county_verify", "agree", case_no=f"{no}之二")
    verified = office.do("jiangxian.handler", "county_verify", "object", opinion="尚未见到缴款凭证")
    assert [step.name.code for step in verified.next_steps] == ["municipal_review"]
    office.do("jr.handler", "municipal_review", "file", opinion="材料齐全，拟同意申报")
    office.do("jr.reviewer", "section_review", "agree")
    filed = office.do("jr.leader", "leader_approval", "agree")
    assert {step.agency.code for step in filed.next_steps} == {"PJR"}

    for child, amount in (("之一", 30_000_000), ("之二", 20_000_000)):
        office.do(
            "pjr.handler",
            "recognise",
            "recognised",
            case_no=no + child,
            document_number="晋金办〔2019〕15号",
            amount_fen=amount,
        )
    office.do(
        "pjr.handler",
        "recognise",
        "refused",
        case_no=f"{no}之三",
        opinion="不予认定",
        document_number="晋金办〔2019〕16号",
        reason="未完成发行",
    )
    last = None
    for child in ("之一", "之二"):
        office.do("cz.handler", "payment_propose", "propose", case_no=no + child, period="2019")
        office.do("cz.reviewer", "payment_review", "agree", case_no=no + child)
        office.do("cz.leader", "payment_approve", "agree", case_no=no + child)
        last = office.do(
            "cz.handler2",
            "payment_confirm",
            "confirmed",
            case_no=no + child,
            bank_reference="HD20191014001",
            paid_on="2019-10-14",
        )
    assert last is not None
    from workflows.cases.models import Incident
    print(last, [(i.cause) for i in office.session.scalars(select(Incident))])
    assert last.case_status == "closed"
    assert last.outcome == "partly_recognised"

    who = actor(office.session, "jr.handler", office.clock)
    case = cases.get_case(office.session, no, actor=who, clock=office.clock)
    assert [(child.no, child.outcome) for child in case.children] == [
        (f"{no}之一", "disbursed"),
        (f"{no}之二", "disbursed"),
        (f"{no}之三", "provincial_refused"),
    ]
    third = cases.get_case(office.session, f"{no}之三", actor=who, clock=office.clock)
    steps = office.session.scalars(
        select(HumanTask.node_id).join(cases.Case, cases.Case.id == HumanTask.case_id).where(cases.Case.no == third.row.no)
    ).all()
    assert set(steps) == {"county_verify", "recognise"}
    events = cases.list_events(office.session, f"{no}之三", actor=who).items
    refusal = next(event for event in events if event.payload.get("decision") == "refused")
    assert refusal.payload["data"] == {"document_number": "晋金办〔2019〕16号", "reason": "未完成发行"}
    assert audit.verify(office.session).ok
