"""Papers as people handle them: laid to an application, looked at, sent back, supplied again."""

from __future__ import annotations

import struct
import zlib
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import NARROW, SignIn, decide
from tests.browser.office import Office

PDF = {"name": "执照.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4\n%%EOF"}


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack("!L", len(data)) + kind + data + struct.pack("!L", zlib.crc32(kind + data))


PICTURE = (
    b"\x89PNG\r\n\x1a\n"
    + chunk(b"IHDR", struct.pack("!2L5B", 8, 8, 8, 2, 0, 0, 0))
    + chunk(b"IDAT", zlib.compress((b"\0" + b"\xc9\x38\x3d" * 8) * 8))
    + chunk(b"IEND", b"")
)
PNG = {"name": "执照.png", "mimeType": "image/png", "buffer": PICTURE}


def lay(page: Page, line: str, file: dict[str, object]) -> None:
    """Upload a file on the line of the checklist that is called so."""
    form = page.locator(".papers > li", has_text=line).first.locator("details:has(input[type=file])")
    if form.get_attribute("open") is None:
        form.locator("summary").click()
    form.locator("input[type=file]").set_input_files(file)  # type: ignore[arg-type]
    form.locator("button[type=submit]").click()


@pytest.mark.parametrize("scripts", [True, False], ids=["script", "no script"])
def test_an_applicant_uploads_replaces_and_looks_at_a_paper(sign_in: SignIn, office: Office, scripts: bool) -> None:
    case_no = office.apply(name="上传预览票据")
    page = sign_in("enterprise-a.applicant", size=NARROW, scripts=scripts)
    page.goto(f"/cases/{quote(case_no)}?tab=materials")
    lay(page, "募集说明书", {**PDF, "name": "说明书.pdf"})
    expect(page.locator(".note-green")).to_contain_text("说明书.pdf")
    lay(page, "营业执照（第1发行人有限公司）", PDF)
    lay(page, "营业执照（第1发行人有限公司）", PNG)

    line = page.locator(".papers > li", has_text="营业执照（第1发行人有限公司）")
    expect(line).to_contain_text("第2版")
    expect(line).to_contain_text("以前的1份")
    line.get_by_role("link", name="预览执照.png").click()
    picture = page.locator(".preview img")
    expect(picture).to_be_visible()
    assert picture.evaluate("image => image.complete && image.naturalWidth") == 8
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    with page.expect_download() as download:
        page.get_by_role("link", name="下载").click()
    assert download.value.suggested_filename == "执照.png"


def test_what_is_shown_in_a_page_comes_under_a_policy_of_its_own(sign_in: SignIn, office: Office) -> None:
    case_no = office.apply(name="预览策略票据")
    page = sign_in("enterprise-a.applicant")
    page.goto(f"/cases/{quote(case_no)}?tab=materials")
    lay(page, "募集说明书", PDF)
    lay(page, "营业执照（第1发行人有限公司）", PNG)
    for name in ("执照.pdf", "执照.png"):
        page.goto(f"/cases/{quote(case_no)}?tab=materials")
        address = str(page.get_by_role("link", name=f"预览{name}").get_attribute("href"))
        answer = page.request.get(address.replace("/preview", "/content"))
        assert answer.status == 200
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert "; sandbox" in answer.headers["content-security-policy"]
        assert "frame-ancestors 'self'" in answer.headers["content-security-policy"]
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["content-disposition"].startswith("inline")
        assert sign_in("cz.handler").request.get(address).status == 404
        page.goto(address)
        expect(page.locator(".preview > *")).to_have_count(1)


HOSTILE = b"""%PDF-1.4
1 0 obj<</Type/Catalog/Pages 2 0 R/OpenAction<</S/JavaScript
/JS(app.launchURL\\("/help", true\\); this.submitForm\\("/logout"\\); getURL\\("/help"\\))>>>>endobj
2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 300]/Contents 4 0 R>>endobj
4 0 obj<</Length 25>>stream
1 0 0 rg 0 0 300 300 re f
endstream endobj
trailer<</Root 1 0 R>>
<html><script>parent.document.title = "run"; alert("run")</script></html>
%%EOF"""


def test_a_hostile_pdf_is_drawn_by_the_browsers_own_reader_and_reaches_nothing(sign_in: SignIn, office: Office) -> None:
    case_no = office.apply(name="沙箱票据")
    page = sign_in("enterprise-a.applicant")
    page.goto(f"/cases/{quote(case_no)}?tab=materials")
    lay(page, "募集说明书", {**PDF, "name": "敌意.pdf", "buffer": HOSTILE})
    opened: list[str] = []
    page.context.on("page", lambda other: opened.append(other.url))
    page.get_by_role("link", name="预览敌意.pdf").click()
    for _ in range(200):
        if any(frame.url.startswith("chrome-extension:") for frame in page.frames):
            break
        page.wait_for_timeout(100)
    else:
        raise AssertionError(f"the reader did not start: {[frame.url for frame in page.frames]}")
    page.wait_for_load_state("networkidle")
    assert page.url.endswith("/preview")
    assert page.title().startswith("敌意.pdf")
    assert opened == []
    assert page.request.get("/my/applications").url.endswith("/my/applications"), "still signed in"


def test_a_paper_is_sent_back_with_its_reason_and_supplied_again(sign_in: SignIn, office: Office) -> None:
    case_no = office.apply(name="退补票据")
    applicant = sign_in("enterprise-a.applicant", size=NARROW)
    applicant.goto(f"/cases/{quote(case_no)}?tab=materials")
    lay(applicant, "募集说明书", PDF)
    task = office.claim("jr.handler", case_no)
    officer = sign_in("jr.handler")
    officer.goto(f"/tasks/{task}?queue=mine")
    line = officer.locator(".papers > li", has_text="募集说明书")
    line.get_by_text("退补募集说明书…").click()
    line.locator("[name=problem]").fill("缺第3页")
    line.locator("[name=requirement]").fill("补全后重新上传")
    line.get_by_role("button", name="标为退补").click()
    expect(officer.locator(".papers > li", has_text="募集说明书")).to_contain_text("尚未告知申请人")
    officer.check("input[name=decision][value=supplement]")
    officer.fill("#opinion", "请一次补齐")
    decide(officer)
    expect(officer.locator(".note-green")).to_contain_text("补正")

    applicant.goto("/my/applications")
    applicant.locator(".todo li", has_text=case_no).get_by_role("button", name="开始办理").click()
    asked = applicant.locator("section", has=applicant.locator("#materials"))
    expect(asked).to_contain_text("缺第3页")
    expect(asked).to_contain_text("补全后重新上传")
    expect(asked).to_contain_text("还差1份")
    applicant.click("#decide .submit button[name=then]")
    expect(applicant.locator("[data-error-summary]")).to_contain_text("募集说明书：此项已退补，请先上传新的文件")
    lay(applicant, "募集说明书", {**PDF, "name": "全本.pdf"})
    expect(applicant.locator(".note-green")).to_contain_text("全本.pdf")
    decide(applicant, then="next")
    expect(applicant.locator(".note-green")).to_contain_text("「形式审查」")
    applicant.goto(f"/cases/{quote(case_no)}?tab=papers")
    applicant.click("a:has-text('一次性告知补正通知书')")
    expect(applicant.locator(".paper")).to_contain_text("募集说明书：缺第3页，补全后重新上传")


def test_papers_that_are_lacking_are_confirmed_before_taking_in(sign_in: SignIn, office: Office) -> None:
    task = office.claim("jr.handler", office.apply(name="缺件受理票据"))
    page = sign_in("jr.handler")
    page.goto(f"/tasks/{task}?queue=mine")
    page.check("input[name=decision][value=accept]")
    expect(page.locator(".note-amber:visible")).to_contain_text("募集说明书：未交")
    page.click("#decide .submit button[name=then]")
    expect(page.locator("[data-error-summary]")).to_contain_text("尚缺材料，请核对，确认后再受理")
    decide(page)
    expect(page.locator(".note-green")).to_contain_text("「县级核实」")
