"""The page on which what a leaver holds goes to a colleague."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient

from tests.api.conftest import Api
from tests.api.pages import enter, post


@pytest.fixture
def task(api: Api) -> Any:
    api.open()
    found = api.task("jr.handler", "formal_check")
    return api.ok("POST", f"/tasks/{found['id']}/claim", "jr.handler")


def browser(api: Api, username: str) -> FlaskClient:
    opened = api.client.application.test_client()
    enter(opened, username)
    return opened


def test_a_head_hands_over_what_a_leaver_holds_and_is_told_of_each_thing(api: Api, task: Any) -> None:
    head = browser(api, "jr.leader")
    assert "全部交接" in head.get("/hand-over?who=jr.handler").text
    wrong = post(head, "/hand-over", who="jr.handler", to="jr.handler2", reason=" ")
    assert (wrong.status_code, "请写明理由" in wrong.text) == (422, True)
    stays = post(head, "/hand-over", who="jr.handler", to="jr.clerk", reason="调离")
    assert "接手人没有可以办理此项的岗位" in stays.text
    done = post(head, "/hand-over", who="jr.handler", to="jr.handler2", reason="调离")
    assert f'href="/cases/{quote(task["case_no"])}"' in done.text
    assert "形式审查" in done.text
    assert "已交接" in done.text
    assert "全部交接" not in done.text
    assert api.ok("GET", "/tasks?queue=mine", "jr.handler2")["items"][0]["id"] == task["id"]


def test_the_page_of_a_person_warns_the_administrator_of_what_they_hold(api: Api, task: Any) -> None:
    admin = browser(api, "admin.system")
    person = api.ok("GET", "/people?q=jr.handler", "admin.system")["items"][0]
    page = admin.get(f"/people/{person['id']}").text
    assert "未办任务1项" in page
    assert "/hand-over?who=jr.handler" in page
    post(admin, "/hand-over", who="jr.handler", to="jr.handler2", reason="调离")
    assert "未办任务" not in admin.get(f"/people/{person['id']}").text


def test_an_officer_hands_over_their_own_work_and_nobody_elses(api: Api, task: Any) -> None:
    own = browser(api, "jr.handler")
    page = own.get("/hand-over").text
    assert "全部交接" in page
    assert 'value="jr.handler2"' in page
    assert "jr.leader" not in page
    for name in ("jr.handler2", "cz.handler"):
        assert "没有此账号，或不归本人交接" in own.get(f"/hand-over?who={name}").text
    assert post(own, "/hand-over", who="jr.handler2", to="jr.handler", reason="调离").status_code == 404
    done = post(own, "/hand-over", who="jr.handler", to="jr.handler2", reason="调离")
    assert "已交接" in done.text
    assert "工作交接：经办人甲交您办理1项工作" in browser(api, "jr.handler2").get("/notifications").text
    head = browser(api, "jr.leader")
    assert "工作交接：经办人甲已将手中的工作交经办人乙办理" in head.get("/notifications").text
    head.get("/language/en")
    assert "Hand-over: " in head.get("/notifications").text


def test_the_notice_leads_to_what_has_come(api: Api, task: Any) -> None:
    post(browser(api, "jr.handler"), "/hand-over", who="jr.handler", to="jr.handler2", reason="调离")
    (notice,) = api.ok("GET", "/notifications", "jr.handler2")["items"]
    assert notice["text"].endswith("1项工作")
    followed = browser(api, "jr.handler2").get(f"/notifications/{notice['id']}")
    assert followed.location == "/tasks?queue=mine"


@pytest.mark.parametrize(("username", "offered"), [("jr.handler", True), ("jr.leader", True), ("jr.clerk", False)])
def test_own_settings_lead_to_the_page(api: Api, username: str, offered: bool) -> None:
    assert ('href="/hand-over"' in browser(api, username).get("/me").text) is offered


def test_the_administrator_is_told_keys_and_never_cases(api: Api, task: Any) -> None:
    done = post(browser(api, "admin.system"), "/hand-over", who="jr.handler", to="jr.handler2", reason="调离").text
    assert f"任务 {task['id']}" in done
    assert task["case_no"] not in done


@pytest.mark.parametrize("username", ["jr.clerk", "admin.audit", "admin.security", "enterprise-a.applicant"])
def test_nobody_else_opens_the_page(api: Api, username: str) -> None:
    assert browser(api, username).get("/hand-over").status_code == 403


def test_a_head_learns_nothing_of_another_agencys_people(api: Api, task: Any) -> None:
    head = browser(api, "cz.leader")
    for name in ("jr.handler", "nobody", "%00"):
        assert "没有此账号，或不归本人交接" in head.get(f"/hand-over?who={name}").text
    assert post(head, "/hand-over", who="jr.handler", to="cz.handler", reason="调离").status_code == 404
