"""The lead answers an objection on the task page before it decides, with and without script."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import SignIn
from tests.browser.office import Office


@pytest.mark.parametrize("scripts", [True, False], ids=["script", "no script"])
def test_an_objection_is_answered_before_the_decision(sign_in: SignIn, office: Office, scripts: bool) -> None:
    case_no = office.apply(name="须答复的票据")
    office.do("jr.handler", case_no, "accept")
    office.do("yanhu.handler", case_no, "object", opinion="企业正在接受税务稽查")
    office.do("yongji.handler", case_no, "agree", opinion="情况属实")
    task = office.claim("jr.handler", case_no)
    page = sign_in("jr.handler", scripts=scripts)

    page.goto(f"/tasks/{task}")
    box = page.get_by_label("盐湖区：不同意")
    page.locator("#opinion").fill("拟同意申报")
    page.get_by_role("button", name="下一步：核对去向").click()
    expect(page.get_by_role("alert")).to_contain_text("盐湖区不同意，请先答复")
    expect(page.locator("#opinion")).to_have_value("拟同意申报")

    box.fill("稽查已结案，见结论书")
    page.get_by_role("button", name="下一步：核对去向").click()
    expect(page.get_by_text("稽查已结案，见结论书").first).to_be_attached()
    page.get_by_role("button", name="只提交").click()
    expect(page.get_by_role("status").first).to_contain_text("科室复核")

    page.goto(f"/cases/{quote(case_no)}?tab=opinions")
    opinions = page.locator(".sign")
    expect(opinions.first).to_contain_text("盐湖区")
    expect(opinions.first).to_contain_text("稽查已结案，见结论书")
    expect(opinions.nth(1)).to_contain_text("永济市")
