"""The text of uploaded papers: read in a process that hostile files cannot get out of, found once it is there."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories.cases import Office, application, issuer, seed_everything
from tests.factories.papers import APPLICANT, docx, found, lay, packed, pdf, stored
from webapp.adapters.file_kinds import DOCX, PDF, XLSX
from webapp.documents.reading import read_text
from webapp.jobs.texts import sweep_texts
from workflows.cases.materials.models import ContentScan, ScanStatus
from workflows.cases.materials.scans import ScanRule, record_scan
from workflows.cases.search.contents import ask_for_all
from workflows.cases.search.tables import ContentText
from workflows.clock import FixedClock


@pytest.mark.parametrize(
    ("kind", "content", "expected"),
    [
        ("docx", docx("本公司为其提供连带责任保证", "第二段"), "连带责任保证\n\n第二段"),
        ("docx", docx("甲"), "表中文字"),
        ("pdf", pdf("反担保措施"), "反担保措施"),
        ("xlsx", packed(xl__sharedStrings="<sst><si><t>应收账款</t></si></sst>".encode()), "应收账款"),
    ],
    ids=["docx", "table", "pdf", "xlsx"],
)
def test_a_text_is_read(app: Flask, kind: str, content: bytes, expected: str) -> None:
    with app.app_context():
        assert expected in (read_text(stored(content), kind) or "")


LAUGHS = (
    b"<!DOCTYPE x ["
    + b"".join(b'<!ENTITY a%d "%s">' % (n, b"&a%d;" % (n - 1) * 10 if n else b"ha" * 99) for n in range(12))
    + b"]><w:document xmlns:w='w'><w:p><w:t>&a11;</w:t></w:p></w:document>"
)
ELSEWHERE = b"<!DOCTYPE x [<!ENTITY f SYSTEM 'file:///etc/passwd'>]><d><p><t>&f;</t></p></d>"


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("pdf", b""),
        ("pdf", b"%PDF-1.7\n" + b"\x00" * 5000),
        ("pdf", pdf("甲")[:400]),
        ("pdf", pdf("甲乙").replace(b"/Kids [3 0 R]", b"/Kids [2 0 R]")),
        ("pdf", pdf("甲乙").replace(b"/Contents 4 0 R", b"/Contents 3 0 R")),
        ("docx", b"PK\x03\x04nothing"),
        ("docx", packed(other=b"<x/>")),
        ("docx", packed(word__document=b"<p><t>" + b"<a>" * 100_000)),
        ("docx", packed(word__document=LAUGHS)),
        ("docx", packed(word__document=b" " * (200 << 20))),
        ("xlsx", packed(xl__sharedStrings=ELSEWHERE)),
    ],
    ids=["nothing", "zeros", "cut", "circle", "loop", "no-zip", "no-text", "deep", "laughs", "bomb", "elsewhere"],
)
def test_hostile_files_are_left_unread(app: Flask, kind: str, content: bytes) -> None:
    with app.app_context():
        assert read_text(stored(content), kind) is None


def test_of_an_endless_text_the_beginning_is_read(app: Flask) -> None:
    long = b"<d>" + "<p><t>甲乙丙丁</t></p>".encode() * 400_000 + b"</d>"
    with app.app_context():
        text = read_text(stored(packed(word__document=long)), "docx")
    assert text is not None
    assert 150_000 < len(text) <= 400_000


# ── from the upload to the search ──────────────────────────────────────────────────────────────────


@pytest.fixture
def office(session: Session, clock: FixedClock) -> Office:
    seed_everything(session, clock)
    return Office(session, clock)


def test_a_paper_is_found_by_its_text_once_it_was_read(app: Flask, office: Office) -> None:
    no = office.open(APPLICANT, application(issuer(0, "YHQ"))).case_no
    with app.app_context():
        lay(office, no, pdf("反担保措施"), PDF.media_type)
        lay(office, no, docx("廉政谈话"), DOCX.media_type, internal=True)
        lay(office, no, b"\x89PNG", "image/png")
        assert found(office, "jr.handler", "担保") == []
        sweep_texts()
        assert found(office, "jr.handler", "担保") == found(office, APPLICANT, "担保") == [(no, ["paper_text"])]
        assert found(office, "jr.handler", "廉政") == [(no, ["paper_text"])]
        assert found(office, APPLICANT, "廉政") == found(office, "cz.handler", "担保") == []


def test_the_same_file_in_another_case_is_found_at_once(app: Flask, office: Office) -> None:
    first, second = (office.open(APPLICANT, application(issuer(0, "YHQ"))).case_no for _ in range(2))
    with app.app_context():
        lay(office, first, docx("反担保措施"), DOCX.media_type)
        content = docx("反担保措施")
        lay(office, first, content, DOCX.media_type)
        sweep_texts()
        lay(office, second, content, DOCX.media_type)
        assert [no for no, _fields in found(office, "jr.handler", "担保")] == [second, first]


def test_nothing_is_read_before_the_scanner_has_passed_it(app: Flask, office: Office, clock: FixedClock) -> None:
    no = office.open(APPLICANT, application(issuer(0, "YHQ"))).case_no
    with app.app_context():
        sha256 = lay(office, no, docx("反担保措施"), DOCX.media_type, scan=ScanRule())
        sweep_texts()
        assert found(office, "jr.handler", "担保") == []
        record_scan(office.session, sha256, None, clock=clock)
        office.session.commit()
        sweep_texts()
        assert found(office, "jr.handler", "担保") == [(no, ["paper_text"])]
        scan = office.session.get_one(ContentScan, sha256)
        scan.status, scan.due_at = ScanStatus.WAITING, clock.now()
        office.session.flush()
        assert record_scan(office.session, sha256, "Eicar", clock=clock)
        office.session.commit()
        sweep_texts()
        assert found(office, "jr.handler", "担保") == []


def test_papers_from_before_there_was_a_search_are_asked_for(app: Flask, office: Office, clock: FixedClock) -> None:
    no = office.open(APPLICANT, application(issuer(0, "YHQ"))).case_no
    with app.app_context():
        lay(office, no, docx("反担保措施"), DOCX.media_type)
        lay(office, no, packed(xl__workbook=b"<x/>"), XLSX.media_type)
        for row in office.session.scalars(select(ContentText)):
            office.session.delete(row)
        office.session.commit()
        ask_for_all(office.session, clock=clock)
        ask_for_all(office.session, clock=clock)
        office.session.commit()
        sweep_texts()
        assert found(office, "jr.handler", "担保") == [(no, ["paper_text"])]
