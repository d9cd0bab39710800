"""牵头单位变更 on its page: what passes on is named before anything changes, mistakes at their field, the new told."""

from __future__ import annotations

import re
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.api.conftest import Api, api, at_the_leads
from tests.api.pages import enter, post
from workflows.clock import FixedClock

__all__ = ["api"]

PAGE = "/measures/3/lead"
LEAD = {"old": "CZ", "new": "GX", "on": "2019-10-14", "reason": "运政办发〔2019〕40号"}


@pytest.fixture
def case_no(api: Api, app: Flask, clock: FixedClock) -> str:
    return at_the_leads(api, app, clock)


@pytest.fixture
def admin(api: Api) -> FlaskClient:
    return browser(api, "admin.system")


def browser(api: Api, who: str) -> FlaskClient:
    opened = api.client.application.test_client()
    enter(opened, who)
    return opened


def test_what_passes_on_is_named_first_and_nothing_has_changed_yet(api: Api, admin: FlaskClient, case_no: str) -> None:
    assert f'href="{PAGE}"' in admin.get("/measures").text
    asked = post(admin, PAGE, page=PAGE, **LEAD)
    assert asked.status_code == 200
    for said in (
        "市财政局变更为市工信局",
        "1项未办任务转新牵头单位",
        "联合主办会签",
        "不限时",
        "运政办发〔2019〕40号",
    ):
        assert said in asked.text
    assert case_no not in asked.text
    assert api.task("cz.handler", "countersign")["case_no"] == case_no
    again = post(admin, PAGE, page=PAGE, **LEAD, back="yes").text
    assert '<option value="GX" selected>' in again
    assert "运政办发〔2019〕40号</textarea>" in again


def test_the_confirmed_change_moves_the_tasks_and_tells_the_new_lead(
    api: Api, admin: FlaskClient, case_no: str
) -> None:
    done = post(admin, PAGE, page=PAGE, **LEAD, confirmed="yes")
    assert done.status_code == 302
    assert "1件办件的1项任务转新牵头单位" in admin.get(done.headers["Location"]).text
    assert api.task("gx.handler", "countersign")["case_no"] == case_no
    new = browser(api, "gx.handler")
    assert "牵头单位变更为您单位：措施3，接办1项任务" in new.get("/notifications").text
    history = new.get(f"/cases/{quote(case_no)}?tab=record").text
    assert "市财政局的“联合主办会签”转市工信局办理，期限不变" in history
    assert "运政办发〔2019〕40号" in history
    new.set_cookie("lianban_language", "en")
    assert "Your agency leads now: measure 3, with 1 open task" in new.get("/notifications").text
    assert "牵头单位变更" not in browser(api, "cz.handler").get("/notifications").text


def test_limits_that_go_on_and_claims_that_end_are_told_apart(api: Api, admin: FlaskClient) -> None:
    api.open()
    task = api.task("jr.handler", "formal_check")
    api.ok("POST", f"/tasks/{task['id']}/claim", "jr.handler")
    api.open()
    asked = post(admin, "/measures/2/lead", page="/measures/2/lead", **{**LEAD, "old": "JR"}).text
    assert "2项未办任务转新牵头单位" in asked
    assert "期限不变，最早2019-10-21" in asked
    assert "1项已有人认领，改由新单位重新认领" in asked


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"new": "CZ"}, "new"),
        ({"new": "NOBODY"}, "new"),
        ({"old": "GX", "new": "CZ"}, "old"),
        ({"on": "2019-10-15"}, "on"),
        ({"on": "soon"}, "on"),
        ({"reason": " "}, "reason"),
        ({"reason": "x" * 2001}, "reason"),
    ],
)
@pytest.mark.parametrize("step", [{}, {"confirmed": "yes"}])
def test_a_mistake_is_named_at_its_field_and_what_was_typed_stays(
    api: Api, admin: FlaskClient, case_no: str, changed: dict[str, str], field: str, step: dict[str, str]
) -> None:
    wrong = post(admin, PAGE, page=PAGE, **{**LEAD, **changed}, **step)
    assert wrong.status_code == 422
    assert re.search(rf'<p class="err" id="{field}-e">', wrong.text)
    assert re.search(rf'href="#{field}"', wrong.text)
    assert api.task("cz.handler", "countersign")["case_no"] == case_no


@pytest.mark.parametrize("who", ["jr.leader", "dc.supervisor", "admin.security", "admin.audit"])
def test_nobody_else_opens_the_page(api: Api, who: str) -> None:
    other = browser(api, who)
    assert other.get(PAGE).status_code == 403
    assert post(other, PAGE, **LEAD, confirmed="yes").status_code == 403
    assert f'href="{PAGE}"' not in other.get("/measures").text


@pytest.mark.parametrize("line", ["99", "3x", "%00"])
def test_there_is_no_page_for_no_line(admin: FlaskClient, line: str) -> None:
    assert admin.get(f"/measures/{line}/lead").status_code == 404
