"""The pages that tell why somebody sees a case."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from tests.api.conftest import Api
from tests.api.pages import enter


@pytest.fixture
def no(api: Api) -> str:
    return api.open()


def page(api: Api, username: str, address: str) -> tuple[int, str]:
    browser = api.client.application.test_client()
    enter(browser, username)
    answer = browser.get(address)
    return answer.status_code, answer.text


def test_an_officer_reads_why_they_see_a_case(api: Api, no: str) -> None:
    status, text = page(api, "jr.handler", f"/cases/{quote(no)}/why")
    assert status == 200
    assert "此办件有环节由本单位办理" in text
    assert "此岗位可以认领" in text
    assert "责任分工" in text
    assert "谁能看到此办件" not in text


def test_an_applicant_reads_why_they_see_their_case(api: Api, no: str) -> None:
    status, text = page(api, "enterprise-a.applicant", f"/cases/{quote(no)}/why")
    assert status == 200
    assert "本单位是申请人" in text


@pytest.mark.parametrize("username", ["bank-a.applicant", "yongji.handler"])
def test_a_stranger_is_told_nothing(api: Api, no: str, username: str) -> None:
    assert page(api, username, f"/cases/{quote(no)}/why")[0] == 404
    assert page(api, username, f"/cases/{quote(no)}/readers")[0] == 403


def test_the_auditor_asks_who_sees_a_case_and_is_not_shown_the_case(api: Api, no: str) -> None:
    title = api.ok("GET", f"/cases/{quote(no)}", "jr.handler")["title"]
    status, text = page(api, "admin.audit", f"/audit/readers?no={quote(no)}")
    assert status == 200
    for reader in ("jr.handler", "jr.leader", "dc.supervisor", "enterprise-a.applicant"):
        assert f"{reader}<" in text, reader
    assert "yongji.handler" not in text
    assert title not in text
    assert "没有依据让此人看到此办件" in page(api, "admin.audit", f"/audit/readers?no={quote(no)}&who=cz.clerk")[1]
    assert "没有这个编号的办件" in page(api, "admin.audit", "/audit/readers?no=%00x")[1]
    assert page(api, "admin.audit", f"/cases/{quote(no)}/why")[0] == 403


def test_only_the_whole_list_says_that_nobody_else_sees_the_case(api: Api, no: str) -> None:
    for query, whole in ((f"?no={quote(no)}", True), (f"?no={quote(no)}&who=jr.leader", False), ("", False)):
        text = page(api, "admin.audit", f"/audit/readers{query}")[1]
        assert ("没有列出的人看不到" in text) is whole, query


@pytest.mark.parametrize("username", ["admin.system", "admin.security", "jr.leader", "dc.supervisor"])
def test_only_the_auditor_asks_by_number(api: Api, no: str, username: str) -> None:
    assert page(api, username, f"/audit/readers?no={quote(no)}")[0] == 403


def test_supervision_goes_from_the_case_to_who_sees_it(api: Api, no: str) -> None:
    assert "谁能看到此办件" in page(api, "dc.supervisor", f"/cases/{quote(no)}/why")[1]
    status, text = page(api, "dc.supervisor", f"/cases/{quote(no)}/readers?who=jr.leader")
    assert status == 200
    assert "jr.leader" in text
    assert "enterprise-a.applicant" not in text
