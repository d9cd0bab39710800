"""The page pieces of delegating, urging and copying: forms that work without script, refusals where they belong."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.api.conftest import PASSWORD, Api


@dataclass
class Browser:
    """A browser without script: each form it sends carries the token of a page."""

    client: FlaskClient

    def get(self, address: str) -> TestResponse:
        return self.client.get(address)

    def post(self, address: str, **given: Any) -> TestResponse:
        page = "/help" if given.pop("signed_in", True) else "/login"
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)', self.client.get(page).text)
        assert token is not None
        data = {**given.pop("data", {}), "csrf_token": token[1]}
        return self.client.post(address, data=data, **given)


@pytest.fixture
def task(api: Api) -> Any:
    """A formal check in the hands of JR's first handler."""
    api.open()
    found = api.task("jr.handler", "formal_check")
    return api.ok("POST", f"/tasks/{found['id']}/claim", "jr.handler")


def browser(api: Api, username: str) -> Browser:
    opened = Browser(api.client.application.test_client())
    answer = opened.post("/login", data={"username": username, "password": PASSWORD}, signed_in=False)
    assert answer.status_code == 302, answer.text
    return opened


def test_a_task_is_delegated_and_handed_back_on_its_page(api: Api, task: Any) -> None:
    owner, colleague = browser(api, "jr.handler"), browser(api, "jr.handler2")
    page = owner.get(f"/tasks/{task['id']}").text
    assert "委派同事代办…" in page
    refused = owner.post(f"/tasks/{task['id']}/delegate", data={"to": "jr.handler2", "reason": " "})
    assert (refused.status_code, "请写明理由" in refused.text) == (422, True)
    done = owner.post(f"/tasks/{task['id']}/delegate", data={"to": "jr.handler2", "reason": "请核对"})
    assert done.location == "/tasks?queue=delegated"
    assert "已委派" in owner.get(done.location).text
    assert "经办人甲委派您代办" in colleague.get(f"/tasks/{task['id']}").text
    refused = colleague.post(f"/tasks/{task['id']}/hand-back", data={"note": ""})
    assert refused.status_code == 422
    colleague.post(f"/tasks/{task['id']}/hand-back", data={"note": "已核对", "opinion": "材料齐全"})
    page = owner.get(f"/tasks/{task['id']}").text
    assert "经办人乙已办完交回" in page
    assert "材料齐全" in page


def test_a_delegated_task_is_taken_back_on_its_page(api: Api, task: Any) -> None:
    owner = browser(api, "jr.handler")
    owner.post(f"/tasks/{task['id']}/delegate", data={"to": "jr.handler2", "reason": "请核对"})
    assert "收回，由本人办理" in owner.get(f"/tasks/{task['id']}").text
    owner.post(f"/tasks/{task['id']}/take-back")
    assert "委派同事代办…" in owner.get(f"/tasks/{task['id']}").text
    again = owner.post(f"/tasks/{task['id']}/take-back", follow_redirects=True)
    assert "当前状态不能办理" in again.text


def test_the_supervision_office_reminds_from_the_case_page(api: Api, task: Any) -> None:
    reader, address = browser(api, "dc.supervisor"), f"/cases/{quote(task['case_no'])}"
    assert "催办" in reader.get(address).text
    path = f"{address}/tasks/{task['id']}/urge"
    assert reader.post(path, data={"reason": ""}).status_code == 422
    assert "催办市金融办「形式审查」…" in reader.get(address).text
    sent = reader.post(path, data={"reason": "临期"}, follow_redirects=True).text
    assert "已催办，通知已送达1人" in sent
    assert "已由本人催办，今日不再重复" in sent
    assert "催办市金融办「形式审查」…" not in sent
    head = browser(api, "jr.leader")
    assert "已由本人催办" not in head.get(f"/tasks/{task['id']}").text
    head.post(path, data={"reason": "临期"})
    assert "已由本人催办，今日不再重复" in head.get(f"/tasks/{task['id']}").text
    assert "今天已催办" in reader.post(path, data={"reason": "临期"}, follow_redirects=True).text
    assert "催办" not in browser(api, "enterprise-a.applicant").get(address).text


def test_nobody_reminds_themselves(api: Api, task: Any) -> None:
    page = browser(api, "jr.handler").get(f"/cases/{quote(task['case_no'])}").text
    assert "形式审查" in page
    assert "/urge" not in page


def test_a_case_is_copied_acknowledged_and_withdrawn_on_pages(api: Api, task: Any) -> None:
    sender, reader = browser(api, "jr.handler"), browser(api, "cz.handler")
    address = f"/cases/{quote(task['case_no'])}"
    assert reader.get(address).status_code == 404
    refused = sender.post(f"{address}/copies", data={"to": ["NOBODY"], "note": ""})
    assert (refused.status_code, "请从所列选项中选择" in refused.text) == (422, True)
    assert sender.post(f"{address}/copies", data={}).status_code == 422
    sender.post(f"{address}/copies", data={"to": ["CZ", "jr.leader"], "note": "供参考"})
    assert reader.get(address).status_code == 200
    queue = reader.get("/tasks?queue=cc").text
    assert "未阅" in queue
    (row,) = api.ok("GET", "/tasks?queue=cc", "cz.handler")["items"]
    assert "已阅知" in reader.post(f"/copies/{row['id']}/acknowledge", follow_redirects=True).text
    page = sender.get(f"{address}?tab=copies").text
    assert "已阅知" in page
    sender.post(f"{address}/copies/{row['id']}/withdraw")
    assert "已收回" in sender.get(f"{address}?tab=copies").text
    assert reader.get(address).status_code == 404


def test_work_is_delegated_over_dates_on_a_page_and_done_in_the_colleagues_name(api: Api, task: Any) -> None:
    owner, deputy = browser(api, "jr.handler"), browser(api, "jr.handler2")
    refused = owner.post("/delegations", data={"to": "cz.handler", "from_on": "tomorrow", "to_on": "2019-10-18"})
    assert refused.status_code == 422
    days = {"from_on": "2019-10-14", "to_on": "2019-10-18", "scope": "all"}
    assert owner.post("/delegations", data={"to": "jr.handler2", **days}).status_code == 302
    assert "生效中" in owner.get("/delegations").text
    made = api.ok("GET", "/delegations", "jr.handler2")["items"][0]
    assert "（代经办人甲）" in deputy.get("/tasks").text
    deputy.post("/acting-post", data={"post": made["post_id"]})
    assert task["case_no"] in deputy.get("/tasks?queue=mine").text
    assert deputy.post("/absences", data={"username": "jr.handler2", "reason": ""}).status_code == 422
    owner.post(f"/delegations/{made['id']}/end")
    assert "已提前结束" in owner.get("/delegations").text
    assert task["case_no"] not in deputy.get("/tasks?queue=mine").text


def test_leave_is_recorded_without_typing_a_name_and_ended_on_the_page(api: Api) -> None:
    officer, head = browser(api, "jr.handler"), browser(api, "jr.reviewer")
    shown = officer.get("/delegations").text
    assert re.findall(r'<select class="in" id="username".*?</select>', shown)[0].count("<option") == 1
    days = {"from_on": "2019-10-15", "to_on": "2019-10-18", "reason": "年休"}
    assert "已登记" in officer.post("/absences", data={"username": "jr.handler", **days}, follow_redirects=True).text
    assert officer.post("/absences", data={"username": "jr.handler2", **days}).status_code == 302
    page = head.get("/delegations").text
    (end,) = re.findall(r'action="(/absences/\d+/end)"', page)
    assert "/end" not in browser(api, "jr.handler2").get("/delegations").text
    assert "已销假" in head.post(end, follow_redirects=True).text
    assert "当前状态不能办理" in head.post(end, follow_redirects=True).text
