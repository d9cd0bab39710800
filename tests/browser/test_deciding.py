"""Deciding a task: the next step named before submitting, a draft that comes back, phrases, the task after."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PASSWORD, SignIn, ask, decide
from tests.browser.office import Office


@pytest.mark.parametrize("scripts", [True, False], ids=["script", "no script"])
def test_the_next_step_and_agency_are_named_before_anything_is_submitted(
    sign_in: SignIn, office: Office, scripts: bool
) -> None:
    task = office.claim("jr.handler", office.apply(name="核对去向票据"))
    page = sign_in("jr.handler", scripts=scripts)
    page.goto(f"/tasks/{task}?queue=mine")
    page.check("input[name=decision][value=accept]")
    page.fill("#opinion", "材料齐全")

    ask(page)

    expect(page.locator("[data-next-step]")).to_contain_text("提交后转盐湖区经办人「县级核实」，限5个工作日")
    if scripts:
        expect(page.locator("#confirm")).to_be_visible()
        page.locator("#confirm").get_by_text("返回修改").click()
        expect(page.locator("#confirm")).to_be_hidden()
    else:
        page.get_by_role("link", name="返回修改").click()
    expect(page.locator("#opinion")).to_have_value("材料齐全")
    decide(page)
    expect(page.locator(".note-green")).to_contain_text("已提交，转盐湖区「县级核实」、永济市「县级核实」")


def test_a_draft_saves_itself_comes_back_and_goes_with_the_submission(sign_in: SignIn, office: Office) -> None:
    task = office.claim("jr.handler", office.apply(name="草稿票据"))
    page = sign_in("jr.handler")
    page.goto(f"/tasks/{task}?queue=mine")
    page.check("input[name=decision][value=supplement]")
    page.fill("[name='supplement_items.0.material']", "审计报告")
    page.fill("#opinion", "写到一半")
    expect(page.locator("[data-draft-said]")).to_have_text("10:00已保存草稿")

    page.goto("/tasks?queue=mine")
    page.goto(f"/tasks/{task}?queue=mine")

    expect(page.locator(".note", has_text="已恢复2019-10-14 10:00保存的草稿")).to_be_visible()
    expect(page.locator("#opinion")).to_have_value("写到一半")
    expect(page.locator("input[value=supplement]")).to_be_checked()
    expect(page.locator("[name='supplement_items.0.material']")).to_have_value("审计报告")
    page.get_by_role("button", name="放弃草稿").click()
    expect(page.locator("#opinion")).to_have_value("")


def test_a_draft_is_kept_with_the_button_where_there_is_no_script(sign_in: SignIn, office: Office) -> None:
    task = office.claim("jr.handler", office.apply(name="无脚本草稿"))
    page = sign_in("jr.handler", scripts=False)
    page.goto(f"/tasks/{task}?queue=mine")
    page.fill("#opinion", "先写着")
    page.get_by_role("button", name="存草稿").click()
    expect(page.locator("#opinion")).to_have_value("先写着")

    page.select_option("#phrase", label="材料齐全，符合规定形式")
    page.get_by_role("button", name="插入").click()

    expect(page.locator("#opinion")).to_have_value("先写着，材料齐全，符合规定形式")


def test_phrases_go_with_the_decision_and_ones_own_are_kept(sign_in: SignIn, office: Office) -> None:
    task = office.claim("jr.handler", office.apply(name="常用语票据"))
    page = sign_in("jr.handler")
    page.goto(f"/tasks/{task}?queue=mine")
    page.check("input[name=decision][value=not_accept]")
    expect(page.locator("button[data-phrase]:visible")).to_have_text(["不属于本事项受理范围"])
    page.fill("#opinion", "请到县金融办申报")
    page.get_by_role("button", name="存为常用语").click()
    expect(page.locator("button[data-phrase]:visible").last).to_have_text("请到县金融办申报")

    page.goto("/my/phrases")
    page.get_by_role("button", name="删去：请到县金融办申报").click()

    expect(page.locator("main")).to_contain_text("还没有常用语")


def test_a_login_that_ends_in_mid_form_loses_nothing(sign_in: SignIn, office: Office) -> None:
    task = office.claim("jr.handler", office.apply(name="失效票据"))
    page = sign_in("jr.handler")
    page.goto(f"/tasks/{task}?queue=mine")
    page.check("input[name=decision][value=accept]")
    cookies = page.context.cookies()
    page.context.clear_cookies()
    page.fill("#opinion", "登录失效时写的")
    expect(page.locator("[data-draft-said]")).to_contain_text("登录已失效，内容还在本页")

    page.context.add_cookies([cookie for cookie in cookies if cookie["name"] == "lianban_language"])  # type: ignore[list-item]
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="在新窗口登录").click()
    door = opened.value
    door.fill("#username", "jr.handler")
    door.fill("#password", PASSWORD)
    door.click("form button[type=submit]")
    door.wait_for_url(re.compile("^(?!.*login)"))
    door.close()
    page.evaluate("window.dispatchEvent(new Event('focus'))")
    expect(page.locator("[data-draft-said]")).to_contain_text("已保存草稿")

    decide(page)
    expect(page.locator(".note-green")).to_contain_text("已提交")


def test_submitting_goes_on_to_the_next_task_and_says_who_has_the_last(sign_in: SignIn, office: Office) -> None:
    for name in ("连办票据一", "连办票据二"):
        office.claim("jr.handler2", office.apply(name=name))
    page = sign_in("jr.handler2")
    page.goto("/tasks?queue=mine")
    page.locator("tr[data-row] a[data-open]").first.click()
    page.check("input[name=decision][value=accept]")

    decide(page, then="next")

    expect(page.locator("h1")).to_have_text("形式审查")
    expect(page.locator(".note-green")).to_contain_text("「县级核实」")
