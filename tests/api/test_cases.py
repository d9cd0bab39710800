"""Cases through HTTP: applying, reading, and who finds what."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from typing import Any
from urllib.parse import quote

from tests.api.conftest import Api, fields
from tests.factories.cases import application, issuer

APPLICANT = "enterprise-a.applicant"


def test_an_application_becomes_a_case_with_a_number(api: Api) -> None:
    body = {"process": "bond_subsidy", "data": application(issuer(0, "YHQ")), "measure": "2"}
    answer = api.post("/cases", APPLICANT, json=body)
    assert answer.status_code == 201
    assert answer.json["no"].startswith("运债补〔2019〕1号")
    assert answer.json["status"] == "submitted"
    again = api.client.get(answer.headers["Location"], headers={"Authorization": f"Bearer {api.token(APPLICANT)}"})
    assert again.json["data"]["bond_name"] == body["data"]["bond_name"]


def test_the_process_tells_what_an_application_needs(api: Api) -> None:
    process = api.ok("GET", "/processes/bond_subsidy", APPLICANT)
    assert process["apply_form"] == "application"
    assert set(process["apply_schema"]["required"]) <= set(application(issuer(0, "YHQ")))


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"issue_amount_fen": -1}, "data.issuers.0.issue_amount_fen"),
    ({"issue_amount_fen": 100.5}, "data.issuers.0.issue_amount_fen"),
    ({"issue_amount_fen": 100.0}, "data.issuers.0.issue_amount_fen"),
    ({"issue_amount_fen": "100"}, "data.issuers.0.issue_amount_fen"),
    ({"issue_amount_fen": True}, "data.issuers.0.issue_amount_fen"),
    ({"issue_amount_fen": 10**17}, "data.issuers.0.issue_amount_fen"),
    ({"issue_amount_fen": 10**30}, "data.issuers.0.issue_amount_fen"),
    ({"uscc": "91140821MA0DEMA0X1"}, "data.issuers.0.uscc"),
    ({"county": "NOWHERE"}, "data.issuers.0.county"),
    ({"name": "长" * 101, "account_name": "长" * 101}, "data.issuers.0.name"),
    ({"name": "甲\x00乙"}, "data.issuers.0.name"),
    ({"surprise": 1}, "data.issuers.0.surprise"),
]


def test_what_is_wrong_in_an_application_is_named(api: Api) -> None:
    for changes, field in WRONG:
        data = application(issuer(0, **{"county": "YHQ", **changes}))
        assert field in fields(api.post("/cases", APPLICANT, json={"process": "bond_subsidy", "data": data})), changes
    assert api.ok("GET", "/cases", APPLICANT)["items"] == []


def test_an_unknown_process_and_measure_are_refused(api: Api) -> None:
    data = application(issuer(0, "YHQ"))
    assert fields(api.post("/cases", APPLICANT, json={"process": "nothing", "data": data})) == {"process"}
    assert fields(api.post("/cases", APPLICANT, json={"process": "bond_subsidy", "data": data, "measure": "99"})) == {
        "measure"
    }


def test_an_applicant_cannot_choose_who_decides_by_naming_a_measure_the_process_does_not_serve(api: Api) -> None:
    data = application(issuer(0, "YHQ"))
    for elsewhere in ("1", "4", "11", "20", "21"):
        body = {"process": "bond_subsidy", "data": data, "measure": elsewhere}
        assert fields(api.post("/cases", APPLICANT, json=body)) == {"measure"}, elsewhere
    assert api.ok("GET", "/cases", APPLICANT)["items"] == []


def test_another_agencys_case_is_not_found(api: Api) -> None:
    number = quote(api.open())
    assert api.get(f"/cases/{number}", APPLICANT).status_code == 200
    assert api.get(f"/cases/{number}", "jr.handler").status_code == 200
    for path in (f"/cases/{number}", f"/cases/{number}/events", f"/cases/{number}/documents"):
        for outsider in ("enterprise-b.applicant", "cz.handler", "yanhu.handler"):
            answer = api.get(path, outsider)
            assert (answer.status_code, answer.json["code"]) == (404, "not-found")


def test_the_timeline_begins_with_the_application(api: Api) -> None:
    number = quote(api.open())
    events = api.ok("GET", f"/cases/{number}/events", "jr.handler")["items"]
    assert events[0]["event"] == "case.opened"
    assert [event["id"] for event in events] == sorted(event["id"] for event in events)


def test_cases_are_listed_page_by_page(api: Api) -> None:
    opened = {api.open(bond_name=f"第{number}期票据") for number in range(5)}
    seen, cursor, pages = [], "", 0
    while cursor is not None:
        page = api.ok("GET", f"/cases?limit=2{cursor and '&cursor=' + cursor}", "jr.handler")
        seen += [item["no"] for item in page["items"]]
        cursor, pages = page["next"], pages + 1
    assert (set(seen), len(seen), pages) == (opened, 5, 3)


def _cursor(*values: object) -> str:
    return urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


CURSORS = [
    "tampered",
    "W10",
    "bnVsbA",
    _cursor("another list", 1),
    _cursor("cases", -1),
    _cursor("cases", 2**70),
    _cursor("mine", "0001-01-01T00:00:00+14:00", 1),
    _cursor("mine", "9999-12-31T23:59:00-14:00", 1),
    _cursor("mine", "2019-01-01T00:00:00", 1),
    _cursor("mine", "2019-01-01T00:00:00Z", 2**70),
]


def test_a_tampered_cursor_is_named(api: Api) -> None:
    for cursor in CURSORS:
        for path in ("/cases", "/tasks"):
            assert fields(api.get(f"{path}?cursor={cursor}", "jr.handler")) == {"cursor"}, cursor


def test_cases_are_filtered(api: Api) -> None:
    number = api.open()
    for query, expected in (
        ("status=submitted", [number]),
        ("status=closed", []),
        ("measure=2", [number]),
        ("measure=3", []),
        ("light=green", [number]),
        ("light=red", []),
        (f"q={quote('票据')}", [number]),
        ("q=100%25", []),
    ):
        assert [item["no"] for item in api.ok("GET", f"/cases?{query}", "jr.handler")["items"]] == expected, query
    assert fields(api.get("/cases?status=open&light=blue", "jr.handler")) == {"status", "light"}


def test_a_case_is_suspended_and_resumed_with_a_reason(api: Api) -> None:
    number = quote(api.open())
    assert fields(api.post(f"/cases/{number}/suspend", "jr.leader", json={})) == {"reason"}
    assert api.ok("POST", f"/cases/{number}/suspend", "jr.leader", json={"reason": "等待法院裁定"})["case_status"] == (
        "suspended"
    )
    again = api.post(f"/cases/{number}/suspend", "jr.leader", json={"reason": "等待"})
    assert (again.status_code, again.json["code"]) == (409, "state-conflict")
    resumed = api.ok("POST", f"/cases/{number}/resume", "jr.leader", json={"reason": "裁定已到"})
    assert resumed["case_status"] == "submitted"


def test_who_applied_for_an_enterprise_withdraws_for_it(api: Api) -> None:
    number = quote(api.open("jr.handler"))
    assert "withdraw" in api.ok("GET", f"/cases/{number}", "jr.handler")["verbs"]
    moved = api.ok("POST", f"/cases/{number}/withdraw", "jr.handler", json={"reason": "企业不再申请"})
    assert moved["case_status"] == "terminated"


def test_an_applicant_withdraws(api: Api) -> None:
    number = quote(api.open())
    moved = api.ok("POST", f"/cases/{number}/withdraw", APPLICANT, json={"reason": "不再申请"})
    assert moved["case_status"] in ("terminated", "archived", "closed")
    assert api.post(f"/cases/{number}/withdraw", APPLICANT, json={"reason": "再撤"}).status_code == 409


def test_a_repeated_application_is_answered_as_before(api: Api) -> None:
    body = {"process": "bond_subsidy", "data": application(issuer(0, "YHQ"))}
    key = {"Idempotency-Key": "apply-1"}
    first = api.post("/cases", APPLICANT, json=body, headers=key)
    again = api.post("/cases", APPLICANT, json=body, headers=key)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json == first.json
    assert again.headers["Location"] == first.headers["Location"]
    assert again.headers["Idempotency-Replayed"] == "true"
    assert len(api.ok("GET", "/cases", APPLICANT)["items"]) == 1
    other = {**body, "measure": "2"}
    refused = api.post("/cases", APPLICANT, json=other, headers=key)
    assert fields(refused) == {"Idempotency-Key"}
    assert refused.json["code"] == "idempotency-key-reused"
    fields(api.post("/cases", APPLICANT, json=body, headers={"Idempotency-Key": "钥匙"}))


def test_bond_of_three_issuers_has_three_child_cases_once_accepted(api: Api) -> None:
    number = api.open(issuers=[issuer(0, "YHQ"), issuer(1, "LINYI"), issuer(2, "JIANGXIAN")])
    api.do("jr.handler", "formal_check", "accept")
    case = api.ok("GET", f"/cases/{quote(number)}", "jr.handler")
    assert [child["no"] for child in case["children"]] == [f"{number}之{place}" for place in "一二三"]
    assert case["leads"]
    assert any(node["state"] == "current" for node in case["nodes"])
