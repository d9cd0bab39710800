"""An application's way through the offices, as people walk it."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import NARROW, SignIn, ask, decide
from tests.browser.office import HOSTILE, Office, issuer

PAPER = {"name": "材料.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4\n%%EOF"}


def fill_in(page: Page, *, issuers: int, name: str) -> None:
    page.goto("/apply/bond_subsidy")
    page.check("input[name=instrument][value=collective_note]")
    page.fill("[name=bond_name]", name)
    page.fill("[name=issued_on]", "2019-06-28")
    page.fill("[name=contact_name]", "王明")
    page.fill("[name=contact_phone]", "0359-2660000")
    for index in range(issuers):
        if page.locator(f"[name='issuers.{index}.name']").count() == 0:
            page.click("button[name=add][value=issuers]")
        values = issuer(index, "")
        for field in ("name", "uscc", "account_name", "account_no", "account_bank"):
            page.fill(f"[name='issuers.{index}.{field}']", str(values[field]))
        page.fill(f"[name='issuers.{index}.issue_amount_fen']", "50,000,000.00")
        page.select_option(f"[name='issuers.{index}.county']", index=index + 1)
    page.check("[name=commitment]")


def lay_papers(page: Page) -> None:
    """Upload every required paper, one after another, as the page asks for them."""
    expect(page.locator("h1")).to_have_text("上传材料")
    while page.locator("details.return[open] input[type=file]").count():
        asked = page.locator("details.return[open]").first
        asked.locator("input[type=file]").set_input_files(PAPER)
        asked.locator("button:has-text('上传')").click()
        expect(page.locator(".note-green")).to_contain_text("已上传")
    page.click("a.btn-1")
    expect(page.locator("h1")).to_have_text("核对后提交")


def test_application_is_checked_sent_once_and_receipted(sign_in: SignIn) -> None:
    page = sign_in("enterprise-a.applicant")
    fill_in(page, issuers=3, name="收件测试票据")

    page.click("button.btn-1[value=check]")
    lay_papers(page)
    expect(page.locator("body")).to_contain_text(PAPER["name"])
    expect(page.locator("body")).to_contain_text("50,000,000.00")
    expect(page.locator("body")).to_contain_text(HOSTILE)
    address = str(page.locator("form:has(button[value=submit])").get_attribute("action"))
    sent = page.evaluate("Object.fromEntries(new FormData(document.querySelector('form:has(button[value=submit])')))")
    page.click("button[value=submit]")

    expect(page.locator("h1")).to_contain_text("已收到申请 运债补〔2019〕")
    expect(page.locator(".note-green")).to_contain_text("市金融办「形式审查」，5个工作日")
    again = page.request.post(address, form=sent)
    assert again.url == page.url


def test_form_works_without_a_script(sign_in: SignIn) -> None:
    page = sign_in("enterprise-a.applicant", scripts=False)
    fill_in(page, issuers=2, name="无脚本票据")

    page.click("button.btn-1[value=check]")
    lay_papers(page)
    page.click("button[value=submit]")

    expect(page.locator("h1")).to_contain_text("已收到申请")


def test_errors_lead_to_their_fields_and_keep_what_was_typed(sign_in: SignIn) -> None:
    page = sign_in("enterprise-a.applicant")
    fill_in(page, issuers=2, name="出错票据")
    page.fill("[name='issuers.0.issue_amount_fen']", "五千万")
    page.fill("[name='issuers.1.uscc']", "91140800MA0KJX7T19")

    page.click("button.btn-1[value=check]")

    summary = page.locator("[data-error-summary]")
    expect(summary).to_be_focused()
    expect(summary).to_contain_text("有2处需要修改")
    expect(summary).to_contain_text("统一社会信用代码与校验位不符，请核对后重填")
    expect(page.locator("[name='issuers.0.issue_amount_fen']")).to_have_value("五千万")
    summary.locator("a").first.click()
    expect(page.locator("[name='issuers.0.issue_amount_fen']")).to_be_focused()


def test_officer_decides_and_is_told_who_has_it_next(sign_in: SignIn, office: Office) -> None:
    task = office.claim("jr.handler", office.apply(name="下一环节票据"))
    page = sign_in("jr.handler")
    page.goto(f"/tasks/{task}?queue=mine")

    expect(page.locator(".clock")).to_contain_text("限5个工作日")
    expect(page.locator(".days td.hit")).to_have_count(1)
    page.check("input[name=decision][value=accept]")
    expect(page.locator(".next:visible")).to_contain_text("「县级核实」，5个工作日")
    page.locator("button[data-phrase]:visible").first.click()
    decide(page)

    expect(page.locator(".note-green")).to_contain_text("已提交，转")
    expect(page.locator(".note-green")).to_contain_text("「县级核实」")


def test_supplement_needs_its_list_and_an_opinion(sign_in: SignIn, office: Office) -> None:
    task = office.claim("jr.handler", office.apply(name="补正票据"))
    page = sign_in("jr.handler")
    page.goto(f"/tasks/{task}?queue=mine")
    page.check("input[name=decision][value=supplement]")

    ask(page)

    expect(page.locator("[data-error-summary]")).to_contain_text("意见")
    expect(page.locator("input[name=decision][value=supplement]")).to_be_checked()
    page.fill("#opinion", "请一次补齐")
    page.fill("[name='supplement_items.0.material']", "审计报告")
    page.fill("[name='supplement_items.0.problem']", "缺2018年度")
    decide(page)
    expect(page.locator(".note-green")).to_contain_text("补正")


def test_task_changed_meanwhile_keeps_the_opinion_and_says_so(sign_in: SignIn, office: Office) -> None:
    task = office.claim("jr.handler", office.apply(name="更新票据"))
    page = sign_in("jr.handler")
    page.goto(f"/tasks/{task}?queue=mine")
    page.check("input[name=decision][value=accept]")
    page.fill("#opinion", "写了很久的意见")
    page.evaluate("document.querySelector('[name=row_version]').value = '999'")

    ask(page)

    expect(page.get_by_role("alert")).to_contain_text("内容已由他人更新，尚未提交")
    expect(page.locator("#opinion")).to_have_value("写了很久的意见")


def test_hostile_names_and_opinions_are_text_on_every_page_and_in_the_diagram(sign_in: SignIn, office: Office) -> None:
    case_no = office.apply(name="<script>alert(2)</script>票据", issuers=2)
    office.do("jr.handler", case_no, "accept", opinion='"><svg onload=alert(3)>')
    page = sign_in("jr.handler")

    page.goto(f"/cases/{quote(case_no)}?tab=flow")
    page.wait_for_selector("[data-diagram][data-ready]")

    expect(page.locator("body")).to_contain_text("<script>alert(2)</script>票据")
    expect(page.locator(".tl")).to_contain_text('"><svg onload=alert(3)>')
    assert page.locator("main img").count() == 0


def test_case_page_tells_in_words_what_the_diagram_shows(sign_in: SignIn, office: Office) -> None:
    case_no = office.apply(name="流程图票据")
    page = sign_in("jr.handler")

    page.goto(f"/cases/{quote(case_no)}?tab=flow")
    page.wait_for_selector("[data-diagram][data-ready]")

    expect(page.locator(".diagram [data-element-id=formal_check].n-cur")).to_have_count(1)
    expect(page.locator(".diagram .mark", has_text="办理中")).to_have_count(1)
    expect(page.locator("tr[data-node=formal_check]")).to_contain_text("办理中")
    page.locator(".diagram [data-element-id=formal_check]").click()
    expect(page.locator("tr[data-node=formal_check].hit")).to_have_count(1)


def test_upload_lies_about_its_type_and_is_refused(sign_in: SignIn, office: Office) -> None:
    case_no = office.apply(name="材料票据")
    page = sign_in("enterprise-a.applicant")
    page.goto(f"/cases/{quote(case_no)}?tab=materials")

    page.set_input_files("#other-file", {"name": "执照.pdf", "mimeType": "application/pdf", "buffer": b"MZ not a pdf"})
    page.click("form:has(#other-file) button[type=submit]")
    expect(page.locator("[data-error-summary]")).to_contain_text("文件内容与类型不符")

    page.set_input_files(
        "#other-file", {"name": "执照.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4\n%%EOF"}
    )
    page.click("form:has(#other-file) button[type=submit]")
    expect(page.locator(".note-green")).to_contain_text("执照.pdf")


def test_notice_is_a_paper_with_its_facts(sign_in: SignIn, office: Office) -> None:
    case_no = office.apply(name="文书票据")
    office.do("jr.handler", case_no, "accept", opinion="齐全")
    page = sign_in("enterprise-a.applicant")
    page.goto(f"/cases/{quote(case_no)}?tab=papers")

    page.click("a:has-text('受理通知书')")

    expect(page.locator(".paper h1")).to_have_text("受理通知书")
    expect(page.locator(".paper")).to_contain_text("现予受理，受理日期2019年10月14日")
    expect(page.locator(".paper")).to_contain_text("运城市金融工作办公室")


@pytest.mark.parametrize("scripts", [True, False], ids=["script", "no script"])
def test_what_must_be_mended_leads_to_its_field(sign_in: SignIn, office: Office, scripts: bool) -> None:
    case_no = office.apply(name="账号有误的票据")
    items = [{"material": "账号", "problem": "与开户证明不符", "place": "issuers.1.account_no"}]
    office.do("jr.handler", case_no, "supplement", opinion="请更正", data={"supplement_items": items})
    page = sign_in("enterprise-a.applicant", size=NARROW, scripts=scripts)
    page.goto("/my/applications")
    page.locator(".todo > li", has_text=case_no).get_by_role("button", name="去更正：发行人2 · 企业专户账号").click()

    field = page.locator("[name='issuers.1.account_no']")
    expect(field).to_be_in_viewport()
    if scripts:
        expect(field).to_be_focused()
    else:  # without scripts nothing can be asked about the focus but by typing
        page.keyboard.press("Control+A")
        page.keyboard.type("6228480000009999")
        expect(field).to_have_value("6228480000009999")
    beside = page.locator(".f", has=field).last
    expect(beside).to_contain_text("与开户证明不符")
    assert beside.evaluate("box => getComputedStyle(box).outlineStyle") == "solid" if scripts else True


def test_applicant_is_told_what_to_supply_and_sends_the_form_again(sign_in: SignIn, office: Office) -> None:
    case_no = office.apply(name="补正回来的票据")
    items = [{"material": "审计报告", "problem": "缺2018年度", "requirement": "盖章扫描件"}]
    office.do("jr.handler", case_no, "supplement", opinion="请一次补齐", data={"supplement_items": items})
    page = sign_in("enterprise-a.applicant", size=NARROW)
    page.goto("/my/applications")
    page.locator(".todo li", has_text=case_no).get_by_role("button", name="开始办理").click()

    expect(page.locator("h1")).to_contain_text("前提交")
    asked = page.locator("[aria-labelledby=q1] .todo")
    for said in ("1. 审计报告", "缺2018年度", "要求：盖章扫描件", "请一次补齐"):
        expect(asked).to_contain_text(said)
    page.fill("[name=contact_name]", "李明")
    decide(page, then="next")

    expect(page.locator(".note-green")).to_contain_text("市金融办「形式审查」")
    page.goto(f"/cases/{quote(case_no)}")
    expect(page.locator("body")).to_contain_text("李明")
