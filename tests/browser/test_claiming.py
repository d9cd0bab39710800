"""Taking tasks from the queue: one click, one key, and who was faster."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import SignIn
from tests.browser.office import Office


def row_of(page: Page, case_no: str) -> Locator:
    return page.locator("tr[data-row]", has_text=case_no)


def test_claiming_turns_the_row_into_ones_own(sign_in: SignIn, office: Office) -> None:
    case_no = office.apply()
    page = sign_in("jr.handler")
    page.goto("/tasks?queue=available")

    row_of(page, case_no).get_by_role("button").click()

    expect(row_of(page, case_no)).to_have_class("mine-now")
    expect(row_of(page, case_no).get_by_role("link", name="办理")).to_be_visible()


def test_row_says_who_was_faster(sign_in: SignIn, office: Office) -> None:
    case_no = office.apply()
    page = sign_in("jr.handler")
    page.goto("/tasks?queue=available")
    office.claim("jr.handler2", case_no)

    row_of(page, case_no).get_by_role("button").click()

    expect(row_of(page, case_no)).to_have_class("gone")
    expect(row_of(page, case_no)).to_contain_text("经办人乙 10:00已认领")


def test_without_a_script_the_page_says_who_was_faster(sign_in: SignIn, office: Office) -> None:
    case_no = office.apply()
    page = sign_in("jr.handler", scripts=False)
    page.goto("/tasks?queue=available")
    office.claim("jr.handler2", case_no)

    row_of(page, case_no).get_by_role("button").click()

    expect(page.locator(".note-amber")).to_contain_text("经办人乙 10:00已认领，请选择其他任务")


def test_keys_move_claim_open_search_and_explain(sign_in: SignIn, office: Office) -> None:
    case_no = office.apply()
    page = sign_in("jr.handler")
    page.goto(f"/tasks?queue=available&q={case_no}")

    page.keyboard.press("j")
    expect(row_of(page, case_no)).to_have_attribute("aria-current", "true")
    page.keyboard.press("c")
    expect(row_of(page, case_no)).to_have_class("mine-now")
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    expect(page.locator("#q")).to_be_focused()
    page.locator("h1").click()
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("形式审查")


def test_filters_live_in_the_address(sign_in: SignIn, office: Office) -> None:
    case_no = office.apply()
    page = sign_in("jr.handler")
    page.goto("/tasks?queue=available")

    page.fill("#tq", case_no)
    page.click("form.filters button[type=submit]")

    assert "q=" in page.url
    expect(page.locator("tr[data-row]")).to_have_count(1)
    page.reload()
    expect(page.locator("tr[data-row]")).to_have_count(1)


def test_another_agencys_task_is_not_found(sign_in: SignIn, office: Office) -> None:
    task = office.claim("jr.handler", office.apply())
    page = sign_in("cz.handler")

    answer = page.goto(f"/tasks/{task}")

    assert answer is not None
    assert answer.status == 404
    expect(page.locator("h1")).to_have_text("未找到此任务，可能已由他人办理")


def test_language_stays_chosen(sign_in: SignIn) -> None:
    page = sign_in("jr.handler")
    page.goto("/tasks")

    page.click(".top-me a[hreflang=en]")
    expect(page.locator("h1")).to_have_text("Task centre")
    page.goto("/measures")

    expect(page.locator("h1")).to_contain_text("23 measures")
    assert page.locator("html").get_attribute("lang") == "en"


def test_signing_out_ends_the_login(sign_in: SignIn) -> None:
    page = sign_in("jr.handler")

    page.click(".menu summary")
    page.click("button:has-text('退出登录')")
    page.goto("/tasks")

    expect(page.locator("#username")).to_be_visible()


def test_wrong_password_is_refused_in_words(sign_in: SignIn) -> None:
    page = sign_in(None)
    page.goto("/login")
    page.fill("#username", "nobody.here")
    page.fill("#password", "wrong")

    page.click("form button[type=submit]")

    expect(page.locator("[role=alert]")).to_contain_text("账号或密码不正确")
    expect(page.locator("#username")).to_have_value("nobody.here")


def test_language_follows_the_person_to_another_browser(sign_in: SignIn) -> None:
    page = sign_in("cz.handler")
    page.goto("/language/en?back=/tasks")
    expect(page.locator("h1")).to_have_text("Task centre")

    elsewhere = sign_in("cz.handler", language=None)

    expect(elsewhere.locator("html")).to_have_attribute("lang", "en")
    page.goto("/language/zh")


def test_agency_is_named_in_the_readers_language(sign_in: SignIn) -> None:
    page = sign_in("jr.handler", language="en")
    page.goto("/tasks?queue=available")

    expect(page.locator(".head")).to_contain_text("Municipal Finance Office has")
