"""Delegating, urging, copying and handing over through HTTP."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

from tests.api.conftest import Api, fields


@pytest.fixture
def task(api: Api) -> Any:
    """A formal check in the hands of JR's first handler."""
    api.open()
    found = api.task("jr.handler", "formal_check")
    return api.ok("POST", f"/tasks/{found['id']}/claim", "jr.handler")


def test_a_task_is_delegated_handed_back_and_submitted_by_its_owner(api: Api, task: Any) -> None:
    path = f"/tasks/{task['id']}"
    away = api.ok("POST", f"{path}/delegate", "jr.handler", json={"to": "jr.handler2", "reason": "请核对"})
    assert (away["owner"], away["verbs"]) == ("经办人甲", ["take_back"])
    assert api.ok("GET", "/tasks?queue=delegated", "jr.handler")["items"][0]["id"] == task["id"]
    back = api.ok("POST", f"{path}/hand-back", "jr.handler2", json={"note": "已核对", "opinion": "材料齐全"})
    assert back["owner"] is None
    part = api.ok("GET", path, "jr.handler")["part"]
    assert (part["delegate"], part["note"], part["opinion"]) == ("经办人乙", "已核对", "材料齐全")
    api.ok("POST", f"{path}/complete", "jr.handler", json={"decision": "accept"})


def test_a_delegates_submission_is_a_draft(api: Api, task: Any) -> None:
    path = f"/tasks/{task['id']}"
    api.ok("POST", f"{path}/delegate", "jr.handler", json={"to": "jr.handler2", "reason": "请核对"})
    moved = api.ok("POST", f"{path}/complete", "jr.handler2", json={"decision": "accept"})
    assert (moved["next_steps"], moved["task_id"]) == ([], task["id"])
    assert api.ok("GET", path, "jr.handler")["part"]["decision"] == "accept"


def test_delegating_names_what_is_wrong(api: Api, task: Any) -> None:
    path = f"/tasks/{task['id']}/delegate"
    for body, wrong in (
        ({}, {"to", "reason"}),
        ({"to": "jr.handler2"}, {"reason"}),
        ({"to": "jr.handler", "reason": "请代办"}, {"to"}),
        ({"to": "cz.handler", "reason": "请代办"}, {"to"}),
        ({"to": 7, "reason": "请代办"}, {"to"}),
        ({"to": "jr.handler2", "reason": "长" * 2001}, {"reason"}),
        ({"to": "jr.handler2", "reason": "\x07"}, {"reason"}),
    ):
        assert fields(api.post(path, "jr.handler", json=body)) == wrong, body
    stale = api.post(path, "jr.handler", json={"to": "jr.handler2", "reason": "请代办", "row_version": 77})
    assert (stale.status_code, stale.json["code"]) == (409, "row-version-stale")
    for verb, body in (("delegate", {"to": "x", "reason": "x"}), ("hand-back", {"note": "x"}), ("take-back", {})):
        assert api.post(f"/tasks/{task['id']}/{verb}", "cz.handler", json=body).status_code == 404
        assert api.post(f"/tasks/{task['id']}/{verb}", "enterprise-a.applicant", json=body).status_code == 403
    assert fields(api.post(f"/tasks/{task['id']}/hand-back", "jr.handler", json={})) == {"note"}
    assert api.post(f"/tasks/{task['id']}/hand-back", "jr.handler", json={"note": "x"}).status_code == 409


DAYS = {"from_on": "2019-10-14", "to_on": "2019-10-18"}


def test_a_deputy_acts_in_the_principals_post_by_header(api: Api, task: Any) -> None:
    made = api.ok("POST", "/delegations", "jr.handler", json={"to": "jr.handler2", **DAYS})
    assert (made["to"], made["scope"], made["state"]) == ("jr.handler2", "all", "in_force")
    assert [due["task_id"] for due in made["due_meanwhile"]] == (
        [task["id"]] if task["due_at"] < "2019-10-18T16" else []
    )
    acting = {"X-Acting-Post": str(made["post_id"])}
    me = api.ok("GET", "/me", "jr.handler2", headers=acting)
    assert (me["acting_post"]["on_behalf_of"], len(me["posts"])) == ("经办人甲", 2)
    assert api.ok("GET", "/tasks?queue=mine", "jr.handler2", headers=acting)["items"][0]["id"] == task["id"]
    path = f"/tasks/{task['id']}/complete"
    assert api.post(path, "jr.handler2", json={"decision": "accept"}).status_code == 409
    api.ok("POST", path, "jr.handler2", json={"decision": "accept"}, headers=acting)
    api.ok("POST", f"/delegations/{made['id']}/end", "jr.handler")
    assert api.get("/tasks", "jr.handler2", headers=acting).status_code == 403
    assert [row["state"] for row in api.ok("GET", "/delegations", "jr.handler2")["items"]] == ["ended"]


def test_delegations_name_what_is_wrong_and_are_nobody_elses(api: Api) -> None:
    for body, wrong in (
        ({}, {"to", "from_on", "to_on"}),
        ({"to": "jr.handler", **DAYS}, {"to"}),
        ({"to": "cz.handler", **DAYS}, {"to"}),
        ({"to": "jr.handler2", "from_on": "2019-10-13", "to_on": "2019-10-18"}, {"from_on"}),
        ({"to": "jr.handler2", "from_on": "2019-10-18", "to_on": "2019-10-14"}, {"to_on"}),
        ({"to": "jr.handler2", "from_on": "14.10.2019", "to_on": 7}, {"from_on", "to_on"}),
        ({"to": "jr.handler2", **DAYS, "scope": "measure:99"}, {"scope"}),
        ({"to": "jr.handler2", **DAYS, "scope": "\x07"}, {"scope"}),
    ):
        assert fields(api.post("/delegations", "jr.handler", json=body)) == wrong, body
    made = api.ok("POST", "/delegations", "jr.handler", json={"to": "jr.handler2", **DAYS})
    assert fields(api.post("/delegations", "jr.handler", json={"to": "jr.handler2", **DAYS})) == {"from_on"}
    assert api.post(f"/delegations/{made['id']}/end", "cz.leader").status_code == 404
    assert api.post(f"/delegations/{made['id']}/end", "jr.handler2").status_code == 403
    for page in ("cursor=x", "limit=0"):
        assert fields(api.get(f"/delegations?{page}", "jr.handler")) == {page.partition("=")[0]}


def test_the_backup_of_a_post_acts_while_its_holder_is_on_leave(api: Api, task: Any) -> None:
    post = api.ok("GET", "/me", "jr.handler")["acting_post"]["id"]
    named = {"post_id": post, "to": "jr.handler2", "from_on": "2019-10-14"}
    assert api.ok("POST", "/backups", "jr.leader", json=named)["name"] == "经办人乙"
    assert fields(api.post("/backups", "jr.leader", json=named)) == {"to"}
    assert api.post("/backups", "cz.leader", json=named).status_code == 404
    acting = {"X-Acting-Post": str(post)}
    assert api.get("/tasks", "jr.handler2", headers=acting).status_code == 403
    leave = {"username": "jr.handler", "reason": "年休假", **DAYS}
    away = api.ok("POST", "/absences", "jr.reviewer", json=leave)
    assert api.ok("GET", "/tasks?queue=mine", "jr.handler2", headers=acting)["items"][0]["id"] == task["id"]
    assert [row["username"] for row in api.ok("GET", "/absences", "jr.clerk")["items"]] == ["jr.handler"]
    assert [row["post_id"] for row in api.ok("GET", "/backups", "jr.clerk")["items"]] == [post]
    api.ok("POST", f"/absences/{away['id']}/end", "jr.handler")
    assert api.post(f"/absences/{away['id']}/end", "jr.handler").status_code == 409
    assert api.get("/tasks", "jr.handler2", headers=acting).status_code == 403


def test_a_reminder_is_sent_once_a_day_and_banks_get_a_letter(api: Api, task: Any) -> None:
    path = f"/tasks/{task['id']}/urge"
    assert fields(api.post(path, "dc.supervisor", json={})) == {"reason"}
    sent = api.ok("POST", path, "dc.supervisor", json={"reason": "临期"})
    assert (sent["task_id"], sent["told"]) == (task["id"], 1)
    again = api.post(path, "dc.supervisor", json={"reason": "临期"})
    assert (again.status_code, again.json["code"]) == (409, "urged-today")
    assert api.post(path, "cz.leader", json={"reason": "临期"}).status_code == 404
    assert api.ok("GET", "/notifications", "jr.handler")["items"][0]["kind"] == "urged"
    number = task["case_no"]
    api.ok("POST", f"/tasks/{task['id']}/complete", "jr.handler", json={"decision": "accept"})
    api.do("yanhu.handler", "county_verify", "agree")
    api.do("jr.handler", "municipal_review", "file", opinion="拟同意")
    api.do("jr.reviewer", "section_review", "agree")
    api.do("jr.leader", "leader_approval", "agree")
    province = api.task("pjr.handler", "recognise", case_no=number)["id"]
    refused = api.post(f"/tasks/{province}/urge", "dc.supervisor", json={"reason": "临期"})
    assert (refused.status_code, refused.json["code"]) == (403, "letter-needed")
    assert "函" in refused.json["detail"]


def test_a_copy_is_listed_acknowledged_and_withdrawn(api: Api, task: Any) -> None:
    path = f"/cases/{quote(task['case_no'])}/copies"
    assert api.get(f"/cases/{quote(task['case_no'])}", "cz.handler").status_code == 404
    (copy,) = api.ok("POST", path, "jr.handler", json={"to": ["CZ"], "note": "供参考"})["items"]
    (row,) = api.ok("GET", "/tasks?queue=cc", "cz.handler")["items"]
    assert (row["id"], row["role"], row["case_no"], row["verbs"]) == (
        copy["id"],
        "cc",
        task["case_no"],
        ["acknowledge"],
    )
    assert api.get(f"/cases/{quote(task['case_no'])}", "cz.handler").status_code == 200
    assert api.post(f"/tasks/{row['id']}/acknowledge", "gx.handler").status_code == 404
    read = api.ok("POST", f"/tasks/{row['id']}/acknowledge", "cz.handler")
    assert read["read_by"] is not None
    assert api.ok("GET", path, "jr.clerk")["items"][0]["read_at"] == read["read_at"]
    api.ok("POST", f"{path}/{copy['id']}/withdraw", "jr.handler")
    assert api.get(f"/cases/{quote(task['case_no'])}", "cz.handler").status_code == 404
    for body, wrong in (({}, "to"), ({"to": []}, "to"), ({"to": ["X"]}, "to.0"), ({"to": "CZ"}, "to")):
        assert fields(api.post(path, "jr.handler", json=body)) == {wrong}, body


def test_one_act_on_many_tasks_answers_for_each_in_order(api: Api) -> None:
    numbers = [api.open(bond_name=f"第{number}期") for number in range(3)]
    ids = [api.task("jr.handler", "formal_check", case_no=number)["id"] for number in numbers]
    api.ok("POST", f"/tasks/{ids[1]}/claim", "jr.handler2")
    body, key = {"action": "claim", "ids": [ids[2], ids[1], 999999, ids[0]]}, {"Idempotency-Key": "bulk-1"}
    answer = api.ok("POST", "/tasks/bulk", "jr.handler", json=body, headers=key)
    shown = [(row["id"], row["ok"], row["code"]) for row in answer["items"]]
    assert shown == [
        (ids[2], True, None),
        (ids[1], False, "task-already-claimed"),
        (999999, False, "not-found"),
        (ids[0], True, None),
    ]
    assert "经办人乙" in answer["items"][1]["detail"]
    assert api.ok("POST", "/tasks/bulk", "jr.handler", json=body, headers=key) == answer
    assert len(api.ok("GET", "/tasks?queue=mine", "jr.handler")["items"]) == 2
    moved = {"action": "transfer", "ids": [ids[0], ids[2]], "to": "jr.handler2"}
    refused = api.ok("POST", "/tasks/bulk", "jr.handler", json=moved)
    assert [row["errors"][0]["field"] for row in refused["items"]] == ["reason", "reason"]
    assert api.ok("POST", "/tasks/bulk", "jr.handler", json={**moved, "reason": "出差"})["done"] == 2
    for wrong, field in (
        ({"action": "transfer", "ids": [1]}, "to"),
        ({"action": "complete", "ids": [1]}, "action"),
        ({"action": "claim", "ids": []}, "ids"),
        ({"action": "claim", "ids": list(range(1, 202))}, "ids"),
        ({"action": "claim", "ids": ["1"]}, "ids.0"),
    ):
        assert fields(api.post("/tasks/bulk", "jr.handler", json=wrong)) == {field}
    stranger = api.ok("POST", "/tasks/bulk", "cz.handler", json={"action": "claim", "ids": ids})
    assert {row["code"] for row in stranger["items"]} == {"not-found"}


def test_all_that_a_leaver_holds_goes_to_a_colleague(api: Api, task: Any) -> None:
    api.ok("POST", "/delegations", "jr.handler", json={"to": "jr.handler2", **DAYS})
    path = "/people/jr.handler/hand-over"
    for who, status in (("jr.handler2", 404), ("jr.clerk", 403), ("cz.leader", 404), ("admin.audit", 403)):
        assert api.post(path, who, json={"to": "jr.handler2", "reason": "调离"}).status_code == status, who
    for body, wrong in (
        ({"to": "jr.handler2"}, "reason"),
        ({"to": "nobody", "reason": "调离"}, "to"),
        ({"to": "jr.handler", "reason": "调离"}, "to"),
    ):
        assert fields(api.post(path, "jr.leader", json=body)) == {wrong}
    refused = api.ok("POST", path, "jr.leader", json={"to": "jr.clerk", "reason": "调离"})
    assert [(row["kind"], row["ok"]) for row in refused["items"]] == [("task", False), ("delegation", True)]
    done = api.ok("POST", path, "admin.system", json={"to": "jr.handler2", "reason": "调离"})
    assert [(row["kind"], row["id"], row["ok"]) for row in done["items"]] == [("task", task["id"], True)]
    assert "case_no" not in str(done)
    assert api.ok("GET", "/tasks?queue=mine", "jr.handler2")["items"][0]["id"] == task["id"]
    assert api.ok("GET", "/tasks?queue=mine", "jr.handler")["items"] == []
    assert api.ok("GET", "/notifications", "jr.handler2")["items"][0]["kind"] == "handed_over"


def test_queues_tell_what_is_unread_and_what_waits_in_each_post(api: Api, task: Any) -> None:
    api.open(bond_name="第二期")
    assert [row["unread"] for row in api.ok("GET", "/tasks?queue=available", "jr.handler")["items"]] == [True]
    api.ok("POST", "/delegations", "jr.handler", json={"to": "jr.handler2", **DAYS})
    posts = api.ok("GET", "/tasks/posts", "jr.handler2")["items"]
    assert [(post["on_behalf_of"], post["available"], post["mine"]) for post in posts] == [
        (None, 1, 0),
        ("经办人甲", 1, 1),
    ]
    until = task["due_at"][:10]
    assert len(api.ok("GET", f"/tasks?queue=mine&due_by={until}", "jr.handler")["items"]) == 1
    assert api.ok("GET", "/tasks?queue=mine&due_by=2019-10-14", "jr.handler")["items"] == []
    assert fields(api.get("/tasks?queue=mine&due_by=tomorrow", "jr.handler")) == {"due_by"}
