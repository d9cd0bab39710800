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
REQUESTS = "/assignment-rules/change-requests"
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
    change = api.ok("POST", REQUESTS, "admin.system", json=rules)
    api.ok("POST", f"{REQUESTS}/{change['id']}/approve", "admin.security")
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


BUILT_IN = {
    "number": 0,
    "nobody": "refuse",
    "same_person": "refuse",
    "applicant": "refuse",
    "note": "",
    "set_at": None,
    "set_by": None,
    "requested_by": None,
}
REFUSE = dict.fromkeys(("nobody", "same_person", "applicant"), "refuse")
WANTED = {**REFUSE, "nobody": "next_superior", "number": 0, "note": "县区人手少"}


def test_the_deployments_rules_are_changed_by_two_administrators(api: Api) -> None:
    assert api.ok("GET", "/assignment-rules", "jr.handler") == BUILT_IN
    answer = api.post(REQUESTS, "admin.system", json=WANTED)
    assert answer.status_code == 201, answer.text
    change = answer.json
    assert change is not None
    assert answer.headers["Location"] == f"/api/v1{REQUESTS}/{change['id']}"
    assert (change["status"], change["replaces"], change["number"]) == ("requested", 0, None)
    assert (change["before"], change["after"]) == (REFUSE, {**REFUSE, "nobody": "next_superior"})
    assert api.ok("GET", "/assignment-rules", "jr.handler") == BUILT_IN
    approved = api.ok("POST", f"{REQUESTS}/{change['id']}/approve", "admin.security")
    assert (approved["status"], approved["number"]) == ("approved", 1)
    now = api.ok("GET", "/assignment-rules", "jr.handler")
    assert (now["number"], now["nobody"], now["note"]) == (1, "next_superior", "县区人手少")
    assert (now["requested_by"], now["set_by"]) == (approved["requested_by"], approved["decided_by"])
    assert now["requested_by"] != now["set_by"]
    again = api.post(f"{REQUESTS}/{change['id']}/approve", "admin.security")
    assert (again.status_code, again.json["code"]) == (409, "state-conflict")
    stale = api.post(REQUESTS, "admin.system", json=WANTED)
    assert (stale.status_code, stale.json["code"]) == (409, "row-version-stale")


def test_who_asks_does_not_approve_and_who_approves_does_not_ask(api: Api) -> None:
    for who in ("admin.security", "admin.audit", "jr.leader", "enterprise-a.applicant"):
        assert api.post(REQUESTS, who, json=WANTED).status_code == 403, who
    key = api.ok("POST", REQUESTS, "admin.system", json=WANTED)["id"]
    for who in ("admin.system", "admin.audit", "jr.leader"):
        for verb, body in (("approve", {}), ("reject", {"reason": "不妥"})):
            assert api.post(f"{REQUESTS}/{key}/{verb}", who, json=body).status_code == 403, (who, verb)
    assert api.post(f"{REQUESTS}/{key}/withdraw", "admin.security", json={"reason": "不妥"}).status_code == 403
    assert api.post("/assignment-rules", "admin.security", json=WANTED).status_code == 405


def test_a_change_is_rejected_with_a_reason_or_withdrawn(api: Api) -> None:
    first = api.ok("POST", REQUESTS, "admin.system", json=WANTED)["id"]
    second = api.post(REQUESTS, "admin.system", json={**WANTED, "note": "又一项"})
    assert (second.status_code, second.json["code"]) == (409, "state-conflict")
    assert fields(api.post(f"{REQUESTS}/{first}/reject", "admin.security", json={"reason": ""})) == {"reason"}
    assert fields(api.post(f"{REQUESTS}/{first}/reject", "admin.security", json={"reason": " "})) == {"reason"}
    rejected = api.ok("POST", f"{REQUESTS}/{first}/reject", "admin.security", json={"reason": "先补人"})
    assert (rejected["status"], rejected["reason"], rejected["number"]) == ("rejected", "先补人", None)
    second_key = api.ok("POST", REQUESTS, "admin.system", json=WANTED)["id"]
    withdrawn = api.ok("POST", f"{REQUESTS}/{second_key}/withdraw", "admin.system", json={"reason": "写错了"})
    assert (withdrawn["status"], withdrawn["decided_by"]) == ("withdrawn", None)
    assert api.ok("GET", "/assignment-rules", "jr.handler") == BUILT_IN
    for who in ("admin.system", "admin.security", "admin.audit"):
        listed = api.ok("GET", f"{REQUESTS}?limit=1", who)
        assert [item["id"] for item in listed["items"]] == [second_key]
        following = api.ok("GET", f"{REQUESTS}?limit=1&cursor={listed['next']}", who)
        assert ([item["id"] for item in following["items"]], following["next"]) == ([first], None)
    assert api.ok("GET", f"{REQUESTS}?status=requested", "admin.audit")["items"] == []
    assert api.get(REQUESTS, "jr.handler").status_code == 403
    assert api.get(f"{REQUESTS}/{first}", "jr.handler").status_code == 403
    assert api.get(f"{REQUESTS}/999", "admin.audit").status_code == 404


def test_what_asks_for_nothing_or_for_no_rule_is_named(api: Api) -> None:
    assert fields(api.post(REQUESTS, "admin.system", json={**WANTED, "nobody": "ignore"})) == {"nobody"}
    assert fields(api.post(REQUESTS, "admin.system", json={**WANTED, "nobody": "refuse"})) == {"nobody"}
    assert fields(api.post(REQUESTS, "admin.system", json={**WANTED, "note": " "})) == {"note"}


def test_the_other_side_is_told(api: Api) -> None:
    key = api.ok("POST", REQUESTS, "admin.system", json=WANTED)["id"]
    told = api.ok("GET", "/notifications", "admin.security")["items"][0]
    assert told["text"] == f"{told['by']}申请修改无人可办时的规则，待批准"
    assert told["facts"] == {"reason": "县区人手少"}
    security = browser(api, "admin.security")
    assert security.get(f"/notifications/{told['id']}").headers["Location"].endswith("/assignment-rules")
    api.ok("POST", f"{REQUESTS}/{key}/reject", "admin.security", json={"reason": "先补人"})
    told = api.ok("GET", "/notifications", "admin.system", headers=ENGLISH)["items"][0]
    assert told["text"].endswith("rejected the change of the rules for when nobody can do a step")
    assert told["facts"] == {"reason": "先补人"}


def test_the_page_shows_what_would_change_and_takes_the_decision_of_the_other(api: Api) -> None:
    officer, system, security = (browser(api, who) for who in ("jr.handler", "admin.system", "admin.security"))
    page = "/assignment-rules"
    assert "现行：系统自带" in officer.get(page).text
    assert "申请修改" not in officer.get(page).text
    assert "申请修改" not in security.get(page).text
    wanted = {**{name: str(value) for name, value in WANTED.items()}, "note": ""}
    refused = system.post(page, data=wanted)
    assert (refused.status_code, "selected>转上级岗位" in refused.text) == (422, True)
    assert "没有要改的内容" in system.post(page, data={**wanted, "nobody": "refuse", "note": "无"}).text
    assert system.post(page, data={**wanted, "note": "县区人手少"}).status_code == 302
    shown = system.get(page).text
    assert "修改申请已提交，待安全管理员批准后生效" in shown
    assert "<del>任何人不能办理，停在原处</del>" in shown
    assert "撤回申请" in shown
    assert "/approve" not in shown
    assert "待批准的修改" not in officer.get(page).text
    system.post(page, data={**wanted, "note": "又一项"})
    assert "另有一项修改待批准" in system.get(page).text
    assert "待批准的修改" in browser(api, "admin.audit").get(page).text
    (key,) = (item["id"] for item in api.ok("GET", REQUESTS, "admin.audit")["items"])
    without = security.post(f"{page}/change-requests/{key}/reject", data={"reason": ""})
    assert (without.status_code, "请填写此项" in without.text) == (422, True)
    assert system.post(f"{page}/change-requests/{key}/approve").status_code == 403
    assert security.post(f"{page}/change-requests/{key}/approve").status_code == 302
    shown = security.get(page).text
    assert "现行：第1版" in shown
    assert "历次申请" in shown
    assert "现行：第1版" in officer.get(page).text
    assert "历次申请" not in officer.get(page).text
    security.post(f"{page}/change-requests/{key}/reject", data={"reason": "晚了"})
    assert "现行：第1版" in security.get(page).text
    system.post(page, data={**wanted, "note": "又改"})
    assert "规则已由他人更新" in system.get(page).text
    assert officer.post(page, data=wanted).status_code == 403
    english = browser(api, "admin.security")
    english.get("/language/en")
    assert "Earlier changes" in english.get(page).text
