"""加签 and 减签 on the case page, by the lead alone."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.conftest import SignIn
from tests.browser.office import Office


def test_lead_asks_one_more_agency_to_sign_and_takes_it_back(sign_in: SignIn, office: Office) -> None:
    case_no = office.apply(name="加签票据")
    office.do("jr.handler", case_no, "accept")
    page = sign_in("jr.handler")
    page.goto(f"/cases/{case_no}")
    card = page.locator("section[aria-labelledby=signers]")
    card.get_by_text("加签…").click()
    card.get_by_role("button", name="加签").click()
    page.locator(".note a[href='#signer-reason']").click()
    expect(page.locator("#signer-reason")).to_be_focused()
    page.select_option("#agency", label="市工信局")
    page.fill("#signer-reason", "涉及技改项目")
    card.get_by_role("button", name="加签").click()
    expect(page.locator(".note-green")).to_contain_text("已加签")
    expect(card.locator(".more-list")).to_contain_text("市工信局")

    signer = sign_in("gx.handler")
    signer.goto("/tasks?queue=available")
    expect(signer.locator("main")).to_contain_text(case_no)

    card.get_by_text("减签…").click()
    card.locator("textarea[id^=remove-]").fill("不再需要")
    card.get_by_role("button", name="减签").click()
    expect(page.locator(".note-green")).to_contain_text("已减签")
    expect(card.locator(".more-list")).not_to_contain_text("市工信局")


def test_an_agency_that_does_not_lead_cannot_change_signers(sign_in: SignIn, office: Office) -> None:
    case_no = office.apply(name="协办票据")
    office.do("jr.handler", case_no, "accept")
    page = sign_in("yanhu.handler")
    page.goto(f"/cases/{case_no}")
    expect(page.locator("h1")).to_have_text(case_no)
    expect(page.locator("section[aria-labelledby=signers]")).to_have_count(0)
