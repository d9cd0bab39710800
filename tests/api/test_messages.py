"""Answers of outside systems, and failures that a person retries."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

from tests.api.conftest import Api, fields
from workflows import engine
from workflows.errors import EngineError

RECOGNISED = {"document_number": "晋金办〔2019〕15号", "amount_fen": 100_000_00}
OUTSIDE = "pjr.system"


def waits_for_recognition(api: Api) -> str:
    """Take a case up to the province's step; return the case that waits."""
    number = api.open()
    api.do("jr.handler", "formal_check", "accept")
    api.do("yanhu.handler", "county_verify", "agree")
    api.do("jr.handler2", "municipal_review", "file", opinion="拟同意")
    api.do("jr.reviewer", "section_review", "agree")
    api.do("jr.leader", "leader_approval", "agree")
    return number


def message(case_no: str, **changes: Any) -> dict[str, Any]:
    return {
        "message_id": "pjr-2019-0001",
        "name": "recognition",
        "case_no": case_no,
        "decision": "recognised",
        "data": RECOGNISED,
        **changes,
    }


def test_an_outside_system_answers_a_waiting_step(api: Api) -> None:
    number = waits_for_recognition(api)
    assert api.ok("POST", "/messages", OUTSIDE, json=message(number)) == {
        "message_id": "pjr-2019-0001",
        "applied": True,
    }
    assert api.task("cz.handler", "payment_propose")["case_no"] == number


def test_a_repeated_answer_is_taken_once_and_a_changed_one_refused(api: Api) -> None:
    number = waits_for_recognition(api)
    api.ok("POST", "/messages", OUTSIDE, json=message(number))
    assert api.ok("POST", "/messages", OUTSIDE, json=message(number))["applied"] is True
    changed = message(number, data={**RECOGNISED, "amount_fen": 1})
    assert fields(api.post("/messages", OUTSIDE, json=changed)) == {"message_id"}
    api.task("cz.handler", "payment_propose")


def test_an_answer_before_its_question_is_kept(api: Api) -> None:
    number = api.open()
    assert api.ok("POST", "/messages", OUTSIDE, json=message(number))["applied"] is False


def test_what_is_wrong_in_an_answer_is_named(api: Api) -> None:
    number = waits_for_recognition(api)
    for changes, named in (
        ({"decision": "perhaps"}, {"decision"}),
        ({"data": {**RECOGNISED, "amount_fen": 0.5}}, {"data.amount_fen"}),
        ({"data": {**RECOGNISED, "amount_fen": -5}}, {"data.amount_fen"}),
        ({"data": {"amount_fen": 5}}, {"data.document_number"}),
        ({"message_id": ""}, {"message_id"}),
        ({"message_id": 5}, {"message_id"}),
        ({"case": "x"}, {"case"}),
    ):
        assert fields(api.post("/messages", OUTSIDE, json=message(number, **changes))) == named, changes
    assert api.ok("POST", "/messages", OUTSIDE, json=message(number))["applied"] is True


def test_only_outside_systems_answer_by_message(api: Api) -> None:
    for who in ("pjr.handler", "admin.system", "enterprise-a.applicant"):
        assert api.post("/messages", who, json=message("运债补〔2019〕1号")).status_code == 403
    assert api.get("/tasks", OUTSIDE).status_code == 403


def test_a_failure_of_the_engine_is_recorded_and_retried(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    number = api.open()
    task = api.task("jr.handler", "formal_check")
    api.ok("POST", f"/tasks/{task['id']}/claim", "jr.handler")

    def fail(*_args: object, **_more: object) -> None:
        raise EngineError("formal_check", "the gate has no way out")

    with monkeypatch.context() as patched:
        patched.setattr(engine, "complete", fail)
        moved = api.ok("POST", f"/tasks/{task['id']}/complete", "jr.handler", json={"decision": "accept"})
    assert moved["incident_id"]
    [incident] = api.ok("GET", "/incidents", "admin.system")["items"]
    assert (incident["id"], incident["case_no"], incident["node_id"]) == (moved["incident_id"], number, "formal_check")
    assert "no way out" in incident["cause"]
    assert api.get("/incidents", "jr.handler").status_code == 403
    retried = api.ok("POST", f"/incidents/{incident['id']}/retry", "admin.system")
    assert [step["agency"]["code"] for step in retried["next_steps"]] == ["YHQ"]
    assert api.ok("GET", "/incidents", "admin.system")["items"] == []
    events = api.ok("GET", f"/cases/{quote(number)}/events", "jr.handler")["items"]
    who = {event["event"]: event["person"] for event in events}
    assert (who["task.completed"], who["incident.resolved"]) == ("经办人甲", "系统管理员")
    assert api.post(f"/incidents/{incident['id']}/retry", "admin.system").status_code in (404, 409)
    assert api.post("/incidents/999999/retry", "admin.system").status_code == 404
