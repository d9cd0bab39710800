"""Why a limit ends on that day, over HTTP: day by day, with every pause and the calendar it was counted by."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest

from tests.api.conftest import Api
from tests.factories.cases import application, issuer
from workflows.clock import FixedClock

MISSING = {"supplement_items": [{"material": "募集说明书", "problem": "缺签章", "requirement": "补盖公章"}]}


def test_a_task_tells_day_by_day_why_it_is_due_then(api: Api) -> None:
    api.open()
    task = api.task("jr.handler", "formal_check")
    told = api.ok("GET", f"/tasks/{task['id']}/deadline", "jr.handler")
    assert (told["state"], told["limit_days"], told["start_on"], told["due_on"]) == (
        "running",
        5,
        "2019-10-14",
        "2019-10-21",
    )
    assert (told["due_at"], told["provisional"], told["pauses"]) == (task["due_at"], False, [])
    assert [(day["date"][-2:], day["counted"], day["why"]) for day in told["explanation"]] == [
        ("14", False, "起算当日，不计入"),
        ("15", True, "工作日，计入"),
        ("16", True, "工作日，计入"),
        ("17", True, "工作日，计入"),
        ("18", True, "工作日，计入"),
        ("19", False, "周末，不计入"),
        ("20", False, "周末，不计入"),
        ("21", True, "工作日，计入"),
    ]
    english = api.get(f"/tasks/{task['id']}/deadline", "jr.handler", headers={"Accept-Language": "en"}).json
    assert english["explanation"][0]["why"] == "First day, not counted"


def test_a_pause_stands_in_the_explanation_and_moves_the_date(api: Api, clock: FixedClock) -> None:
    number = api.open()
    task = api.task("jr.handler", "formal_check")["id"]
    api.wait_until(clock, clock.at + timedelta(days=1))
    api.ok("POST", f"/cases/{quote(number)}/suspend", "jr.leader", json={"reason": "等待上级答复"})
    api.wait_until(clock, clock.at + timedelta(days=2))
    paused = api.ok("GET", f"/tasks/{task}/deadline", "jr.handler")
    assert (paused["state"], paused["due_on"]) == ("paused", "2019-10-23")
    api.ok("POST", f"/cases/{quote(number)}/resume", "jr.leader", json={"reason": "已答复"})
    told = api.ok("GET", f"/tasks/{task}/deadline", "jr.handler")
    assert (told["state"], told["due_on"], told["due_at"]) == ("running", "2019-10-23", "2019-10-23T10:00:00Z")
    (pause,) = told["pauses"]
    assert (pause["kind"], pause["why"], pause["reason"]) == ("suspended", "中止", "等待上级答复")
    assert (pause["began_at"], pause["ended_at"]) == ("2019-10-15T02:00:00Z", "2019-10-17T02:00:00Z")
    lost = [day for day in told["explanation"] if day["why"].startswith("中止")]
    assert [(day["date"], day["counted"], day["why"]) for day in lost] == [
        ("2019-10-16", False, "中止，暂停计时，不计入"),
        ("2019-10-17", False, "中止，暂停计时，不计入"),
    ]


def test_another_agencys_task_is_not_found(api: Api) -> None:
    api.open()
    task = api.task("jr.handler", "formal_check")["id"]
    assert api.get(f"/tasks/{task}/deadline", "cz.handler").status_code == 404
    assert api.get("/tasks/999999/deadline", "jr.handler").status_code == 404


def test_a_case_tells_its_whole_limit_its_pauses_and_who_used_the_time(api: Api, clock: FixedClock) -> None:
    number = api.open()
    before = api.ok("GET", f"/cases/{quote(number)}/clocks", "jr.handler")
    assert before["case_limit"]["state"] == "no_limit"
    api.do("jr.handler", "formal_check", "supplement", opinion="请一次补齐", data=MISSING)
    api.wait_until(clock, clock.at + timedelta(days=2))
    api.do("enterprise-a.applicant", "supplement", "resubmit", data=application(issuer(0, "YHQ")))
    api.do("jr.handler", "formal_check", "accept")
    api.wait_until(clock, clock.at + timedelta(days=1, hours=2))
    api.do("yanhu.handler", "county_verify", "agree")
    api.do("jr.handler", "municipal_review", "file", opinion="拟同意申报")
    api.do("jr.reviewer", "section_review", "agree")
    api.do("jr.leader", "leader_approval", "agree")
    api.wait_until(clock, clock.at + timedelta(days=20))
    waiting = api.ok("GET", f"/cases/{quote(number)}/clocks", "enterprise-a.applicant")["case_limit"]
    assert (waiting["state"], waiting["limit_days"]) == ("paused", 28)
    recognition = {"document_number": "晋金办〔2019〕15号", "amount_fen": 10_000_000}
    api.do("pjr.handler", "recognise", "recognised", data=recognition)
    told = api.ok("GET", f"/cases/{quote(number)}/clocks", "jr.handler")
    # 28 working days after 16 October end on 25 November; the province took 14 of them, from the 17th on
    assert (told["case_limit"]["state"], told["case_limit"]["due_on"]) == ("running", "2019-12-13")
    assert [(one["kind"], one["node_id"]) for one in told["case_limit"]["pauses"]] == [
        ("supplement", "supplement"),
        ("outside", "recognise"),
    ]
    used = {one["agency"]["code"]: one for one in told["agencies"]}
    assert (used["YHQ"]["used"]["days"], used["YHQ"]["used"]["hours"], used["YHQ"]["counts"]) == (1, 2, True)
    assert (used["PJR"]["counts"], used["CZ"]["holds"], used["JR"]["holds"]) == (False, True, False)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("", "start"),
        ("?start=2019-02-01", "working_days"),
        ("?start=2019-02-30&working_days=3", "start"),
        ("?start=1.2.2019&working_days=3", "start"),
        ("?start=2019-02-01&working_days=-1", "working_days"),
        ("?start=2019-02-01&working_days=1001", "working_days"),
        ("?start=2019-02-01&working_days=3.5", "working_days"),
        ("?start=2019-02-01&working_days=" + "9" * 40, "working_days"),
        ("?start=2019-02-01&working_days=3&version=99", "version"),
        ("?start=2019-02-01&working_days=3&version=0", "version"),
        ("?start=2019-02-01&working_days=3&version=%00", "version"),
        ("?start=9999-12-31&working_days=3", "start"),
        ("?start=2019-02-01&working_days=3&weekends=yes", "weekends"),
    ],
)
def test_a_wrong_question_to_the_calendar_names_the_field(api: Api, query: str, field: str) -> None:
    answer = api.get(f"/calendar/deadline{query}", "jr.handler")
    assert answer.status_code == 422, answer.text
    assert field in [error["field"] for error in answer.json["errors"]]


def test_the_calendar_answers_as_the_contract_says(api: Api) -> None:
    told = api.ok("GET", "/calendar/deadline?start=2019-02-01&working_days=3", "jr.handler")
    assert set(told) == {"due_on", "calendar_version", "provisional", "explanation"}
    assert (told["due_on"], told["provisional"], told["calendar_version"]) == ("2019-02-11", False, 4)
    assert [set(day) for day in told["explanation"]] == [{"date", "counted", "why"}] * 11
    first = api.ok("GET", "/calendar/deadline?start=2020-01-22&working_days=3&version=1", "jr.handler")
    assert (first["due_on"], first["calendar_version"]) == ("2020-02-01", 1)
    unpublished = api.ok("GET", "/calendar/deadline?start=2031-03-03&working_days=2", "jr.handler")
    assert unpublished["provisional"] is True
    assert "暂定" in unpublished["explanation"][1]["why"]
    today = api.ok("GET", "/calendar/deadline?start=2019-02-02&working_days=0", "jr.handler")
    assert today["due_on"] == "2019-02-02"


def test_the_queue_shows_what_is_left_by_the_hour(api: Api, clock: FixedClock) -> None:
    api.open()
    api.wait_until(clock, datetime(2019, 10, 17, 7, 0, tzinfo=UTC))  # Thursday 15:00: two days and three hours to go
    left = api.task("jr.handler", "formal_check")["remaining"]
    assert (left["days"], left["hours"], left["overdue"]) == (2, 3, False)
