"""The case page in tabs: each an address of its own, asked for only when it is open, script or none."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import SignIn
from tests.browser.office import Office


@pytest.mark.parametrize("scripts", [True, False], ids=["script", "no script"])
def test_each_tab_is_a_link_that_can_be_kept_and_gone_back_from(sign_in: SignIn, office: Office, scripts: bool) -> None:
    case_no = office.apply(name="标签页票据")
    page = sign_in("jr.handler", scripts=scripts)
    page.goto(f"/cases/{quote(case_no)}")
    tabs = page.locator("nav.tabs")

    expect(tabs.locator("a")).to_have_text(["概况", "流程图", "办理记录", "材料", "公文", "抄送"])
    expect(tabs.locator("[aria-current=page]")).to_have_text("概况")
    tabs.get_by_text("办理记录").click()
    expect(page.locator(".tl")).to_contain_text("提交申请")
    assert "tab=record" in page.url
    tabs.get_by_text("公文").click()
    expect(page.locator("main")).to_contain_text("还没有公文")
    page.go_back()
    expect(tabs.locator("[aria-current=page]")).to_have_text("办理记录")


def test_applicant_has_no_tab_of_copies(sign_in: SignIn, office: Office) -> None:
    case_no = office.apply(name="申请人票据")
    page = sign_in("enterprise-a.applicant")

    page.goto(f"/cases/{quote(case_no)}?tab=copies")

    expect(page.locator("nav.tabs")).not_to_contain_text("抄送")
    expect(page.locator("nav.tabs [aria-current=page]")).to_have_text("概况")
