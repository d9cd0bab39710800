"""Work queues through HTTP: claiming, handing over, deciding, returning."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

from tests.api.conftest import Api, fields
from tests.factories.cases import issuer


@pytest.fixture
def task(api: Api) -> Any:
    """A formal check that waits at JR."""
    api.open()
    return api.task("jr.handler", "formal_check")


def test_a_task_waits_in_the_queue_of_the_agency_that_leads(api: Api, task: Any) -> None:
    assert (task["agency"], task["role"], task["light"]) == ("JR", "lead", "green")
    assert task["actions"] == ["accept", "supplement", "not_accept"]
    assert "claim" in task["verbs"]
    assert task["due_at"].endswith("Z")
    for other in ("cz.handler", "yanhu.handler", "jr.leader"):
        assert api.ok("GET", "/tasks?queue=available", other)["items"] == []


def test_a_task_shows_what_is_needed_to_decide_it(api: Api, task: Any) -> None:
    detail = api.ok("GET", f"/tasks/{task['id']}", "jr.handler")
    assert [decision["id"] for decision in detail["decisions"]] == task["actions"]
    assert detail["decisions"][1]["opinion_required"] is True
    assert detail["form_schema"]["x-required-for"]
    assert detail["case_data"]["bond_name"]
    english = api.ok("GET", f"/tasks/{task['id']}", "jr.handler", headers={"Accept-Language": "en"})
    assert (detail["name"], english["name"]) == ("形式审查", "Formal check")


def test_whoever_is_slower_is_told_who_was_faster(api: Api, task: Any) -> None:
    api.ok("POST", f"/tasks/{task['id']}/claim", "jr.handler")
    answer = api.post(f"/tasks/{task['id']}/claim", "jr.handler2")
    assert (answer.status_code, answer.json["code"]) == (409, "task-already-claimed")
    assert answer.json["holder"]
    assert answer.json["holder"] in answer.json["detail"]


def test_a_claimed_task_can_be_given_back(api: Api, task: Any) -> None:
    claimed = api.ok("POST", f"/tasks/{task['id']}/claim", "jr.handler")
    assert claimed["row_version"] == task["row_version"] + 1
    assert api.ok("GET", "/tasks?queue=mine", "jr.handler")["items"][0]["id"] == task["id"]
    api.ok("POST", f"/tasks/{task['id']}/release", "jr.handler", json={"row_version": claimed["row_version"]})
    assert api.ok("GET", "/tasks?queue=mine", "jr.handler")["items"] == []
    assert api.task("jr.handler2", "formal_check")["id"] == task["id"]


def test_a_stale_row_version_changes_nothing(api: Api, task: Any) -> None:
    path = f"/tasks/{task['id']}"
    for verb, body in (("claim", {}), ("complete", {"decision": "accept"})):
        answer = api.post(f"{path}/{verb}", "jr.handler", json={"row_version": 77, **body})
        assert answer.status_code == 409
    claimed = api.ok("POST", f"{path}/claim", "jr.handler", json={"row_version": task["row_version"]})
    stale = api.post(f"{path}/complete", "jr.handler", json={"decision": "accept", "row_version": task["row_version"]})
    assert (stale.status_code, stale.json["code"]) == (409, "row-version-stale")
    assert api.ok("GET", path, "jr.handler")["row_version"] == claimed["row_version"]


def test_another_agencys_task_is_not_found(api: Api, task: Any) -> None:
    for verb in ("claim", "release", "complete", "return", "recall"):
        body = {"complete": {"decision": "accept"}, "return": {"reason": "x"}, "recall": {"reason": "x"}}.get(verb, {})
        answer = api.post(f"/tasks/{task['id']}/{verb}", "cz.handler", json=body)
        assert (answer.status_code, answer.json["code"]) == (404, "not-found"), verb
    assert api.get(f"/tasks/{task['id']}", "cz.handler").status_code == 404
    assert api.get(f"/tasks/{task['id']}/return-targets", "cz.handler").status_code == 404


def test_a_head_assigns_and_a_holder_transfers(api: Api, task: Any) -> None:
    assigned = api.ok("POST", f"/tasks/{task['id']}/assign", "jr.reviewer", json={"to": "jr.handler2"})
    assert assigned["status"] == "reserved"
    path = f"/tasks/{task['id']}/transfer"
    assert fields(api.post(path, "jr.handler2", json={"to": "jr.handler"})) == {"reason"}
    assert fields(api.post(path, "jr.handler2", json={"to": "cz.handler", "reason": "出差"})) == {"to"}
    api.ok("POST", path, "jr.handler2", json={"to": "jr.handler", "reason": "出差"})
    assert api.ok("GET", "/tasks?queue=mine", "jr.handler")["items"][0]["id"] == task["id"]
    assert api.post(f"/tasks/{task['id']}/assign", "jr.handler", json={"to": "jr.handler2"}).status_code == 403


def test_a_head_gives_what_handlers_have_in_hand_to_another_several_at_once(api: Api) -> None:
    for _number in range(2):
        api.open()
    for found in api.ok("GET", "/tasks?queue=available", "jr.handler")["items"]:
        api.ok("POST", f"/tasks/{found['id']}/claim", "jr.handler")
    held = [found["id"] for found in api.ok("GET", "/tasks?queue=team", "jr.reviewer")["items"]]
    assert len(held) == 2
    body = {"action": "assign", "ids": held, "to": "jr.handler2"}
    assert api.ok("POST", "/tasks/bulk", "jr.reviewer", json=body)["done"] == 2
    assert len(api.ok("GET", "/tasks?queue=mine", "jr.handler2")["items"]) == 2
    again = api.ok("POST", "/tasks/bulk", "jr.reviewer", json=body)
    assert (again["done"], {row["ok"] for row in again["items"]}) == (0, {False})


def test_a_task_that_was_opened_is_unread_no_more(api: Api, task: Any) -> None:
    def unread(who: str) -> bool:
        return bool(api.ok("GET", "/tasks?queue=available", who)["items"][0]["unread"])

    assert unread("jr.handler")
    api.ok("GET", f"/tasks/{task['id']}", "jr.handler")
    assert (unread("jr.handler"), unread("jr.handler2")) == (False, True)


def test_papers_that_are_lacking_are_told_to_whoever_asks(api: Api, task: Any) -> None:
    """A client that shows the checklist says whether that was seen; one that says nothing leaves it to the record."""
    claimed = api.ok("POST", f"/tasks/{task['id']}/claim", "jr.handler")
    body = {"decision": "accept", "row_version": claimed["row_version"]}
    for call in ("foresee", "complete"):
        asked = api.post(f"/tasks/{task['id']}/{call}", "jr.handler", json={**body, "missing_confirmed": False})
        assert fields(asked) == {"missing_confirmed"}, call
    api.ok("POST", f"/tasks/{task['id']}/complete", "jr.handler", json={**body, "missing_confirmed": True})


def test_what_is_wrong_in_a_decision_is_named(api: Api, task: Any) -> None:
    path = f"/tasks/{task['id']}/complete"
    api.ok("POST", f"/tasks/{task['id']}/claim", "jr.handler")
    for body, named in (
        ({}, {"decision"}),
        ({"decision": "approve"}, {"decision"}),
        ({"decision": 1}, {"decision"}),
        ({"decision": "supplement", "data": {"supplement_items": []}}, {"opinion"}),
        ({"decision": "not_accept", "opinion": "不符"}, {"data.reason"}),
        ({"decision": "accept", "opinion": "长" * 2001}, {"opinion"}),
        ({"decision": "accept", "data": {"amount_fen": 1}}, {"data.amount_fen"}),
        ({"decision": "accept", "data": []}, {"data"}),
        ({"decision": "accept", "row_version": 1.0}, {"row_version"}),
        ({"decision": "accept", "verdict": "yes"}, {"verdict"}),
    ):
        assert fields(api.post(path, "jr.handler", json=body)) >= named, body
    assert api.ok("GET", f"/tasks/{task['id']}", "jr.handler")["status"] == "reserved"


def test_a_decision_moves_the_case_on(api: Api, task: Any) -> None:
    moved = api.do("jr.handler", "formal_check", "accept")
    assert [step["agency"]["code"] for step in moved["next_steps"]] == ["YHQ"]
    assert api.ok("GET", "/tasks?queue=done", "jr.handler")["items"][0]["id"] == task["id"]
    again = api.post(f"/tasks/{task['id']}/complete", "jr.handler", json={"decision": "accept"})
    assert again.status_code == 409


def test_a_repeated_decision_under_one_key_is_answered_as_before(api: Api, task: Any) -> None:
    api.ok("POST", f"/tasks/{task['id']}/claim", "jr.handler")
    path, key = f"/tasks/{task['id']}/complete", {"Idempotency-Key": "decide-1"}
    first = api.post(path, "jr.handler", json={"decision": "accept"}, headers=key)
    again = api.post(path, "jr.handler", json={"decision": "accept"}, headers=key)
    assert (first.status_code, again.status_code, again.json) == (200, 200, first.json)
    assert fields(api.post(path, "jr.handler", json={"decision": "not_accept"}, headers=key)) == {"Idempotency-Key"}
    # Another person's equal key is another key.
    assert api.post(path, "jr.handler2", json={"decision": "accept"}, headers=key).status_code == 409


def test_a_case_goes_back_to_an_earlier_step_with_a_reason(api: Api) -> None:
    api.open()
    api.do("jr.handler", "formal_check", "accept")
    api.do("yanhu.handler", "county_verify", "agree")
    review = api.task("jr.handler", "municipal_review")
    api.ok("POST", f"/tasks/{review['id']}/claim", "jr.handler")
    targets = api.ok("GET", f"/tasks/{review['id']}/return-targets", "jr.handler")["items"]
    assert "formal_check" in [target["node_id"] for target in targets]
    path = f"/tasks/{review['id']}/return"
    assert fields(api.post(path, "jr.handler", json={})) == {"reason"}
    later = {"reason": "重审", "to_node_id": "leader_approval"}
    assert fields(api.post(path, "jr.handler", json=later)) == {"to_node_id"}
    moved = api.ok("POST", path, "jr.handler", json={"reason": "重审", "to_node_id": "formal_check"})
    assert [step["name"] for step in moved["next_steps"]] == ["形式审查"]


def test_what_was_sent_on_can_be_recalled_until_it_is_taken_up(api: Api, task: Any) -> None:
    api.do("jr.handler", "formal_check", "accept")
    moved = api.ok("POST", f"/tasks/{task['id']}/recall", "jr.handler", json={"reason": "附件漏传"})
    assert [step["name"] for step in moved["next_steps"]] == ["形式审查"]


def test_a_signer_is_added_and_removed(api: Api) -> None:
    api.open(issuers=[issuer(0, "YHQ"), issuer(1, "LINYI")])
    api.do("jr.handler", "formal_check", "accept")
    waiting = api.task("yanhu.handler", "county_verify")
    for verb, body in (("add-signer", {"agency": "XIAXIAN"}), ("remove-signer", {})):
        path = f"/tasks/{waiting['id']}/{verb}"
        assert fields(api.post(path, "jr.handler", json=body)) == {"reason"}
        assert api.post(path, "cz.handler", json={**body, "reason": "跨县项目"}).status_code == 404


def test_queues_come_in_pages_and_are_filtered(api: Api) -> None:
    numbers = [api.open(bond_name=f"第{number}期") for number in range(5)]
    seen, cursor = [], ""
    while cursor is not None:
        page = api.ok(
            "GET", f"/tasks?queue=available&sort=due_at&limit=2{cursor and '&cursor=' + cursor}", "jr.handler"
        )
        seen += [item["case_no"] for item in page["items"]]
        cursor = page["next"]
    assert (sorted(seen), len(seen)) == (sorted(numbers), 5)
    assert len(api.ok("GET", "/tasks?queue=available&light=green&measure=2&role=lead", "jr.handler")["items"]) == 5
    assert api.ok("GET", "/tasks?queue=available&light=red", "jr.handler")["items"] == []
    assert len(api.ok("GET", f"/tasks?queue=available&q={quote(numbers[0])}", "jr.handler")["items"]) == 1
    assert len(api.ok("GET", "/tasks?queue=started", "enterprise-a.applicant")["items"]) == 5
    assert fields(api.get("/tasks?queue=everything&sort=name", "jr.handler")) == {"queue", "sort"}
