"""Opinions and the lead's answers through the API."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from tests.api.conftest import Api, api, fields
from tests.factories.cases import issuer

__all__ = ["api"]


@pytest.fixture
def case_no(api: Api) -> str:
    number = api.open(issuers=[issuer(0, "YHQ"), issuer(1, "HEJIN")])
    api.do("jr.handler", "formal_check", "accept")
    api.do("yanhu.handler", "county_verify", "object", opinion="企业正在接受税务稽查")
    api.do("hejin.handler", "county_verify", "agree")
    return number


def test_a_decision_without_the_answer_names_the_objection_and_with_it_goes_on(api: Api, case_no: str) -> None:
    opinions = api.ok("GET", f"/cases/{quote(case_no)}/opinions", "jr.handler")["items"]
    assert [(o["agency"]["code"], o["state"], o["answer_required"]) for o in opinions] == [
        ("YHQ", "given", True),
        ("HEJIN", "given", False),
    ]
    task = api.task("jr.handler", "municipal_review")["id"]
    version = api.ok("POST", f"/tasks/{task}/claim", "jr.handler")["row_version"]
    body = {"decision": "file", "opinion": "拟同意申报", "row_version": version}
    refused = api.post(f"/tasks/{task}/complete", "jr.handler", json=body)
    assert (fields(refused), refused.json["code"]) == ({"answers"}, "objections-unanswered")
    assert refused.json["unanswered"] == [opinions[0]["task_id"]]
    assert "盐湖区" in refused.json["errors"][0]["message"]

    answer = {"task_id": opinions[0]["task_id"], "answer": "稽查已结案"}
    moved = api.ok("POST", f"/tasks/{task}/complete", "jr.handler", json={**body, "answers": [answer]})
    assert [step["name"] for step in moved["next_steps"]] == ["科室复核"]
    read = api.ok("GET", f"/cases/{quote(case_no)}/opinions", "jr.handler")["items"][0]
    assert (read["answer_required"], [a["answer"] for a in read["answers"]]) == (False, ["稽查已结案"])
    assert read["answers"][0]["agency"]["code"] == "JR"


@pytest.mark.parametrize(
    "answers",
    [
        [{"task_id": 0, "answer": "甲"}],
        [{"task_id": "1", "answer": "甲"}],
        [{"task_id": 2**62, "answer": "甲"}],
        [{"task_id": 1, "answer": ""}],
        [{"task_id": 1, "answer": "长" * 2001}],
        [{"task_id": 1}],
        {"1": "甲"},
    ],
)
def test_a_wrong_answer_names_its_field(api: Api, case_no: str, answers: object) -> None:
    task = api.task("jr.handler", "municipal_review")["id"]
    api.ok("POST", f"/tasks/{task}/claim", "jr.handler")
    body = {"decision": "file", "opinion": "拟同意申报", "answers": answers}
    refused = api.post(f"/tasks/{task}/complete", "jr.handler", json=body)
    assert all(field.startswith("answers") for field in fields(refused))
    assert api.task("jr.handler", "municipal_review", queue="mine")["id"] == task


def test_another_agencys_opinions_are_not_found(api: Api, case_no: str) -> None:
    assert api.get(f"/cases/{quote(case_no)}/opinions", "cz.handler").status_code == 404
    own = api.ok("GET", f"/cases/{quote(case_no)}/opinions", "hejin.handler")["items"]
    assert [opinion["agency"]["code"] for opinion in own] == ["HEJIN"]
