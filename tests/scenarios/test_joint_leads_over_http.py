"""Acceptance scenario 3 through HTTP: one lead signs, the other refuses; a corrected figure is signed for anew."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests.api.conftest import Api, api, at_the_leads, fields
from webapp.transaction import reading
from workflows.cases import HumanTask
from workflows.clock import FixedClock

__all__ = ["api"]


@pytest.fixture
def case_no(api: Api, app: Flask, clock: FixedClock) -> str:
    return at_the_leads(api, app, clock)


def signatures(api: Api, case_no: str) -> list[tuple[Any, ...]]:
    items = api.ok("GET", f"/cases/{quote(case_no)}/opinions", "jr.handler")["items"]
    return [
        (o["agency"]["code"], o["state"], o["decision"] and o["decision"]["id"], o["figures"].get("net_loss_fen"))
        for o in items
        if o["kind"] == "signature"
    ]


def submissions(app: Flask) -> int:
    with app.app_context():
        query = select(func.count()).select_from(HumanTask).where(HumanTask.node_id == "recognise")
        return reading().scalar(query) or 0


def refuse(api: Api) -> None:
    moved = api.do("cz.handler", "countersign", "agree")
    assert moved["next_steps"] == []
    api.do("jr.handler", "countersign", "object", opinion="追偿回单未计入")


def test_one_signs_one_refuses_the_figure_changes_and_it_is_submitted_once(api: Api, app: Flask, case_no: str) -> None:
    refuse(api)
    assert submissions(app) == 0
    assert api.ok("GET", "/tasks?queue=available", "pjr.handler")["items"] == []

    moved = api.do("cz.handler", "coordinate", "sign_again", opinion="请市金融办按补充回单更正")
    assert [(step["agency"]["code"], step["name"]) for step in moved["next_steps"]] == [
        ("CZ", "联合主办会签"),
        ("JR", "联合主办会签"),
    ]
    api.do("cz.handler", "countersign", "agree")
    moved = api.do("jr.handler", "countersign", "agree", data={"net_loss_fen": 65_000_000})
    assert [step["agency"]["code"] for step in moved["next_steps"]] == ["CZ"]
    assert submissions(app) == 0
    assert signatures(api, case_no) == [
        ("CZ", "void", "agree", 70_000_000),
        ("JR", "void", "object", 70_000_000),
        ("CZ", "void", "agree", 70_000_000),
        ("JR", "given", "agree", 65_000_000),
        ("CZ", "waiting", None, None),
    ]

    again = api.task("cz.handler", "countersign")
    read = api.ok("GET", f"/tasks/{again['id']}", "cz.handler")
    assert (read["form_draft"], read["case_data"]["net_loss_fen"]) == ({"net_loss_fen": 65_000_000}, 65_000_000)
    moved = api.do("cz.handler", "countersign", "agree")
    assert [step["agency"]["code"] for step in moved["next_steps"]] == ["PJR"]
    assert submissions(app) == 1
    assert signatures(api, case_no)[-2:] == [
        ("JR", "given", "agree", 65_000_000),
        ("CZ", "given", "agree", 65_000_000),
    ]
    reasons = [
        o["void_reason"]
        for o in api.ok("GET", f"/cases/{quote(case_no)}/opinions", "jr.handler")["items"]
        if o["state"] == "void"
    ]
    assert reasons == ["signing-repeated", "signing-repeated", "figures-changed"]

    number = {"document_number": "晋金办〔2019〕21号", "amount_fen": 65_000_000}
    moved = api.do("pjr.handler", "recognise", "recognised", data=number)
    assert (moved["case_status"], submissions(app)) == ("closed", 1)
    events = [e["event"] for e in api.ok("GET", f"/cases/{quote(case_no)}/events", "jr.handler")["items"]]
    assert events.count("signature.voided") == 3
    assert events.count("case.corrected") == 1
    assert api.ok("GET", "/audit/verify", "admin.audit")["ok"] is True


def test_a_figure_corrected_in_coordination_is_signed_for_by_both(api: Api, app: Flask, case_no: str) -> None:
    refuse(api)
    corrected = {"net_loss_fen": 65_000_000}
    api.do("cz.handler", "coordinate", "sign_again", opinion="按补充回单更正", data=corrected)
    api.do("jr.handler", "countersign", "agree")
    assert submissions(app) == 0
    api.do("cz.handler", "countersign", "agree")
    assert submissions(app) == 1
    assert signatures(api, case_no)[-2:] == [
        ("CZ", "given", "agree", 65_000_000),
        ("JR", "given", "agree", 65_000_000),
    ]


def test_a_refusal_given_for_the_old_figure_is_asked_again_too(api: Api, app: Flask, case_no: str) -> None:
    api.do("jr.handler", "countersign", "object", opinion="追偿回单未计入")
    api.do("cz.handler", "countersign", "agree", data={"net_loss_fen": 65_000_000})
    assert submissions(app) == 0
    moved = api.do("jr.handler", "countersign", "agree")
    assert [step["agency"]["code"] for step in moved["next_steps"]] == ["PJR"]


def test_the_same_figure_entered_again_voids_nothing(api: Api, app: Flask, case_no: str) -> None:
    api.do("cz.handler", "countersign", "agree", data={"net_loss_fen": 70_000_000})
    api.do("jr.handler", "countersign", "agree", data={"net_loss_fen": 70_000_000})
    assert submissions(app) == 1
    assert [state for _code, state, _decision, _figure in signatures(api, case_no)] == ["given", "given"]


@pytest.mark.parametrize("figure", [0, -1, "650000", 1.5, 10**16])
def test_a_wrong_figure_is_refused_and_no_signature_falls(api: Api, case_no: str, figure: object) -> None:
    api.do("cz.handler", "countersign", "agree")
    task = api.task("jr.handler", "countersign")["id"]
    api.ok("POST", f"/tasks/{task}/claim", "jr.handler")
    body = {"decision": "agree", "data": {"net_loss_fen": figure}}
    assert fields(api.post(f"/tasks/{task}/complete", "jr.handler", json=body)) == {"data.net_loss_fen"}
    assert signatures(api, case_no)[0] == ("CZ", "given", "agree", 70_000_000)


def test_an_applicant_is_not_told_who_signed(api: Api, case_no: str) -> None:
    refuse(api)
    assert api.ok("GET", f"/cases/{quote(case_no)}/opinions", "guarantor-a.applicant")["items"] == []
    events = api.ok("GET", f"/cases/{quote(case_no)}/events", "guarantor-a.applicant")["items"]
    assert "signature.voided" not in {event["event"] for event in events}
