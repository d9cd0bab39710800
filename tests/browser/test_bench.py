"""The work bench, what is new, and the measures with their cases."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import SignIn, open_office
from tests.browser.office import Office
from webapp.transaction import writing
from workflows.cases.claiming import transfer_task


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory, _front_end: None) -> Iterator[Office]:
    """A program of its own: the bench sums up all that an officer has."""
    with open_office(tmp_path_factory.mktemp("bench")) as running:
        yield running


def test_the_bench_says_what_to_do_first_and_whom_one_waits_for(sign_in: SignIn, office: Office) -> None:
    passed_on = office.apply(name="等县里的票据")
    office.do("jr.handler", passed_on, "accept")
    for name in ("台上票据一", "台上票据二", "台上票据三", "台上票据四"):
        office.claim("jr.handler", office.apply(name=name))
    page = sign_in("jr.handler")

    page.goto("/")

    expect(page.locator("h1")).to_have_text("今天先办这3项")
    expect(page.locator(".head")).to_contain_text("2019年10月14日（周一）10:00 · 今日剩余5小时")
    waiting = page.locator("section", has_text="我在等谁")
    expect(waiting.locator("tr", has_text=f"{passed_on}之一")).to_contain_text("盐湖区")
    expect(page.locator(".cal td.now")).to_have_count(1)
    expect(page.locator(".cal .due").first).to_contain_text("项到期")
    page.get_by_role("link", name="按紧急程度依次办理").click()
    expect(page.locator("h1")).to_have_text("形式审查")


def test_the_bell_rings_until_the_notification_was_followed(sign_in: SignIn, office: Office) -> None:
    case_no = office.apply(name="转办来的票据")
    task = office.claim("jr.handler", case_no)
    giver = office.actor("jr.handler")
    with office.app.app_context(), writing() as session:
        transfer_task(session, task, to_username="jr.handler2", reason="请接办", actor=giver, clock=office.clock)
    page = sign_in("jr.handler2")
    bell = page.locator(".top-me a[href='/notifications']")
    expect(bell).to_contain_text("1")

    bell.click()
    expect(page.locator("h1")).to_have_text("1条通知未读")
    page.get_by_role("link", name="将“形式审查”转您办理").click()

    expect(page.locator("h1")).to_have_text(case_no)
    expect(bell.locator(".count")).to_have_count(0)
    other = sign_in("jr.handler")
    other.goto("/notifications")
    expect(other.locator("main")).not_to_contain_text(case_no)


def test_the_measures_say_how_many_are_late_and_lead_to_the_cases(sign_in: SignIn, office: Office) -> None:
    office.apply(name="墙上票据")
    page = sign_in("dc.supervisor")
    page.goto("/")

    expect(page.locator("h1")).to_contain_text("23项措施：")
    green = page.locator("#m2 .ft a.light-green")
    number = green.inner_text().removesuffix("件").strip().removeprefix("正常").strip()
    green.click()

    expect(page.locator("#by-measure")).to_have_value("2")
    expect(page.locator("tr[data-row]")).to_have_count(min(int(number), 50))
    stranger = sign_in("cz.handler")
    stranger.goto("/measures")
    expect(stranger.locator("#m2 .ft")).to_contain_text("暂无在办")
