"""补正 on the portal: what must be supplied and why, and the way from each thing to its place."""

from __future__ import annotations

import re
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient

from tests.api.conftest import Api, api, fields
from tests.api.pages import enter, token_of

__all__ = ["api"]

WHO = "enterprise-a.applicant"
ITEMS = [
    {"material": "账号", "problem": "与开户证明不符", "requirement": "填企业专户账号", "place": "issuers.0.account_no"},
    {"material": "联系电话", "problem": "打不通"},
    {"material": "募集说明书", "problem": "缺第3页"},
    {"material": "审计报告", "problem": "缺2018年度"},
]


@pytest.fixture
def case_no(api: Api) -> str:
    no = api.open()
    api.do("jr.handler", "formal_check", "supplement", opinion="请一次补齐", data={"supplement_items": ITEMS})
    return no


@pytest.fixture
def browser(api: Api, case_no: str) -> FlaskClient:
    opened = api.client.application.test_client()
    enter(opened, WHO)
    return opened


def start(browser: FlaskClient, at: str) -> str:
    """Begin from the portal with one of the things asked for; return the address one is led to."""
    home = browser.get("/my/applications")
    action = re.search(r'action="(/tasks/\d+/claim)"', home.text)
    assert action is not None
    sent = {"csrf_token": token_of(home), "back": "task", "at": at}
    return browser.post(action[1], data=sent).headers["Location"]


def test_the_portal_names_each_thing_and_why_and_leads_to_its_place(browser: FlaskClient) -> None:
    home = browser.get("/my/applications").text
    for said in ("与开户证明不符", "填企业专户账号", "打不通", "缺第3页", "缺2018年度", "请一次补齐"):
        assert said in home
    assert "发行人1 · 企业专户账号" in home
    places = re.findall(r'name="at" value="([^"]+)"', home)
    assert places[:2] == ["f-issuers-0-account_no", "f-contact_phone"]
    assert re.fullmatch(r"p\d+", places[2])
    assert len(places) == 3
    address = start(browser, places[0])
    assert address.endswith("#f-issuers-0-account_no")
    page = browser.get(address.partition("#")[0]).text
    for place in places:
        assert f'id="{place}"' in page
        assert f'href="#{place}"' in page
    assert "?tab=materials#other-file" in page


def test_the_problem_stands_beside_the_field_and_is_read_with_it(browser: FlaskClient) -> None:
    page = browser.get(start(browser, "f-contact_phone").partition("#")[0]).text
    assert re.search(r'id="f-issuers-0-account_no-a">.*与开户证明不符.*填企业专户账号', page)
    field = re.search(r'<input[^>]*id="f-issuers-0-account_no"[^>]*>', page)
    assert field is not None
    assert 'aria-describedby="f-issuers-0-account_no-a"' in field[0]
    assert 'id="f-bond_name-a"' not in page
    assert re.search(
        r'<li id="p\d+" tabindex="-1">\s*<div[^>]*><b class="wrap">募集说明书(?s:.){0,600}<b>缺第3页</b>', page
    )


def test_in_english_the_places_are_named_in_english(browser: FlaskClient) -> None:
    browser.set_cookie("lianban_language", "en")
    home = browser.get("/my/applications").text
    assert "Issuer 1 · Account number" in home
    assert "Telephone" in home
    assert re.findall(r'name="at" value="([^"]+)"', home)[1] == "f-contact_phone"


@pytest.mark.parametrize("at", ["https://elsewhere.example", '"><script>', "", "x" * 200])
def test_a_place_that_is_none_leads_to_the_task_alone(browser: FlaskClient, at: str) -> None:
    assert "#" not in start(browser, at)


@pytest.mark.parametrize("place", ["issuers.7.account_no", "nowhere", "issuers.0.", "__class__"])
def test_an_officer_points_at_fields_of_the_application_only(api: Api, place: str) -> None:
    api.open()
    task = api.task("jr.handler", "formal_check")
    version = api.ok("POST", f"/tasks/{task['id']}/claim", "jr.handler")["row_version"]
    data = {"supplement_items": [{"material": "账号", "problem": "有误", "place": place}]}
    body = {"decision": "supplement", "opinion": "请补", "row_version": version, "data": data}
    assert fields(api.post(f"/tasks/{task['id']}/complete", "jr.handler", json=body)) == {
        "data.supplement_items.0.place"
    }


def test_the_officer_chooses_the_field_by_its_name(api: Api) -> None:
    api.open()
    officer = api.client.application.test_client()
    enter(officer, "jr.handler")
    task = api.task("jr.handler", "formal_check")
    api.ok("POST", f"/tasks/{task['id']}/claim", "jr.handler")
    page = officer.get(f"/tasks/{task['id']}?queue=mine").text
    assert '<option value="issuers.0.account_no">发行人1 · 企业专户账号</option>' in page


def test_the_history_names_the_field(api: Api, case_no: str) -> None:
    officer = api.client.application.test_client()
    enter(officer, "jr.handler")
    shown = officer.get(f"/cases/{quote(case_no)}?tab=record").text
    assert "发行人1 · 企业专户账号" in shown
    assert "issuers.0.account_no" not in shown
