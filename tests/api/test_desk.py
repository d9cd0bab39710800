"""The caller's own desk over HTTP: drafts, phrases, views, and what submitting would bring."""

from __future__ import annotations

import pytest

from tests.api.conftest import Api


@pytest.fixture
def task_id(api: Api) -> int:
    """A task that 经办人甲 holds."""
    api.open()
    found: int = api.task("jr.handler", "formal_check")["id"]
    api.ok("POST", f"/tasks/{found}/claim", "jr.handler", json={})
    return found


def test_a_draft_is_kept_read_by_its_writer_alone_and_dropped(api: Api, task_id: int) -> None:
    body = {"decision": "supplement", "opinion": "写到一半", "data": {"supplement_items": [{"material": "报告"}]}}
    kept = api.ok("POST", f"/tasks/{task_id}/draft", "jr.handler", json=body)["draft"]
    assert (kept["opinion"], kept["stale"], kept["data"]) == ("写到一半", False, body["data"])
    assert api.ok("GET", f"/tasks/{task_id}/draft", "jr.handler")["draft"] == kept
    assert api.ok("GET", f"/tasks/{task_id}/draft", "jr.handler2")["draft"] is None
    assert api.post(f"/tasks/{task_id}/draft", "jr.handler2", json=body).status_code == 409
    assert api.get(f"/tasks/{task_id}/draft", "cz.handler").status_code == 404
    assert api.call("DELETE", f"/tasks/{task_id}/draft", "jr.handler").status_code == 204
    assert api.ok("GET", f"/tasks/{task_id}/draft", "jr.handler")["draft"] is None


def test_what_submitting_would_bring_is_told_and_nothing_happens(api: Api, task_id: int) -> None:
    seen = api.ok("POST", f"/tasks/{task_id}/foresee", "jr.handler", json={"decision": "accept"})
    assert {step["name"] for step in seen["next_steps"]} == {"县级核实"}
    assert api.ok("GET", f"/tasks/{task_id}", "jr.handler")["status"] == "reserved"
    refused = api.post(f"/tasks/{task_id}/foresee", "jr.handler", json={"decision": "not_accept"})
    assert refused.status_code == 422
    assert [error["field"] for error in refused.json["errors"]] == ["opinion"]


def test_views_and_phrases_are_the_callers_own(api: Api) -> None:
    view = api.ok("POST", "/views", "jr.handler", json={"name": "本周", "query": "queue=mine&due=5"})["items"][0]
    phrase = api.ok("POST", "/phrases", "jr.handler", json={"text": "情况属实", "decision": "agree"})["items"][0]
    assert (view["name"], phrase["decision"]) == ("本周", "agree")
    assert api.ok("GET", "/views", "jr.handler2")["items"] == []
    assert api.ok("GET", "/phrases", "jr.handler2")["items"] == []
    assert api.call("DELETE", f"/views/{view['id']}", "jr.handler2").status_code == 404
    assert api.call("DELETE", f"/views/{view['id']}", "jr.handler").status_code == 204
    assert api.call("DELETE", f"/phrases/{phrase['id']}", "jr.handler").status_code == 204
    assert api.ok("GET", "/phrases", "jr.handler")["items"] == []


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("/views", {"name": "  ", "query": "queue=mine"}, "name"),
        ("/views", {"name": "好", "query": "待办"}, "query"),
        ("/phrases", {"text": "字" * 201}, "text"),
        ("/phrases", {"text": "好", "decision": "no such"}, "decision"),
    ],
)
def test_what_cannot_be_kept_is_named(api: Api, path: str, body: dict[str, str], field: str) -> None:
    answer = api.post(path, "jr.handler", json=body)
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json["errors"]] == [field]
