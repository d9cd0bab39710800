"""Official documents as PDF and Word: Chinese fonts embedded, made once, each reader's own, hostile text as text."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from urllib.parse import quote

from docx import Document
from flask import Flask
from pypdf import PdfReader
from sqlalchemy import select
from werkzeug.test import TestResponse

from config import Config
from tests.api.conftest import Api
from tests.factories.cases import issuer
from webapp.documents.fields import statement_fields
from webapp.documents.layout import WORDING
from webapp.documents.making import TEMPLATES, make_waiting
from webapp.transaction import reading
from workflows.cases.documents import addresses_in_use
from workflows.cases.official.statement import read_statement
from workflows.cases.official.tables import MadePaper

HOSTILE = '<w:t>&amp;{{ 7*7 }}{% raw %}#panic("x") $x$ *粗* \\ @a ]]>'


def accepted(api: Api, **changes: object) -> tuple[str, str]:
    number = api.open(issuers=[issuer(0, "YHQ", **changes)])
    api.do("jr.handler", "formal_check", "accept", case_no=number)
    key = api.ok("GET", f"/cases/{quote(number)}/notices", "jr.handler")["items"][0]["id"]
    return number, f"/cases/{quote(number)}/notices/{key}"


def fetch(api: Api, path: str, who: str) -> TestResponse:
    """Get a file, with its bytes read and its handle closed."""
    answer = api.get(path, who)
    assert answer.status_code == 200, answer.text
    answer.get_data()
    answer.close()
    return answer


def text_of(pdf: PdfReader) -> str:
    return "".join(page.extract_text() for page in pdf.pages).replace("\n", "")


def test_the_pdf_says_in_chinese_what_was_issued_with_its_fonts_inside(api: Api) -> None:
    _, path = accepted(api)
    answer = fetch(api, f"{path}.pdf", "enterprise-a.applicant")
    assert answer.mimetype == "application/pdf"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    pdf = PdfReader(BytesIO(answer.data))
    said = text_of(pdf)
    for part in ("受理通知书", "运金办〔2019〕1号", "发行人1有限公司：", "现予受理，受理日期2019年10月14日", "— 1 —"):
        assert part in said
    assert round(float(pdf.pages[0].mediabox.width) / 72 * 25.4) == 210
    fonts = pdf.pages[0]["/Resources"]["/Font"].values()  # type: ignore[index]
    assert fonts
    for font in fonts:
        drawn = font.get_object()["/DescendantFonts"][0].get_object()
        assert "NotoSerifSC" in drawn["/BaseFont"]
        assert "/FontFile2" in drawn["/FontDescriptor"].get_object()


def test_word_says_the_same_and_another_agency_finds_neither(api: Api) -> None:
    _, path = accepted(api)
    answer = fetch(api, f"{path}.docx", "enterprise-a.applicant")
    lines = [line.text for line in Document(BytesIO(answer.data)).paragraphs if line.text]
    assert lines[:3] == ["受理通知书", "运金办〔2019〕1号", "发行人1有限公司："]
    assert not [line for line in lines if "{" in line]
    for stranger in ("cz.handler", "bank-a.applicant"):
        for form in ("pdf", "docx"):
            assert api.get(f"{path}.{form}", stranger).status_code == 404


def test_hostile_names_are_text_in_word_and_pdf(api: Api) -> None:
    name = HOSTILE + "有限公司"
    _, path = accepted(api, name=name, account_name=name)
    lines = [line.text for line in Document(BytesIO(fetch(api, f"{path}.docx", "jr.handler").data)).paragraphs]
    assert f"{name}：" in lines
    said = text_of(PdfReader(BytesIO(fetch(api, f"{path}.pdf", "jr.handler").data)))
    for part in ("<w:t>&amp;{{ 7*7 }}", '#panic("x") $x$ *粗*', "]]>有限公司"):
        assert part in said


def test_a_paper_is_made_once_and_later_templates_do_not_reach_it(api: Api, app: Flask, config: Config) -> None:
    _, path = accepted(api)
    with app.app_context():
        assert make_waiting(5) == 1
        assert make_waiting(5) == 0
    before = fetch(api, f"{path}.pdf", "jr.handler").data
    config.templates_dir.mkdir()
    other = Document(str(TEMPLATES / "acceptance.docx"))
    other.paragraphs[0].text = "新的标题"
    other.save(str(config.templates_dir / "acceptance.docx"))
    assert fetch(api, f"{path}.pdf", "jr.handler").data == before
    _, later = accepted(api)
    lines = Document(BytesIO(fetch(api, f"{later}.docx", "jr.handler").data)).paragraphs
    assert lines[0].text == "新的标题"
    with app.app_context():
        session = reading()
        made = session.scalars(select(MadePaper)).all()
        assert len(made) == 2
        for row in made:
            assert row.pdf_sha256 in addresses_in_use(session, row.pdf_sha256[0])
            assert row.docx_sha256 in addresses_in_use(session, row.docx_sha256[0])


def test_the_approval_sheet_has_the_opinions_in_their_columns(api: Api) -> None:
    number = api.open()
    api.do("jr.handler", "formal_check", "accept", case_no=number, opinion="材料齐全")
    api.do("yanhu.handler", "county_verify", "object", opinion=f"情况不符{HOSTILE}")
    objection = api.ok("GET", f"/cases/{quote(number)}/opinions", "jr.handler")["items"][0]["task_id"]
    answered = [{"task_id": objection, "answer": "已现场核对"}]
    api.do("jr.handler", "municipal_review", "file", opinion="拟同意申报，理由充分", answers=answered)
    api.do("jr.reviewer", "section_review", "agree", opinion="已复核")
    path = f"/cases/{quote(number)}/approval"
    sheet = api.ok("GET", path, "jr.leader")
    assert [note["text"] for note in sheet["draft"]] == [
        "形式审查：受理。材料齐全",
        "市级审核：拟同意申报。拟同意申报，理由充分",
    ]
    assert [note["by"].split("　")[0] for note in sheet["countersign"]] == ["盐湖区"]
    assert [note["text"] for note in sheet["review"]] == ["科室复核：同意。已复核"]
    assert sheet["instruction"] == []
    printed = text_of(PdfReader(BytesIO(fetch(api, f"{path}.pdf", "jr.leader").data)))
    assert "已复核" in printed
    assert HOSTILE.replace(" ", "") in printed.replace(" ", "")
    table = Document(BytesIO(fetch(api, f"{path}.docx", "jr.leader").data)).tables[0]
    assert "情况不符" + HOSTILE in table.rows[8].cells[1].text
    for form in ("", ".pdf", ".docx"):
        assert api.get(path + form, "enterprise-a.applicant").status_code == 404
        assert api.get(path + form, "cz.handler").status_code == 404


def test_every_kind_of_document_has_its_template() -> None:
    assert {path.stem for path in Path(TEMPLATES).glob("*.docx")} == {*WORDING, "approval"}


def test_characters_no_file_can_hold_are_left_out(app: Flask) -> None:
    statement = read_statement(
        {
            "kind": "withdrawn",
            "document_no": "运金办〔2019〕1号",
            "case_no": "运债补〔2019〕1号",
            "to": "甲\x0b\u202e\ud800公司\ufffe",
            "sender": "运城市金融工作办公室",
            "subject": "债券融资补助",
            "applied_on": "2019-10-14",
            "issued_on": "2019-10-14",
            "reason": "一\r\n二\t三。",
        }
    )
    with app.test_request_context():
        fields = statement_fields(statement)
    assert (fields["to"], fields["reason"]) == ("甲公司", "一\n二 三")
