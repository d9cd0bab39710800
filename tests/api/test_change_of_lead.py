"""Mergers and changes of lead in mid-case: tasks pass on, two votes become one, what was signed keeps its name."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask

from tests.api.conftest import Api, api, at_the_leads, fields
from workflows.clock import FixedClock

__all__ = ["api"]

MERGER = {"successor": "JR", "on": "2019-10-14", "reason": "机构改革方案"}
LEAD = {"old": "CZ", "new": "GX", "on": "2019-10-14", "reason": "责任分工调整"}


@pytest.fixture
def case_no(api: Api, app: Flask, clock: FixedClock) -> str:
    return at_the_leads(api, app, clock)


def signatures(api: Api, case_no: str) -> list[tuple[str, str]]:
    items = api.ok("GET", f"/cases/{quote(case_no)}/opinions", "jr.handler")["items"]
    return [(o["agency"]["code"], o["state"]) for o in items if o["kind"] == "signature"]


def recognisers(api: Api) -> list[Any]:
    items = api.ok("GET", "/tasks?queue=available", "pjr.handler")["items"]
    return [item["node_id"] for item in items]


def test_two_lead_votes_become_one_and_nothing_stands_still(api: Api, case_no: str) -> None:
    assert api.ok("POST", "/agencies/CZ/succession", "admin.system", json=MERGER) == {"cases": 1, "tasks": 1}
    assert signatures(api, case_no) == [("JR", "waiting")]
    api.do("jr.handler", "countersign", "agree")
    assert recognisers(api) == ["recognise"]
    events = api.ok("GET", f"/cases/{quote(case_no)}/events", "jr.handler")["items"]
    assert [e["payload"]["how"] for e in events if e["event"] == "task.passed-on"] == ["merged"]
    assert api.ok("GET", "/audit/verify", "admin.audit")["ok"] is True


def test_what_the_merged_agency_signed_keeps_its_name(api: Api, case_no: str) -> None:
    api.do("cz.handler", "countersign", "agree")
    assert api.ok("POST", "/agencies/CZ/succession", "admin.system", json=MERGER) == {"cases": 0, "tasks": 0}
    assert signatures(api, case_no) == [("CZ", "given"), ("JR", "waiting")]
    api.do("jr.handler", "countersign", "agree")
    assert signatures(api, case_no) == [("CZ", "given"), ("JR", "given")]
    assert recognisers(api) == ["recognise"]


def test_with_the_other_vote_given_the_merger_lets_the_case_go_on(api: Api, case_no: str) -> None:
    api.do("jr.handler", "countersign", "agree")
    api.ok("POST", "/agencies/CZ/succession", "admin.system", json=MERGER)
    assert recognisers(api) == ["recognise"]


def test_an_ordinary_task_passes_to_the_successor(api: Api, case_no: str) -> None:
    api.do("cz.handler", "countersign", "agree")
    api.do("jr.handler", "countersign", "object", opinion="追偿回单未计入")
    task = api.task("cz.handler", "coordinate")
    api.ok("POST", f"/tasks/{task['id']}/claim", "cz.handler")
    assert api.ok("POST", "/agencies/CZ/succession", "admin.system", json=MERGER) == {"cases": 1, "tasks": 1}
    assert api.task("jr.handler", "coordinate")["id"] == task["id"]
    api.do("jr.handler", "coordinate", "sign_again", opinion="合并后由本单位签署")
    api.do("jr.handler", "countersign", "agree")
    assert recognisers(api) == ["recognise"]


def test_a_new_lead_signs_in_place_of_the_old(api: Api, case_no: str) -> None:
    assert api.ok("POST", "/measures/3/lead", "admin.system", json=LEAD) == {"cases": 1, "tasks": 1}
    assert sorted(signatures(api, case_no)) == [("GX", "waiting"), ("JR", "waiting")]
    api.do("jr.handler", "countersign", "agree")
    assert recognisers(api) == []
    api.do("gx.handler", "countersign", "agree")
    assert recognisers(api) == ["recognise"]
    assert api.ok("GET", "/audit/verify", "admin.audit")["ok"] is True


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("/agencies/NOBODY/succession", MERGER, "agency"),
        ("/agencies/CZ/succession", {**MERGER, "successor": "NOBODY"}, "successor"),
        ("/agencies/CZ/succession", {**MERGER, "successor": "CZ"}, "successor"),
        ("/agencies/CZ/succession", {**MERGER, "successor": "BANK-A"}, "successor"),
        ("/agencies/CZ/succession", {**MERGER, "on": "2019-10-15"}, "on"),
        ("/agencies/CZ/succession", {**MERGER, "on": "soon"}, "on"),
        ("/agencies/CZ/succession", {**MERGER, "reason": " "}, "reason"),
        ("/measures/99/lead", LEAD, "line"),
        ("/measures/3/lead", {**LEAD, "old": "GX", "new": "CZ"}, "old"),
        ("/measures/3/lead", {**LEAD, "on": "2019-10-15"}, "on"),
    ],
)
def test_a_wrong_change_is_refused_by_name(api: Api, path: str, body: dict[str, str], field: str) -> None:
    assert fields(api.post(path, "admin.system", json=body)) == {field}


def test_only_the_system_administrator_changes_responsibilities(api: Api) -> None:
    for who in ("jr.leader", "admin.security", "admin.audit", "dc.supervisor"):
        assert api.post("/agencies/CZ/succession", who, json=MERGER).status_code == 403
        assert api.post("/measures/3/lead", who, json=LEAD).status_code == 403
