"""Acceptance scenario 4 through HTTP: 绛县 keeps silent; a step that certifies stays where it is."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import quote

from flask import Flask

from tests.api.conftest import Api, api
from tests.factories.cases import issuer
from webapp.jobs.deadlines import sweep_timers
from workflows.clock import FixedClock

__all__ = ["api"]

BEFORE, AFTER = datetime(2019, 10, 21, 9, 59, tzinfo=UTC), datetime(2019, 10, 21, 10, 0, tzinfo=UTC)


def sweep(app: Flask) -> None:
    """What the worker does when its beat comes."""
    with app.app_context():
        sweep_timers.run()


def test_jiangxians_silence_counts_as_no_opinion_and_stays_red(api: Api, app: Flask, clock: FixedClock) -> None:
    number = api.open(issuers=[issuer(0, "YHQ"), issuer(1, "JIANGXIAN")])
    api.do("jr.handler", "formal_check", "accept")
    api.do("yanhu.handler", "county_verify", "agree")
    silent = api.task("jiangxian.handler", "county_verify")["id"]
    api.wait_until(clock, BEFORE)
    sweep(app)
    assert api.task("jiangxian.handler", "county_verify")["overdue_at"] is None
    api.wait_until(clock, AFTER)
    sweep(app)
    sweep(app)

    mark = api.ok("GET", f"/tasks/{silent}", "jiangxian.handler")
    assert (mark["status"], mark["decision"]) == (
        "completed",
        {"id": "deemed_no_opinion", "label": "视为无意见"},
    )
    assert (mark["overdue_at"], mark["light"]) == ("2019-10-21T10:00:00Z", "red")
    events = api.ok("GET", f"/cases/{quote(number)}/events", "jr.handler")["items"]
    logged = [event["event"] for event in events if event["event"].startswith(("task.overdue", "task.deemed"))]
    assert logged == ["task.overdue", "task.deemed-no-opinion"]
    clocks = api.ok("GET", f"/cases/{quote(number)}/clocks", "jr.handler")
    assert {one["agency"]["code"]: one["overdue"] for one in clocks["agencies"]} == {
        "JR": [],
        "YHQ": [],
        "JIANGXIAN": ["县级核实"],
    }

    api.do("jr.handler", "municipal_review", "file", opinion="绛县期满未回，视为无意见，拟同意申报")
    api.do("jr.reviewer", "section_review", "agree")
    api.do("jr.leader", "leader_approval", "agree")
    assert api.task("pjr.handler", "recognise", case_no=f"{number}之二")["case_no"] == f"{number}之二"
    clocks = api.ok("GET", f"/cases/{quote(number)}/clocks", "jr.handler")
    assert ["县级核实"] in [one["overdue"] for one in clocks["agencies"]]
    assert api.ok("GET", "/audit/verify", "admin.audit")["ok"] is True


def test_a_supporting_step_that_certifies_stays_blocked(api: Api, app: Flask, clock: FixedClock) -> None:
    drawn = api.get("/processes/bond_subsidy/versions/1/bpmn", "admin.system").text
    certifying = drawn.replace('lianban:onExpiry="deem_no_opinion"', 'lianban:onExpiry="escalate"')
    draft = api.ok("POST", "/processes/bond_subsidy/drafts", "admin.system", json={"bpmn": certifying})["id"]
    api.ok("POST", f"/processes/bond_subsidy/drafts/{draft}/publish-requests", "admin.system")
    api.ok("POST", f"/processes/bond_subsidy/drafts/{draft}/approve", "admin.security")
    number = api.open(issuers=[issuer(0, "JIANGXIAN")])
    api.do("jr.handler", "formal_check", "accept")
    api.wait_until(clock, AFTER)
    sweep(app)
    task = api.task("jiangxian.handler", "county_verify")
    assert (task["case_no"], task["light"], task["status"]) == (number, "red", "ready")
    assert api.ok("GET", "/tasks?queue=available", "jr.handler")["items"] == []
    api.do("jiangxian.handler", "county_verify", "agree")
    assert api.task("jr.handler", "municipal_review")["case_no"] == number
