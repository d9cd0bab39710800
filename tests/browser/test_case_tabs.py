"""The case page in tabs: each an address of its own, asked for only when it is open, script or none."""

from __future__ import annotations

import re
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


def test_diagram_table_and_history_select_one_another(sign_in: SignIn, office: Office) -> None:
    case_no = office.apply(name="选中票据")
    office.do("jr.handler", case_no, "accept", opinion="齐全")
    page = sign_in("jr.handler")
    page.goto(f"/cases/{quote(case_no)}?tab=flow")
    page.wait_for_selector("[data-diagram][data-ready]")
    shape = page.locator(".diagram g[data-element-id=formal_check]").first
    row = page.locator("tr[data-node=formal_check]")
    facts = page.locator(".tl li[data-node=formal_check]")

    row.locator("a").click()
    expect(shape).to_have_attribute("aria-pressed", "true")
    expect(shape).to_have_class(re.compile("n-hit"))
    expect(facts.first).to_have_attribute("aria-current", "true")
    expect(page.locator("[data-selected-said]")).to_have_text(re.compile("已选中形式审查，已办，有关经过[1-9]条"))

    facts.first.locator("a").click()
    expect(shape).to_have_attribute("aria-pressed", "false")

    shape.focus()
    expect(row).to_have_class("hit")
    page.keyboard.press("Enter")
    expect(row).to_have_attribute("aria-current", "true")
    expect(shape).to_have_attribute("aria-label", "形式审查，已办")


def test_the_paper_has_the_whole_case_and_prints_alone(sign_in: SignIn, office: Office) -> None:
    case_no = office.apply(name="流转单票据")
    office.do("jr.handler", case_no, "accept", opinion="齐全")
    page = sign_in("jr.handler")
    page.goto(f"/cases/{quote(case_no)}")

    page.get_by_role("link", name="打印流转单").click()

    expect(page.locator("h1")).to_have_text("办件流转单")
    expect(page.locator(".slip")).to_contain_text("时间花在哪里")
    expect(page.locator(".slip .tl")).to_contain_text("齐全")
    page.emulate_media(media="print")
    expect(page.locator(".side")).to_be_hidden()
    expect(page.locator(".top")).to_be_hidden()
