"""The list of cases by who holds them now, over the API and on the page."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient

from tests.api.conftest import Api, api, fields
from tests.api.pages import enter
from tests.factories.cases import issuer

__all__ = ["api"]


@pytest.fixture
def case_no(api: Api) -> str:
    no = api.open(issuers=[issuer(0, "YHQ"), issuer(1, "HEJIN")])
    api.do("jr.handler", "formal_check", "accept")
    return no


def numbers(api: Api, who: str, holder: str) -> list[str]:
    return [item["no"] for item in api.ok("GET", f"/cases?holder={holder}", who)["items"]]


def test_the_api_lists_what_an_agency_holds(api: Api, case_no: str) -> None:
    waiting = api.open()
    assert numbers(api, "dc.supervisor", "YHQ") == [case_no]
    assert numbers(api, "dc.supervisor", "JR") == [waiting]
    assert numbers(api, "hejin.handler", "YHQ") == []
    assert fields(api.get("/cases?holder=NOBODY", "dc.supervisor")) == {"holder"}


def test_the_page_narrows_by_holder_and_keeps_it_in_the_address(api: Api, case_no: str) -> None:
    api.open()
    browser = api.client.application.test_client()
    enter(browser, "dc.supervisor")
    page = browser.get("/cases?holder=YHQ").text
    assert page.count("data-row") == 1
    assert case_no in page
    assert '<option value="YHQ" selected>在盐湖区</option>' in page
    assert "ENTERPRISE-A" not in page
    assert browser.get("/cases?holder=NOBODY").text.count("data-row") == 2
    browser.set_cookie("lianban_language", "en")
    assert '<option value="YHQ" selected>with Yanhu' in browser.get("/cases?holder=YHQ").text


def test_an_officer_finds_their_own_agency_first_and_an_applicant_no_such_choice(api: Api, case_no: str) -> None:
    browser = api.client.application.test_client()
    enter(browser, "hejin.handler")
    page = browser.get("/cases").text
    assert page.index('<option value="HEJIN"') < page.index('<option value="JR"')
    applicant = api.client.application.test_client()
    enter(applicant, "enterprise-a.applicant")
    assert 'name="holder"' not in applicant.get("/cases").text


def held(browser: FlaskClient) -> list[str]:
    cells = re.findall(r'<td class="c-kv c-now">(.*?)</td>', browser.get("/cases").text)
    return [re.sub(r"<[^>]+>", " ", cell).strip() for cell in cells]


def test_the_page_says_who_has_each_case_and_how_long_is_left(api: Api, case_no: str) -> None:
    api.open()
    browser = api.client.application.test_client()
    enter(browser, "dc.supervisor")
    assert held(browser) == ["市金融办 形式审查", "盐湖区、河津市 县级核实"]
    assert browser.get("/cases").text.count('<b class="">剩余5个工作日</b>') == 2


def test_who_sees_one_part_is_not_told_where_the_others_are(api: Api, case_no: str) -> None:
    browser = api.client.application.test_client()
    enter(browser, "hejin.handler")
    assert held(browser) == ["河津市 县级核实"]
