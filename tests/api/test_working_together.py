"""Delegating, urging, copying and handing over through HTTP."""

from __future__ import annotations

from typing import Any

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
