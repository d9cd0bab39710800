"""A case that stands still: what the officer, the readers of the case and the administrator see, and how it goes on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from urllib.parse import quote

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from tests.browser.conftest import SignIn, ask
from tests.browser.office import Office
from webapp.transaction import writing
from workflows.policies.models import Responsibility, ResponsibilityKind, ResponsibilityLine


@pytest.fixture
def nobody_supports(office: Office) -> Iterator[None]:
    """Measure 2 has lost its supporting agencies, so that the county's step finds nobody."""
    _end_support(office, date(2019, 1, 2))
    yield
    _end_support(office, None)


def _end_support(office: Office, last_day: date | None) -> None:
    with office.app.app_context(), writing() as session:
        line = session.scalars(select(ResponsibilityLine.id).where(ResponsibilityLine.no == "2")).one()
        rows = session.scalars(
            select(Responsibility).where(
                Responsibility.line_id == line, Responsibility.kind == ResponsibilityKind.SUPPORT
            )
        )
        for row in rows:
            row.valid_to = last_day


def test_case_without_a_next_agency_stands_still_and_goes_on_after_a_retry(
    sign_in: SignIn, office: Office, nobody_supports: None
) -> None:
    case_no = office.apply(name="故障票据")
    task = office.claim("jr.handler", case_no)
    page = sign_in("jr.handler")
    page.goto(f"/tasks/{task}?queue=mine")
    page.check("input[name=decision][value=accept]")
    ask(page)
    expect(page.locator("#confirm")).to_contain_text("提交后流程会停在此环节")
    page.click("button[value=stay][formaction$=complete]")
    expect(page.locator(".note-amber")).to_contain_text("没有转出，内容未变")
    page.goto(f"/cases/{quote(case_no)}")
    expect(page.locator("[role=alert]")).to_contain_text("流程停在")

    admin = sign_in("admin.system")
    expect(admin.locator("h1")).to_contain_text("停在原处")
    stuck = admin.locator("tr", has_text=case_no)
    expect(stuck).to_contain_text("盐湖区不在此措施的协办单位之列")
    stuck.get_by_role("button").click()
    expect(admin.locator(".note-amber")).to_contain_text("没有重试成功")
    expect(admin.locator("main")).not_to_contain_text("YHQ")
    _end_support(office, None)
    admin.locator("tr", has_text=case_no).get_by_role("button").click()

    expect(admin.locator(".note-green")).to_contain_text("「县级核实」")
    page.reload()
    expect(page.locator("[role=alert]")).to_have_count(0)
