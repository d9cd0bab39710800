"""Pictures for the README, taken of a running system: `python docs/screenshots.py http://127.0.0.1:8000 PASSWORD`.

The system is a fresh demonstration; the script walks one application through the offices as people would, and takes
its pictures on the way. It needs Chromium (`LIANBAN_CHROMIUM` names it) and the development dependencies.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from playwright.sync_api import Browser, Page, sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from workflows.uscc import check_character

PICTURES = Path(__file__).parent / "pictures"
CHROMIUM = os.environ.get("LIANBAN_CHROMIUM", "/usr/bin/chromium")
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
COMPANIES = ("盐湖区乙昌机械有限公司", "永济市壬和电机有限公司", "河津丙源铝材有限公司")
COUNTIES = ("yanhu", "yongji", "hejin")


@dataclass(frozen=True)
class Studio:
    """The running system and how to sign in to it."""

    browser: Browser
    address: str
    password: str

    def visit(self, username: str | None, *, width: int = 1366, language: str = "zh") -> Page:
        """Open a window of one's own, signed in."""
        context = self.browser.new_context(base_url=self.address, viewport={"width": width, "height": 860})
        page = context.new_page()
        page.goto(f"/language/{language}")
        if username:
            page.goto("/login")
            page.fill("#username", username)
            page.fill("#password", self.password)
            page.click("form button[type=submit]")
            page.wait_for_url(lambda url: not url.endswith("/login"))
        return page


def picture(page: Page, name: str, *, whole: bool = False) -> None:
    """Keep what the page shows."""
    PICTURES.mkdir(exist_ok=True)
    page.screenshot(path=PICTURES / f"{name}.png", full_page=whole)
    print(PICTURES / f"{name}.png")


def apply(page: Page) -> str:
    """Apply for three companies; return the case's number."""
    page.goto("/apply/bond_subsidy")
    page.check("input[name=instrument][value=collective_note]")
    page.fill("[name=bond_name]", "2019年第一期中小企业集合票据")
    page.fill("[name=issued_on]", "2019-06-28")
    page.fill("[name=contact_name]", "王明")
    page.fill("[name=contact_phone]", "0359-2660000")
    for index, company in enumerate(COMPANIES):
        if page.locator(f"[name='issuers.{index}.name']").count() == 0:
            page.click("button[name=add][value=issuers]")
        stem = f"91140800MA0KJX7T{index}"
        values = {
            "name": company,
            "uscc": stem + check_character(stem),
            "issue_amount_fen": f"{5 + index},000,000.00",
            "account_name": company,
            "account_no": f"622848000000{index:04d}",
            "account_bank": "A银行运城分行",
        }
        for field, value in values.items():
            page.fill(f"[name='issuers.{index}.{field}']", value)
        page.select_option(f"[name='issuers.{index}.county']", index=index + 1)
    page.check("[name=commitment]")
    page.click("button.btn-1[value=check]")
    page.click("button[value=submit]")
    return page.locator(".receipt dd").first.inner_text()


def work(
    studio: Studio, username: str, case_no: str, decide: Callable[[Page], None], *, name: str | None = None
) -> None:
    """Claim a person's task of the case, decide it and submit; keep a picture before submitting."""
    page = studio.visit(username)
    page.goto(f"/tasks?queue=available&q={quote(case_no)}")
    page.locator("form[data-claim] button").first.click()
    page.wait_for_selector("tr.mine-now")
    page.goto(f"/tasks?queue=mine&q={quote(case_no)}")
    page.locator("a[data-open]").first.click()
    decide(page)
    if name:
        picture(page, name)
    page.click("button[value=stay]")
    page.context.close()


def choose(decision: str, opinion: str = "", **filled: str) -> Callable[[Page], None]:
    """Return what a person enters on the task page."""

    def decide(page: Page) -> None:
        page.check(f"input[name=decision][value={decision}]")
        if opinion:
            page.fill("#opinion", opinion)
        for field, value in filled.items():
            page.fill(f"[name={field}]", value)

    return decide


def main(address: str, password: str) -> None:
    """Walk an application to the province and take the pictures."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        studio = Studio(browser, address, password)
        picture(studio.visit(None), "sign-in")
        applicant = studio.visit("enterprise-a.applicant")
        case_no = apply(applicant)
        apply(applicant)
        officer = studio.visit("jr.handler")
        officer.goto("/tasks?queue=available")
        picture(officer, "task-centre")
        officer.goto("/measures")
        picture(officer, "measures")
        work(studio, "jr.handler", case_no, choose("accept", "材料齐全，符合规定"), name="task")
        for county in COUNTIES[:2]:
            work(studio, f"{county}.handler", case_no, choose("agree"))
        work(studio, f"{COUNTIES[2]}.handler", case_no, choose("agree_with_conditions", "续报专户回单"))
        work(studio, "jr.handler2", case_no, choose("file", "三家均已核实，建议报省认定"))
        for language, suffix in (("zh", ""), ("en", "-en")):
            reader = studio.visit("jr.handler", language=language)
            reader.goto(f"/cases/{quote(case_no)}")
            reader.wait_for_selector("[data-diagram][data-ready]")
            picture(reader, f"case{suffix}", whole=True)
        hand = studio.visit("jr.handler", width=390)
        hand.goto("/tasks?queue=available")
        picture(hand, "task-centre-390")
        browser.close()


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(sys.argv[1].rstrip("/"), sys.argv[2])
