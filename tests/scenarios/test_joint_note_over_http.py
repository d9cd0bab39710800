"""Acceptance scenario 5 through HTTP: the province's answers come as messages, one of them before it was asked."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import quote

from flask import Flask

from tests.api.conftest import Api, api
from tests.factories.cases import application, issuer
from webapp.jobs.handlers import HANDLERS
from webapp.transaction import writing
from workflows import outbox
from workflows.clock import FixedClock

__all__ = ["api"]

OUTSIDE = "pjr.system"
COUNTIES = {"YHQ": "yanhu", "HEJIN": "hejin", "JIANGXIAN": "jiangxian"}


def message(message_id: str, case_no: str, decision: str, opinion: str | None = None, **data: Any) -> dict[str, Any]:
    said = {"message_id": message_id, "name": "recognition", "case_no": case_no, "decision": decision, "data": data}
    return {**said, "opinion": opinion} if opinion else said


def recognised(message_id: str, case_no: str, amount_fen: int) -> dict[str, Any]:
    return message(message_id, case_no, "recognised", document_number="晋金办〔2019〕15号", amount_fen=amount_fen)


def drain(app: Flask, clock: FixedClock) -> None:
    """What the worker does when it is woken."""
    with app.app_context():
        left = 1
        while left:
            with writing() as session:
                left = outbox.drain(session, HANDLERS, clock=clock)


def apply_and_verify(api: Api) -> str:
    number = api.open(issuers=[issuer(n, county) for n, county in enumerate(COUNTIES)])
    api.do("jr.handler", "formal_check", "accept")
    for county in COUNTIES.values():
        api.do(f"{county}.handler", "county_verify", "agree")
    return number


def file(api: Api) -> None:
    api.do("jr.handler", "municipal_review", "file", opinion="拟同意申报")
    api.do("jr.reviewer", "section_review", "agree")
    api.do("jr.leader", "leader_approval", "agree")


def pay(api: Api, case_no: str) -> None:
    api.do("cz.handler", "payment_propose", "propose", case_no=case_no, data={"period": "2019"})
    api.do("cz.reviewer", "payment_review", "agree", case_no=case_no)
    api.do("cz.leader", "payment_approve", "agree", case_no=case_no)
    confirmation = {"bank_reference": f"HD-{case_no[-1]}001", "paid_on": "2019-10-14"}
    api.do("cz.handler2", "payment_confirm", "confirmed", case_no=case_no, data=confirmation)


def test_two_issuers_are_paid_and_the_third_is_refused(api: Api, app: Flask, clock: FixedClock) -> None:
    number = apply_and_verify(api)
    first, second, third = (f"{number}之{place}" for place in "一二三")
    early = recognised("pjr-1", first, 30_000_000)
    assert api.ok("POST", "/messages", OUTSIDE, json=early)["applied"] is False
    file(api)
    drain(app, clock)
    assert api.ok("POST", "/messages", OUTSIDE, json=early)["applied"] is True
    late = recognised("pjr-2", second, 20_000_001)
    assert api.ok("POST", "/messages", OUTSIDE, json=late)["applied"] is True
    assert api.ok("POST", "/messages", OUTSIDE, json=late)["applied"] is True
    refusal = message("pjr-3", third, "refused", "不予认定", document_number="晋金办〔2019〕16号", reason="未完成发行")
    assert api.ok("POST", "/messages", OUTSIDE, json=refusal)["applied"] is True
    for paid in (first, second):
        pay(api, paid)
    drain(app, clock)

    case = api.ok("GET", f"/cases/{quote(number)}", "jr.handler")
    assert (case["status"], case["outcome"]) == ("archived", "partly_recognised")
    assert [child["outcome"] for child in case["children"]] == ["disbursed", "disbursed", "provincial_refused"]
    orders = api.ok("GET", f"/cases/{quote(number)}/payments", "jr.handler")["items"]
    assert [(order["case_no"], order["amount_fen"], order["status"], order["payee_account"]) for order in orders] == [
        (first, 30_000_000, "confirmed", issuer(0, "")["account_no"]),
        (second, 20_000_001, "confirmed", issuer(1, "")["account_no"]),
    ]
    assert all(len({order["maker"], order["checker"], order["releaser"]}) == 3 for order in orders)
    assert api.ok("GET", f"/cases/{quote(third)}/payments", "jr.handler")["items"] == []
    events = api.ok("GET", f"/cases/{quote(third)}/events", "jr.handler")["items"]
    assert any("晋金办〔2019〕16号" in str(event) and "未完成发行" in str(event) for event in events)
    assert api.ok("GET", "/audit/verify", "admin.audit")["ok"] is True


def test_a_replayed_and_changed_message_and_a_second_answer_are_refused(
    api: Api, app: Flask, clock: FixedClock
) -> None:
    number = apply_and_verify(api)
    file(api)
    drain(app, clock)
    first = f"{number}之一"
    assert api.ok("POST", "/messages", OUTSIDE, json=recognised("pjr-1", first, 30_000_000))["applied"] is True
    changed = api.post("/messages", OUTSIDE, json=recognised("pjr-1", first, 90_000_000))
    assert changed.status_code == 422
    assert [error["field"] for error in changed.json["errors"]] == ["message_id"]
    assert api.post("/messages", OUTSIDE, json=recognised("pjr-2", first, 90_000_000)).status_code == 409
    proposal = api.task("cz.handler", "payment_propose", case_no=first)
    detail = api.ok("GET", f"/tasks/{proposal['id']}", "cz.handler")
    assert "90000000" not in str(detail)


def test_of_two_answers_that_came_before_the_question_the_first_counts(api: Api, app: Flask, clock: FixedClock) -> None:
    number = apply_and_verify(api)
    first = f"{number}之一"
    api.ok("POST", "/messages", OUTSIDE, json=recognised("pjr-9", first, 30_000_000))
    clock.at = clock.at.replace(minute=30)
    api.ok("POST", "/messages", OUTSIDE, json=recognised("pjr-1", first, 90_000_000))
    file(api)
    drain(app, clock)
    pay(api, first)
    orders = api.ok("GET", f"/cases/{quote(number)}/payments", "jr.handler")["items"]
    assert [order["amount_fen"] for order in orders] == [30_000_000]


def test_an_answer_to_an_earlier_application_is_not_taken_for_the_corrected_one(
    api: Api, app: Flask, clock: FixedClock
) -> None:
    number = api.open()
    api.ok("POST", "/messages", OUTSIDE, json=recognised("m-early", number, 100_000_00))
    supplement = {"supplement_items": [{"material": "开户证明", "problem": "账号有误", "requirement": "更正"}]}
    api.do("jr.handler", "formal_check", "supplement", opinion="账号有误", data=supplement)
    clock.advance(timedelta(hours=1))
    corrected = application(issuer(0, "YHQ", account_no="1408019999994471"))
    api.do("enterprise-a.applicant", "supplement", "resubmit", data=corrected)
    api.do("jr.handler", "formal_check", "accept")
    api.do("yanhu.handler", "county_verify", "agree")
    file(api)
    drain(app, clock)
    assert api.task("pjr.handler", "recognise")["case_no"] == number
    assert api.ok("POST", "/messages", OUTSIDE, json=recognised("m-late", number, 90_000_00))["applied"] is True


def test_only_the_integration_account_delivers_messages(api: Api) -> None:
    number = apply_and_verify(api)
    for who in ("pjr.handler", "jr.leader", "enterprise-a.applicant", "admin.system"):
        assert api.post("/messages", who, json=recognised("x-1", f"{number}之一", 1)).status_code == 403
