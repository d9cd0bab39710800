"""Three issuers of one 集合票据; the province recognises two (acceptance scenario 5)."""

from __future__ import annotations

import hashlib

import orjson
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories.cases import LIBRARY, Office, application, issuer, seed_everything
from tests.factories.org import actor
from workflows import audit, cases, outbox
from workflows.cases import OUTBOX_HANDLERS, HumanTask, OutsideMessage
from workflows.cases.models import Case, CaseArchive
from workflows.clock import FixedClock
from workflows.payments import PaymentOrder, list_orders
from workflows.persistence import canonical_json
from workflows.processes import ProcessFiles

COUNTIES = ("YHQ", "HEJIN", "JIANGXIAN")
REFUSAL = {"document_number": "晋金办〔2019〕16号", "reason": "未完成发行"}
AMOUNTS = {"之一": 30_000_000, "之二": 20_000_001}


@pytest.fixture
def office(session: Session, clock: FixedClock) -> Office:
    seed_everything(session, clock)
    return Office(session, clock)


def run(office: Office) -> str:
    """Take the case from the application to its end; return its number."""
    opened = office.open(
        "enterprise-a.applicant", application(*(issuer(n, county) for n, county in enumerate(COUNTIES)))
    )
    no = opened.case_no
    assert [(step.name.code, step.agency and step.agency.code) for step in opened.next_steps] == [
        ("formal_check", "JR")
    ]
    office.do("jr.handler", "formal_check", "accept")
    office.do("yanhu.handler", "county_verify", "agree", case_no=f"{no}之一")
    office.do("hejin.handler", "county_verify", "agree", case_no=f"{no}之二")
    office.do("jiangxian.handler", "county_verify", "object", case_no=f"{no}之三", opinion="尚未见到缴款凭证")
    office.file()
    answer_of_the_province(office, no)
    for child in AMOUNTS:
        pay(office, no + child)
    while outbox.drain(office.session, OUTBOX_HANDLERS, clock=office.clock):
        office.session.commit()
    return no


def answer_of_the_province(office: Office, no: str) -> None:
    """The first by an officer's hand, the second by the outside system, the third refused."""
    office.recognise(f"{no}之一", AMOUNTS["之一"])
    data = {"document_number": "晋金办〔2019〕15号", "amount_fen": AMOUNTS["之二"]}
    message = OutsideMessage("pjr-1", "recognition", f"{no}之二", "recognised", data)
    assert office.act(cases.receive_message, "pjr.system", message)
    office.do("pjr.handler", "recognise", "refused", case_no=f"{no}之三", opinion="不予认定", **REFUSAL)


def pay(office: Office, no: str) -> None:
    office.do("cz.handler", "payment_propose", "propose", case_no=no, period="2019")
    office.do("cz.reviewer", "payment_review", "agree", case_no=no)
    office.do("cz.leader", "payment_approve", "agree", case_no=no)
    reference = f"HD20191014{no[-1]}"
    office.do("cz.handler2", "payment_confirm", "confirmed", case_no=no, bank_reference=reference, paid_on="2019-10-14")


def test_two_are_paid_in_part_and_the_third_is_refused(office: Office) -> None:
    no = run(office)
    who = actor(office.session, "jr.handler", office.clock)
    case = cases.get_case(office.session, no, actor=who, clock=office.clock)
    assert (case.row.status, case.row.outcome) == ("archived", "partly_recognised")
    assert [(child.no, child.outcome) for child in case.children] == [
        (f"{no}之一", "disbursed"),
        (f"{no}之二", "disbursed"),
        (f"{no}之三", "provincial_refused"),
    ]
    assert audit.verify(office.session).ok


def test_each_amount_goes_to_the_issuers_own_account_by_three_persons(office: Office) -> None:
    no = run(office)
    root = office.session.scalars(select(Case).where(Case.no == no)).one()
    orders = list_orders(office.session, root.id)
    assert [(order.case_no, order.amount_fen, order.status) for order in orders] == [
        (f"{no}之一", 30_000_000, "confirmed"),
        (f"{no}之二", 20_000_001, "confirmed"),
    ]
    for number, order in enumerate(orders):
        own = issuer(number, COUNTIES[number])
        assert (order.payee_name, order.payee_account, order.payee_bank) == (
            own["account_name"],
            own["account_no"],
            own["account_bank"],
        )
        assert len({order.maker, order.checker, order.releaser}) == 3


def test_no_payment_step_and_no_order_ever_existed_for_the_third(office: Office) -> None:
    no = run(office)
    third = office.session.scalars(select(Case).where(Case.no == f"{no}之三")).one()
    steps = office.session.scalars(select(HumanTask.node_id).where(HumanTask.case_id == third.id)).all()
    assert sorted(steps) == ["county_verify", "recognise"]
    assert office.session.scalars(select(PaymentOrder.id).where(PaymentOrder.case_id == third.id)).all() == []
    who = actor(office.session, "jr.handler", office.clock)
    events = cases.list_events(office.session, third.no, actor=who).items
    refusal = next(event for event in events if event.payload.get("decision") == "refused")
    assert refusal.payload["data"] == REFUSAL


def test_the_archive_holds_the_case_whole_under_its_hash(office: Office) -> None:
    no = run(office)
    root = office.session.scalars(select(Case).where(Case.no == no)).one()
    archive = office.session.get_one(CaseArchive, root.id)
    assert hashlib.sha256(archive.content).hexdigest() == archive.sha256
    content = orjson.loads(archive.content)
    assert canonical_json(content) == archive.content
    assert [case["outcome"] for case in content["cases"]] == [
        "partly_recognised",
        "disbursed",
        "disbursed",
        "provincial_refused",
    ]
    assert len(content["forms"][0]["data"]["issuers"]) == 3
    assert "尚未见到缴款凭证" in [task.get("opinion") for task in content["tasks"]]
    assert len(content["tasks"]) == 1 + 3 + 3 + 3 + 2 * 4
    assert [order["case_no"] for order in content["payments"]] == [f"{no}之一", f"{no}之二"]
    third = [task for task in content["tasks"] if task["case"] == f"{no}之三"]
    assert [(task["node_id"], task["agency"]) for task in third][-1] == ("recognise", "山西省金融工作办公室")
    assert all(task["completed_by"] for task in content["tasks"])
    assert content["process"]["sha256"] == ProcessFiles.from_folder(LIBRARY / "bond_subsidy").sha256()
    assert archive.retention == "30"


def test_if_the_province_recognises_none_the_whole_case_ends_so(office: Office) -> None:
    no = office.filed("YHQ", "HEJIN")
    for child in ("之一", "之二"):
        moved = office.do("pjr.handler", "recognise", "refused", case_no=no + child, opinion="不予认定", **REFUSAL)
    assert (moved.case_status, moved.outcome) == ("closed", "provincial_refused")
    assert office.session.scalars(select(PaymentOrder.id)).all() == []
