"""Where each kind of reader begins, what is in sight there, and that nothing is chosen for them."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient

from tests.api.conftest import Api, api
from tests.api.pages import enter, post
from tests.factories.cases import issuer

__all__ = ["api"]


def browser_of(api: Api, username: str) -> FlaskClient:
    browser: FlaskClient = api.client.application.test_client()
    enter(browser, username)
    return browser


@pytest.mark.parametrize(
    ("username", "address"),
    [
        ("admin.system", "/incidents"),
        ("admin.security", "/grants"),
        ("admin.audit", "/audit/readers"),
        ("dc.supervisor", "/measures"),
        ("enterprise-a.applicant", "/my/applications"),
    ],
)
def test_each_begins_with_what_waits_for_them(api: Api, username: str, address: str) -> None:
    assert browser_of(api, username).get("/").location == address


def test_an_applicant_sees_who_has_each_application_and_how_to_make_another(api: Api) -> None:
    api.open()
    page = browser_of(api, "enterprise-a.applicant").get("/my/applications").text
    assert "现在：市金融办「形式审查」" in page
    assert page.index('href="/apply"', page.index("<h1>")) < page.index("已提交的申请")


@pytest.mark.parametrize(("username", "page"), [("jr.handler", "/delegations"), ("jr.leader", "/backups")])
def test_a_colleague_is_chosen_and_not_the_first_of_the_list(api: Api, username: str, page: str) -> None:
    shown = browser_of(api, username).get(page).text
    assert re.search(r'<select class="in" id="to"[^>]*><option value="">请选择</option>', shown)


def test_work_is_handed_to_nobody_unless_they_are_chosen(api: Api) -> None:
    api.open()
    task = api.task("jr.handler", "formal_check")
    api.ok("POST", f"/tasks/{task['id']}/claim", "jr.handler")
    browser = browser_of(api, "jr.leader")
    sent = {"who": "jr.handler", "to": "", "reason": "调离"}
    answer = post(browser, "/hand-over", "/hand-over?who=jr.handler", **sent)
    assert answer.status_code == 422
    assert "接手人：请从所列选项中选择" in answer.text
    assert [item["id"] for item in api.ok("GET", "/tasks?queue=mine", "jr.handler")["items"]] == [task["id"]]


def test_giving_tasks_back_is_not_the_first_thing_to_do_with_ones_own(api: Api) -> None:
    api.open()
    browser = browser_of(api, "jr.handler")
    assert re.search(r'btn-1" type="submit" name="verb" value="claim"', browser.get("/tasks?queue=available").text)
    task = api.task("jr.handler", "formal_check")
    api.ok("POST", f"/tasks/{task['id']}/claim", "jr.handler")
    mine = browser.get("/tasks?queue=mine").text
    assert 'value="release"' in mine
    assert not re.search(r'btn-1" type="submit" name="verb"', mine)


def cell(page: str, label: str) -> list[list[str]]:
    found = re.findall(rf'<td class="c-kv c-from" data-l="{label}">(.*?)</td>', page)
    return [re.sub(r"<[^>]+>", " ", text).split() for text in found]


def test_what_is_done_says_who_has_the_case_now(api: Api) -> None:
    api.open(issuers=[issuer(0, "YHQ")])
    api.do("jr.handler", "formal_check", "accept")
    assert cell(browser_of(api, "jr.handler").get("/tasks?queue=done").text, "现在谁办") == [["盐湖区", "县级核实"]]
    api.do("yanhu.handler", "county_verify", "agree")
    assert cell(browser_of(api, "yanhu.handler").get("/tasks?queue=done").text, "现在谁办") == [
        ["市金融办", "市级审核"]
    ]


def test_one_county_is_told_of_the_whole_and_not_of_the_others(api: Api) -> None:
    api.open(issuers=[issuer(0, "YHQ"), issuer(1, "HEJIN")])
    api.do("jr.handler", "formal_check", "accept")
    api.do("yanhu.handler", "county_verify", "agree")
    browser = browser_of(api, "yanhu.handler")
    assert cell(browser.get("/tasks?queue=done").text, "现在谁办") == [["已转出"]]
    api.do("hejin.handler", "county_verify", "agree")
    assert cell(browser.get("/tasks?queue=done").text, "现在谁办") == [["市金融办", "市级审核"]]


def test_a_head_sees_which_handler_has_each_task(api: Api) -> None:
    api.open()
    task = api.task("jr.handler", "formal_check")
    api.ok("POST", f"/tasks/{task['id']}/claim", "jr.handler")
    shown = cell(browser_of(api, "jr.reviewer").get("/tasks?queue=team").text, "谁在办")
    assert shown == [["市金融办", "·", "经办人甲"]]


def test_an_issuer_of_its_own_task_stands_on_the_page_once(api: Api) -> None:
    api.open(issuers=[issuer(0, "YHQ")])
    api.do("jr.handler", "formal_check", "accept")
    task = api.task("yanhu.handler", "county_verify")
    page = browser_of(api, "yanhu.handler").get(f"/tasks/{task['id']}").text
    assert page.count(issuer(0, "YHQ")["uscc"]) == 1


def test_nobody_is_sent_to_claim_where_nothing_waits(api: Api) -> None:
    browser = browser_of(api, "jr.handler")
    assert "去认领" not in browser.get("/").text
    api.open()
    assert "去认领" in browser.get("/").text


def test_an_applicant_is_told_of_the_papers_and_the_limit_before_filling_in(api: Api) -> None:
    browser = browser_of(api, "enterprise-a.applicant")
    page = browser.get("/apply/bond_subsidy").text
    told = page[page.index('id="papers"') :].partition("</details>")[0]
    assert "受理后限28个工作日办结" in told
    assert told.count("<li>") == 9
    assert "营业执照" in told
    assert "每家一份" in told
    assert "核实记录" not in told
