"""A rule that acted is told by the API and on the pages, in both languages; the deployment's own are read and set."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest
from sqlalchemy import delete
from sqlalchemy.orm import Session

from tests.api.conftest import Api, fields
from tests.api.test_pages_of_working_together import browser
from tests.factories.org import person
from webapp.database import begin_write, db
from webapp.rule_words import SENTENCES
from workflows.agencies.models import Appointment
from workflows.cases.assignment.rules import Cause, Rule

ENGLISH = {"Accept-Language": "en"}
REFUSED_ZH = "此岗位无人在任，任务停在原处；请系统管理员办理任职后重试，办件其余部分继续"
REFUSED_EN = "Nobody holds this post, so the task stays where it is"


def vacate(api: Api, *usernames: str) -> None:
    with api.client.application.app_context(), Session(db.engine) as session:
        begin_write(session)
        keys = [person(session, username).id for username in usernames]
        session.execute(delete(Appointment).where(Appointment.person_id.in_(keys)))
        session.commit()


@pytest.fixture
def number(api: Api) -> str:
    """A case whose county has nobody to verify."""
    vacate(api, "yanhu.handler", "yanhu.handler2")
    opened = api.open()
    api.do("jr.handler", "formal_check", "accept")
    return opened


@pytest.fixture
def higher(api: Api) -> Any:
    """A county's verification that went to its section head by the deployment's rule."""
    rules = {"number": 0, "nobody": "next_superior", "same_person": "refuse", "applicant": "refuse", "note": "人少"}
    api.ok("POST", "/assignment-rules", "admin.security", json=rules)
    vacate(api, "yanhu.handler", "yanhu.handler2")
    api.open()
    api.do("jr.handler", "formal_check", "accept")
    return api.task("yanhu.reviewer", "county_verify")


def test_every_cause_and_rule_has_its_sentence() -> None:
    assert set(SENTENCES) == {(cause, rule) for cause in Cause for rule in Rule}


def test_an_incident_says_in_plain_words_that_nobody_is_there(api: Api, number: str) -> None:
    (incident,) = api.ok("GET", "/incidents", "admin.system")["items"]
    assert (incident["case_no"], incident["node_id"]) == (number, "county_verify")
    assert incident["rule"] == {
        "cause": "nobody",
        "rule": "refuse",
        "asked": "refuse",
        "source": "deployment",
        "version": 0,
        "persons": [],
        "offered_to": None,
        "text": REFUSED_ZH,
    }
    told = api.ok("GET", "/incidents", "admin.system", headers=ENGLISH)["items"][0]["rule"]["text"]
    assert told.startswith(REFUSED_EN)
    refused = api.post(f"/incidents/{incident['id']}/retry", "admin.system", json={})
    assert (refused.status_code, refused.json["code"]) == (409, "state-conflict")


def test_pages_say_so_too(api: Api, number: str) -> None:
    administrator = browser(api, "admin.system")
    page = administrator.get("/incidents").text
    assert REFUSED_ZH in page
    assert "依据：系统自带的规则" in page
    incident = api.ok("GET", "/incidents", "admin.system")["items"][0]["id"]
    administrator.post(f"/incidents/{incident}/retry")
    assert "仍没有可以办理的人" in administrator.get("/incidents").text
    officer = browser(api, "jr.handler")
    assert "“县级核实”没有可以办理的人" in officer.get(f"/cases/{quote(number)}").text
    assert REFUSED_ZH in officer.get(f"/cases/{quote(number)}?tab=record").text


def test_a_task_names_the_rule_that_brought_it_and_so_does_the_history(api: Api, higher: Any) -> None:
    rule = higher["rule"]
    assert (rule["rule"], rule["source"], rule["version"], rule["offered_to"]) == (
        "next_superior",
        "deployment",
        1,
        "reviewer",
    )
    assert rule["text"] == "此岗位无人在任，按规则转科室负责人办理"
    english = api.ok("GET", f"/tasks/{higher['id']}", "yanhu.reviewer", headers=ENGLISH)
    assert english["rule"]["text"] == "Nobody holds this post, so it was offered by rule to the post “Section head”"
    head = browser(api, "yanhu.reviewer")
    page = head.get(f"/tasks/{higher['id']}").text
    assert rule["text"] in page
    assert "依据：本系统规则第1版" in page
    record = head.get(f"/cases/{quote(higher['case_no'])}?tab=record").text
    assert "“县级核实”按规则转上级岗位" in record
    events = api.ok("GET", f"/cases/{quote(higher['case_no'])}/events", "jr.handler")["items"]
    offered = next(event for event in events if event["event"] == "task.offered-higher")
    assert (offered["person"], offered["payload"]["rule"]) == (None, "next_superior")
    api.do("yanhu.reviewer", "county_verify", "agree")


def test_applicants_are_told_nothing_of_it(api: Api, higher: Any) -> None:
    address = f"/cases/{quote(higher['case_no'])}"
    events = api.ok("GET", f"{address}/events", "enterprise-a.applicant")["items"]
    assert "task.offered-higher" not in {event["event"] for event in events}
    open_tasks = api.ok("GET", address, "enterprise-a.applicant")["open_tasks"]
    assert [task["rule"] for task in open_tasks] == [None]


def test_whoever_filed_is_told_why_they_may_not_decide(api: Api) -> None:
    api.open("jr.handler")
    task = api.task("jr.handler2", "formal_check")
    refused = api.post(f"/tasks/{task['id']}/claim", "jr.handler")
    assert (refused.status_code, refused.json["code"]) == (403, "applicant-decides")
    assert "须由另一人办理" in refused.json["detail"]
    api.ok("POST", f"/tasks/{task['id']}/claim", "jr.handler2")


def test_the_deployments_rules_are_read_by_officers_and_set_in_versions(api: Api) -> None:
    first = api.ok("GET", "/assignment-rules", "jr.handler")
    assert first == {
        "number": 0,
        "nobody": "refuse",
        "same_person": "refuse",
        "applicant": "refuse",
        "note": "",
        "set_at": None,
        "set_by": None,
    }
    wanted = {**{name: first[name] for name in ("nobody", "same_person", "applicant")}, "number": 0, "note": "确认"}
    assert api.post("/assignment-rules", "admin.system", json=wanted).status_code == 403
    second = api.ok("POST", "/assignment-rules", "admin.security", json=wanted)
    assert (second["number"], second["note"]) == (1, "确认")
    stale = api.post("/assignment-rules", "admin.security", json=wanted)
    assert (stale.status_code, stale.json["code"]) == (409, "row-version-stale")
    assert fields(api.post("/assignment-rules", "admin.security", json={**wanted, "nobody": "ignore"})) == {"nobody"}


def test_the_page_shows_them_to_officers_and_takes_the_next_version_from_the_security_administrator(api: Api) -> None:
    officer, security = browser(api, "jr.handler"), browser(api, "admin.security")
    assert "现行：系统自带" in officer.get("/assignment-rules").text
    assert "设定下一版" not in officer.get("/assignment-rules").text
    wanted = {"number": "0", "nobody": "next_superior", "same_person": "refuse", "applicant": "refuse", "note": ""}
    refused = security.post("/assignment-rules", data=wanted)
    assert (refused.status_code, "selected>转上级岗位" in refused.text) == (422, True)
    assert security.post("/assignment-rules", data={**wanted, "note": "县区人手少"}).status_code == 302
    page = security.get("/assignment-rules").text
    assert "已设定本系统规则第1版" in page
    assert "县区人手少" in page
    security.post("/assignment-rules", data={**wanted, "note": "又改"})
    assert "规则已由他人更新" in security.get("/assignment-rules").text
    assert officer.post("/assignment-rules", data={**wanted, "number": "1", "note": "越权"}).status_code == 403
