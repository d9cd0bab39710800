"""The task centre: several tasks at once, views kept under a name, what is unread, filters that last."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import SignIn
from tests.browser.office import Office


def choose(page: Page, *case_nos: str) -> None:
    for case_no in case_nos:
        page.locator("tr[data-row]", has_text=case_no).locator("input[name=task]").check()


@pytest.mark.parametrize("scripts", [True, False], ids=["script", "no script"])
def test_several_are_claimed_at_once_and_the_lost_one_is_named(sign_in: SignIn, office: Office, scripts: bool) -> None:
    cases = [office.apply(name=f"批量票据{number}") for number in range(3)]
    page = sign_in("jr.handler", scripts=scripts)
    page.goto("/tasks?queue=available")
    choose(page, *cases)
    office.claim("jr.handler2", cases[1])

    page.locator("#bulk button[value=claim]").click()

    card = page.locator("section[aria-labelledby=bulk-result]")
    expect(card.locator("h2")).to_have_text("已认领2项；1项没有办成，原因见下")
    expect(card.locator("tr", has_text=cases[1])).to_contain_text("经办人乙已认领")
    expect(card.locator("tr", has_text=cases[0])).to_contain_text("已办成")
    page.reload()
    expect(card).to_have_count(0)


def test_nothing_chosen_is_said_and_changes_nothing(sign_in: SignIn, office: Office) -> None:
    office.apply()
    page = sign_in("jr.handler")
    page.goto("/tasks?queue=available")

    page.locator("#bulk button[value=claim]").click()

    expect(page.locator(".note-amber")).to_contain_text("没有选择任务")


def test_several_are_handed_to_a_colleague(sign_in: SignIn, office: Office) -> None:
    cases = [office.apply(name=f"转办票据{number}") for number in range(2)]
    for case_no in cases:
        office.claim("jr.handler", case_no)
    page = sign_in("jr.handler")
    page.goto("/tasks?queue=mine")
    choose(page, *cases)
    page.locator("#bulk summary", has_text="转办").click()
    page.select_option("#transfer-to", label="经办人乙")
    page.fill("#transfer-reason", "出差一周")

    page.locator("#bulk button[value=transfer]").click()

    expect(page.locator("#bulk-result")).to_have_text("已转办2项")


def test_chosen_rows_are_counted_and_keys_choose(sign_in: SignIn, office: Office) -> None:
    case_no = office.apply(name="按键票据")
    page = sign_in("jr.handler")
    page.goto(f"/tasks?queue=available&q={case_no}")

    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(page.locator("[data-chosen]")).to_have_text("已选1项")
    expect(page.locator("tr.sel")).to_have_count(1)
    page.keyboard.press("x")
    expect(page.locator("tr.sel")).to_have_count(0)


def test_a_view_is_kept_opened_and_removed(sign_in: SignIn, office: Office) -> None:
    office.apply()
    page = sign_in("jr.handler")
    page.goto("/tasks?queue=available&due=5&role=lead")
    menu = page.locator(".head .menu")
    menu.locator("summary").click()
    page.fill("#view-name", "本周主办")
    menu.get_by_role("button", name="保存视图").click()
    expect(page.locator(".note-green")).to_contain_text("本周主办")

    page.goto("/tasks?queue=done")
    menu.locator("summary").click()
    menu.get_by_role("link", name="本周主办").click()
    expect(page.locator("#by-due")).to_have_value("5")
    expect(page.locator("#by-role")).to_have_value("lead")

    other = sign_in("jr.handler2")
    other.goto("/tasks")
    expect(other.locator(".head .menu")).not_to_contain_text("本周主办")
    menu.locator("summary").click()
    menu.get_by_role("button", name="删去视图：本周主办").click()
    expect(page.locator(".note-green")).to_contain_text("视图已删去")


def test_a_task_is_unread_until_it_is_opened(sign_in: SignIn, office: Office) -> None:
    case_no = office.apply(name="未读票据")
    page = sign_in("jr.handler")
    page.goto(f"/tasks?queue=available&q={case_no}")
    row = page.locator("tr[data-row]")
    expect(row.locator(".chip", has_text="未读")).to_have_count(1)

    row.locator("a[data-open]").click()
    page.goto(f"/tasks?queue=available&q={case_no}")

    expect(row.locator(".chip", has_text="未读")).to_have_count(0)


def test_several_are_urged_at_once_with_one_reason(sign_in: SignIn, office: Office) -> None:
    case_no = office.apply(name="催办票据", by="jr.handler")
    office.do("jr.handler2", case_no, "accept")  # who filed does not decide
    page = sign_in("jr.handler")
    page.goto("/tasks?queue=started")
    choose(page, f"{case_no}之一", f"{case_no}之二")
    page.locator("#bulk summary", has_text="催办").click()
    page.locator("#bulk button[value=urge]").click()
    expect(page.locator(".note-amber")).to_contain_text("请填写理由")
    choose(page, f"{case_no}之一", f"{case_no}之二")
    page.locator("#bulk summary", has_text="催办").click()
    page.fill("#urge-reason", "请于今日18:00前回复")

    page.locator("#bulk button[value=urge]").click()

    expect(page.locator("#bulk-result")).to_have_text("已催办2项")
