"""Why may I see this task, paper, official document: linked from where it stands, told by its own grounds."""

from __future__ import annotations

import re
from io import BytesIO
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.api.conftest import Api, api
from tests.api.pages import enter, token_of
from tests.factories.cases import issuer

__all__ = ["api"]


def browser(api: Api, who: str) -> FlaskClient:
    opened = api.client.application.test_client()
    enter(opened, who)
    return opened


@pytest.fixture
def case_no(api: Api, app: Flask) -> str:
    no = api.open(issuers=[issuer(0, "YHQ"), issuer(1, "HEJIN")])
    officer = browser(api, "jr.handler")
    page = officer.get(f"/cases/{quote(no)}?tab=materials")
    sent = {"csrf_token": token_of(page), "internal": "yes", "file": (BytesIO(b"%PDF-1.4\n%%EOF"), "内部.pdf")}
    assert officer.post(f"/cases/{quote(no)}/documents", data=sent).status_code == 302
    api.do("jr.handler", "formal_check", "accept")
    return no


def why_links(page: str) -> list[str]:
    return [address.replace("&amp;", "&") for address in re.findall(r'href="([^"]+/why)"', page)]


def test_a_paper_links_to_its_own_grounds(api: Api, case_no: str) -> None:
    officer = browser(api, "jr.handler")
    links = [
        link for link in why_links(officer.get(f"/cases/{quote(case_no)}?tab=materials").text) if "documents" in link
    ]
    assert len(links) == 1
    told = officer.get(links[0]).text
    for said in (
        "我为何能看到材料“内部.pdf”",
        "仅工作人员可见",
        "材料属于此办件，随办件查看",
        "此办件有环节由本单位办理",
    ):
        assert said in told
    applicant = browser(api, "enterprise-a.applicant")
    assert applicant.get(links[0]).status_code == 404
    assert browser(api, "fg.handler").get(links[0]).status_code == 404
    officer.set_cookie("lianban_language", "en")
    assert "Why I see this: the paper “内部.pdf”" in officer.get(links[0]).text


def test_an_official_document_links_to_its_own_grounds(api: Api, case_no: str) -> None:
    for who, addressed in (("enterprise-a.applicant", True), ("jr.handler", False), ("dc.supervisor", False)):
        reader = browser(api, who)
        links = [
            link for link in why_links(reader.get(f"/cases/{quote(case_no)}?tab=papers").text) if "notices" in link
        ]
        assert links
        told = reader.get(links[0]).text
        assert "公文随办件查看" in told
        assert ("公文发给本单位" in told) is addressed
        assert browser(api, "fg.handler").get(links[0]).status_code == 404


def test_a_task_links_to_its_own_grounds(api: Api, case_no: str) -> None:
    task = api.task("yanhu.handler", "county_verify", case_no=f"{case_no}之一")
    county = browser(api, "yanhu.handler")
    (link,) = why_links(county.get(f"/tasks/{task['id']}").text)
    told = county.get(link).text
    for said in ("我为何能看到任务“县级核实”", "任务送到本单位", "此岗位可以认领"):
        assert said in told
    assert browser(api, "jr.handler").get(link).status_code == 404
    assert browser(api, "dc.supervisor").get(link).status_code == 404
