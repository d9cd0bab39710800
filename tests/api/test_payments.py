"""The whole chain through HTTP, to the money and the end."""

from __future__ import annotations

from urllib.parse import quote

from tests.api.conftest import Api
from tests.api.test_messages import OUTSIDE, RECOGNISED, message
from tests.factories.cases import issuer


def test_three_issuers_of_whom_the_province_recognises_two(api: Api) -> None:
    """Two are paid by three persons each; for the third no payment ever exists."""
    number = api.open(issuers=[issuer(0, "YHQ"), issuer(1, "LINYI"), issuer(2, "JIANGXIAN")])
    api.do("jr.handler", "formal_check", "accept")
    for county in ("yanhu", "linyi", "jiangxian"):
        api.do(f"{county}.handler", "county_verify", "agree")
    api.do("jr.handler2", "municipal_review", "file", opinion="拟同意申报")
    api.do("jr.reviewer", "section_review", "agree")
    api.do("jr.leader", "leader_approval", "agree")
    first, second, third = (f"{number}之{place}" for place in "一二三")

    api.do("pjr.handler", "recognise", "recognised", case_no=first, data=RECOGNISED)
    api.ok("POST", "/messages", OUTSIDE, json=message(second))
    refusal = {"document_number": "晋金办〔2019〕16号", "reason": "不属于支持范围"}
    api.do("pjr.handler", "recognise", "refused", case_no=third, opinion="不予认定", data=refusal)

    for paid in (first, second):
        api.do("cz.handler", "payment_propose", "propose", case_no=paid, data={"period": "2019"})
        task = api.task("cz.reviewer", "payment_review", case_no=paid)
        assert api.post(f"/tasks/{task['id']}/claim", "cz.handler").status_code == 403
        api.do("cz.reviewer", "payment_review", "agree", case_no=paid)
        api.do("cz.leader", "payment_approve", "agree", case_no=paid)
        confirmation = {"bank_reference": f"20191014-{paid[-1]}", "paid_on": "2019-10-14"}
        api.do("cz.handler", "payment_confirm", "confirmed", case_no=paid, data=confirmation)

    orders = api.ok("GET", f"/cases/{quote(number)}/payments", "jr.handler")["items"]
    assert [(order["case_no"], order["status"], order["amount_fen"]) for order in orders] == [
        (first, "confirmed", 100_000_00),
        (second, "confirmed", 100_000_00),
    ]
    assert all(len({order["maker"], order["checker"], order["releaser"]}) == 3 for order in orders)
    case = api.ok("GET", f"/cases/{quote(number)}", "jr.handler")
    assert (case["status"] in ("closed", "archived"), case["outcome"]) == (True, "partly_recognised")
    assert [child["outcome"] for child in case["children"]] == ["disbursed", "disbursed", "provincial_refused"]
    assert api.ok("GET", "/audit/verify", "admin.audit")["ok"] is True


def test_another_agencys_payments_are_not_found(api: Api) -> None:
    number = quote(api.open())
    assert api.ok("GET", f"/cases/{number}/payments", "jr.handler") == {"items": [], "next": None}
    assert api.get(f"/cases/{number}/payments", "cz.handler").status_code == 404
