"""Acceptance scenario 8 through HTTP: the Spring Festival of 2020 is extended while a CT2 case is under way."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask

from tests.api.conftest import Api, api
from tests.factories.cases import issuer
from webapp.jobs.deadlines import sweep_timers
from webapp.jobs.outbox import drain_outbox
from workflows.clock import OFFICE_ZONE, FixedClock

__all__ = ["api"]

AS_FIRST_PUBLISHED = """
reference = "国办发明电〔2019〕16号"
note = "2020年春节：1月24日至30日放假，1月19日、2月1日上班"
[[normal]]
on = 2020-01-31
[[normal]]
on = 2020-02-02
[[work]]
on = 2020-02-01
name = "春节"
"""
EXTENSION = """
reference = "国办发明电〔2020〕1号的补充"
issued_on = 2020-01-26
note = "2020年春节假期延长至2月2日，2月3日起上班"
note_en = "Spring Festival 2020 extended to 2 February"
[[off]]
from = 2020-01-31
to = 2020-02-02
name = "春节"
name_en = "Spring Festival"
"""
ADMIN = "admin.system"


def at(hour: int, day: int, month: int = 1) -> datetime:
    return datetime(2020, month, day, hour, tzinfo=OFFICE_ZONE).astimezone(UTC)


def work(app: Flask) -> None:
    """What the worker does from minute to minute."""
    with app.app_context():
        drain_outbox.run()
        sweep_timers.run()


def load(api: Api, text: str) -> Any:
    return api.ok("POST", "/calendar/versions", ADMIN, json={"notice": text})


def three_days_to_verify(api: Api) -> None:
    """Publish CT2 with a limit of three working days for the counties, by the two persons it takes."""
    drawn = api.get("/processes/bond_subsidy/versions/1/bpmn", ADMIN).text
    county = 'lianban:workingDays="5" lianban:onExpiry="deem_no_opinion"'
    assert county in drawn
    changed = drawn.replace(county, county.replace("5", "3"))
    draft = api.ok("POST", "/processes/bond_subsidy/drafts", ADMIN, json={"bpmn": changed})["id"]
    api.ok("POST", f"/processes/bond_subsidy/drafts/{draft}/publish-requests", ADMIN)
    api.ok("POST", f"/processes/bond_subsidy/drafts/{draft}/approve", "admin.security")


def test_the_extension_moves_what_is_open_and_nothing_is_red_in_between(
    api: Api, app: Flask, clock: FixedClock
) -> None:
    api.wait_until(clock, at(8, 20))
    load(api, AS_FIRST_PUBLISHED)
    work(app)
    three_days_to_verify(api)
    api.wait_until(clock, at(10, 20))
    closed_no = api.open(issuers=[issuer(1, "HEJIN")])
    api.do("jr.handler", "formal_check", "accept", case_no=closed_no)
    closed = api.task("hejin.handler", "county_verify")["id"]
    api.wait_until(clock, at(9, 22))
    number = api.open(issuers=[issuer(0, "YHQ")])
    api.do("jr.handler", "formal_check", "accept", case_no=number)
    task = api.task("yanhu.handler", "county_verify")
    before = api.ok("GET", f"/tasks/{task['id']}/deadline", "yanhu.handler")
    assert before["due_on"] == "2020-02-01"
    assert [day["date"] for day in before["explanation"] if day["counted"]] == [
        "2020-01-23",
        "2020-01-31",
        "2020-02-01",
    ]
    api.wait_until(clock, at(15, 23))
    api.do("hejin.handler", "county_verify", "agree", case_no=closed_no)
    lights = []

    def look() -> None:
        work(app)
        lights.append(api.task("yanhu.handler", "county_verify")["light"])

    look()
    api.wait_until(clock, at(10, 27))
    preview = api.ok("POST", "/calendar/checks", ADMIN, json={"notice": EXTENSION})
    assert [(day["date"], day["was_worked"], day["worked"]) for day in preview["days"]] == [
        ("2020-01-31", True, False),
        ("2020-02-01", True, False),
        ("2020-02-02", False, False),
    ]
    look()
    loaded = api.ok(
        "POST", "/calendar/versions", ADMIN, json={"notice": EXTENSION, "base_version": preview["base_version"]}
    )
    look()
    after = api.ok("GET", f"/tasks/{task['id']}/deadline", "yanhu.handler")
    assert (after["due_on"], after["calendar_version"]) == ("2020-02-04", loaded["version"])
    assert before["calendar_version"] == loaded["version"] - 1
    kept = api.ok("GET", f"/tasks/{closed}/deadline", "hejin.handler")
    assert (kept["state"], kept["due_on"], kept["calendar_version"]) == (
        "ended",
        "2020-01-23",
        before["calendar_version"],
    )

    hour = at(18, 31)
    while hour < at(18, 4, 2):
        api.wait_until(clock, hour)
        look()
        hour += timedelta(hours=12)
    assert "red" not in lights
    api.wait_until(clock, at(18, 4, 2))
    work(app)
    done = api.ok("GET", f"/tasks/{task['id']}", "yanhu.handler")
    assert (done["decision"]["id"], done["light"]) == ("deemed_no_opinion", "red")

    events = api.ok("GET", f"/cases/{quote(number)}/events", "jr.handler")["items"]
    moved = [event["payload"] for event in events if event["event"] == "deadline.moved" and event["node_id"]]
    assert [(one["why"], one["due_was"][:10], one["due_now"][:10], one["calendar_now"]) for one in moved] == [
        ("calendar", "2020-02-01", "2020-02-04", loaded["version"])
    ]
    assert api.ok("GET", "/audit/verify", "admin.audit")["ok"] is True


def test_2019_over_two_make_up_days(api: Api) -> None:
    told = api.ok("GET", "/calendar/deadline?start=2019-02-01&working_days=3", "jr.handler")
    assert told["due_on"] == "2019-02-11"


def test_a_limit_that_ran_out_by_the_old_calendar_is_red_no_more_when_the_notice_comes_late(
    api: Api, app: Flask, clock: FixedClock
) -> None:
    api.wait_until(clock, at(8, 20))
    load(api, AS_FIRST_PUBLISHED)
    work(app)
    api.wait_until(clock, at(9, 20))
    number = api.open()
    task = api.task("jr.handler", "formal_check", case_no=number)["id"]
    api.wait_until(clock, at(9, 3, 2))
    work(app)
    assert api.ok("GET", f"/tasks/{task}", "jr.handler")["light"] == "red"
    load(api, EXTENSION)
    work(app)
    found = api.ok("GET", f"/tasks/{task}", "jr.handler")
    assert (found["light"], found["overdue_at"], found["due_at"]) == ("amber", None, "2020-02-04T10:00:00Z")
    api.wait_until(clock, at(18, 4, 2))
    work(app)
    assert api.ok("GET", f"/tasks/{task}", "jr.handler")["light"] == "red"
    events = api.ok("GET", f"/cases/{quote(number)}/events", "jr.handler")["items"]
    assert [event["event"] for event in events if event["event"].startswith(("task.overdue", "deadline"))] == [
        "task.overdue",
        "deadline.moved",
        "task.overdue",
    ]


@pytest.mark.parametrize("who", ["jr.handler", "admin.security", "enterprise-a.applicant"])
def test_only_the_system_administrator_loads_a_notice(api: Api, who: str) -> None:
    assert api.post("/calendar/versions", who, json={"notice": EXTENSION}).status_code == 403
    assert api.post("/calendar/checks", who, json={"notice": EXTENSION}).status_code == 403
