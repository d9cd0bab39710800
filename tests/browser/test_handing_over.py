"""转办 and 指派 on the task page: who may be given a task, and who has it afterwards, in the reader's language."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.conftest import SignIn
from tests.browser.office import Office


def test_handler_hands_a_task_over_and_must_say_why(sign_in: SignIn, office: Office) -> None:
    case_no = office.apply(name="转办票据")
    task = office.claim("jr.handler", case_no)
    page = sign_in("jr.handler")
    page.goto(f"/tasks/{task}?queue=mine")
    page.click("#hand-over summary")
    names = page.locator("#to option").all_inner_texts()
    assert "经办人甲" not in names
    page.click("#hand-over button")
    page.locator("#hand-over .note a").click()
    expect(page.locator("#hand-over textarea")).to_be_focused()
    page.fill("#hand-over textarea", "外出调研")
    page.click("#hand-over button")
    expect(page.locator(".note-green")).to_contain_text(names[0])
    page.goto("/language/en?back=/tasks/" + str(task))
    expect(page.locator("main")).to_contain_text("Case handler B")
    expect(page.locator("main")).not_to_contain_text(names[0])
    page.goto("/language/zh")


def test_head_assigns_a_waiting_task(sign_in: SignIn, office: Office) -> None:
    case_no = office.apply(name="指派票据")
    task = office.claim("jr.handler", case_no)
    handler = sign_in("jr.handler")
    handler.goto(f"/tasks/{task}?queue=mine")
    handler.get_by_role("button", name="取消认领").click()
    page = sign_in("jr.reviewer")
    page.goto(f"/tasks/{task}")
    page.click("#hand-over summary")
    page.select_option("#to", label="经办人甲")
    page.click("#hand-over button")
    expect(page.locator(".note-green")).to_contain_text("经办人甲")
    handler.goto(f"/tasks/{task}?queue=mine")
    expect(handler.locator("#decision")).to_be_visible()
