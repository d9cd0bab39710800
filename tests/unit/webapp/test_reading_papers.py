"""The text of uploaded papers: read in a process that hostile files cannot get out of, found once it is there."""

from __future__ import annotations

import zipfile
from contextlib import suppress
from datetime import timedelta
from io import BytesIO
from typing import IO

import pytest
from docx import Document
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories.cases import Office, application, issuer, seed_everything
from tests.factories.org import actor
from webapp import context
from webapp.adapters.file_kinds import DOCX, PDF, XLSX
from webapp.adapters.storage import StoreAwayError
from webapp.commands.reindex import index_all
from webapp.documents import reading as reading_papers
from webapp.documents.reading import read_text
from webapp.jobs.texts import sweep_texts
from workflows import cases
from workflows.cases import CaseQuery, NewDocument
from workflows.cases.materials.models import ContentScan, ScanStatus
from workflows.cases.materials.scans import ScanRule, record_scan
from workflows.cases.search import contents
from workflows.cases.search.contents import ask_for_all
from workflows.cases.search.tables import ContentStatus, ContentText
from workflows.clock import FixedClock

APPLICANT = "enterprise-a.applicant"
_TYPES = "[Content_Types].xml"


def docx(*paragraphs: str) -> bytes:
    document = Document()
    for paragraph in paragraphs:
        document.add_paragraph(paragraph)
    document.add_table(1, 2).rows[0].cells[1].text = "表中文字"
    written = BytesIO()
    document.save(written)
    return written.getvalue()


def packed(**entries: bytes) -> bytes:
    written = BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(_TYPES, "<Types/>")
        for name, data in entries.items():
            archive.writestr(name.replace("__", "/") + ".xml", data)
    return written.getvalue()


def pdf(text: str) -> bytes:
    """A page with a text whose characters are numbered and named by a table, as in files that were typeset."""
    shown = "".join(f"{number:04x}" for number in range(1, len(text) + 1))
    names = "\n".join(f"<{n:04x}> <{char.encode('utf-16-be').hex()}>" for n, char in enumerate(text, 1))
    table = (
        "/CIDInit /ProcSet findresource begin\nbegincmap\n1 begincodespacerange\n<0000> <ffff>\n"
        f"endcodespacerange\n{len(text)} beginbfchar\n{names}\nendbfchar\nendcmap\nend"
    )
    content = f"BT /F1 12 Tf 72 700 Td <{shown}> Tj ET"
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >>"
        " >>",
        f"<< /Length {len(content)} >>\nstream\n{content}\nendstream",
        "<< /Type /Font /Subtype /Type0 /BaseFont /X /Encoding /Identity-H /DescendantFonts [7 0 R]"
        " /ToUnicode 6 0 R >>",
        f"<< /Length {len(table)} >>\nstream\n{table}\nendstream",
        "<< /Type /Font /Subtype /CIDFontType2 /BaseFont /X /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity)"
        " /Supplement 0 >> /DW 1000 >>",
    ]
    written = "%PDF-1.4\n"
    places = []
    for number, body in enumerate(objects, 1):
        places.append(len(written))
        written += f"{number} 0 obj\n{body}\nendobj\n"
    start = len(written)
    written += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n" + "".join(f"{at:010d} 00000 n \n" for at in places)
    written += f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF"
    return written.encode("latin-1")


def stored(content: bytes) -> str:
    return context.store().put(BytesIO(content), limit=1 << 30).sha256


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


def found(office: Office, username: str, q: str) -> list[tuple[str, list[str]]]:
    who = actor(office.session, username, office.clock)
    page = cases.list_cases(office.session, CaseQuery(q=q), actor=who, clock=office.clock)
    office.session.commit()
    return [(row.no, [hit.field.value for hit in row.hits]) for row in page.items]


def lay(
    office: Office, no: str, content: bytes, media_type: str, *, scan: ScanRule | None = None, internal: bool = False
) -> str:
    sha256 = stored(content)
    who = "jr.handler" if internal else APPLICANT
    paper = NewDocument("other", "附件.bin", media_type, len(content), sha256, internal=internal, scan=scan)
    office.act(cases.add_document, who, no, paper)
    return sha256


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
        assert found(office, "jr.handler", "担保") == []


def test_a_file_whose_reading_fails_is_tried_three_times_and_again_when_all_is_indexed_anew(
    app: Flask, office: Office, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    no = office.open(APPLICANT, application(issuer(0, "YHQ"))).case_no
    tried: list[str] = []

    def killed(sha256: str, kind: str) -> str:
        tried.append(kind)
        raise SystemExit

    with app.app_context():
        lay(office, no, docx("反担保措施"), DOCX.media_type)
        with monkeypatch.context() as patched:
            patched.setattr(reading_papers, "read_text", killed)
            for _ in range(10):
                with suppress(SystemExit):
                    sweep_texts()
                clock.advance(timedelta(minutes=3))
        assert tried == ["docx"] * 3
        assert statuses(office) == [ContentStatus.UNREADABLE]
        index_all(missing=True, say=str)
        assert statuses(office) == [ContentStatus.UNREADABLE]
        index_all(missing=False, say=str)
        sweep_texts()
        assert found(office, "jr.handler", "担保") == [(no, ["paper_text"])]


@pytest.mark.parametrize("error", [StoreAwayError, FileNotFoundError])
def test_an_outage_of_the_store_is_no_attempt_at_reading(
    app: Flask, office: Office, clock: FixedClock, monkeypatch: pytest.MonkeyPatch, error: type[OSError]
) -> None:
    no = office.open(APPLICANT, application(issuer(0, "YHQ"))).case_no
    began = clock.now()
    asked: list[float] = []

    def away(_store: object, sha256: str) -> IO[bytes]:
        asked.append((clock.now() - began) / timedelta(seconds=30))
        raise error(sha256)

    with app.app_context():
        lay(office, no, docx("反担保措施"), DOCX.media_type)
        with monkeypatch.context() as patched:
            patched.setattr(type(context.store()), "open", away)
            for _ in range(200):
                sweep_texts()
                clock.advance(timedelta(seconds=30))
        assert asked == [0, 1, 3, 7, 15, 31, 63, 123, 183]
        assert statuses(office) == [ContentStatus.WAITING]
        clock.advance(timedelta(minutes=30))
        sweep_texts()
        assert statuses(office) == [ContentStatus.READ]
        assert found(office, "jr.handler", "担保") == [(no, ["paper_text"])]


def test_while_the_store_is_away_one_file_is_asked_for_and_not_each(
    app: Flask, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    no = office.open(APPLICANT, application(issuer(0, "YHQ"))).case_no
    asked: list[str] = []

    def away(_store: object, sha256: str) -> IO[bytes]:
        asked.append(sha256)
        raise StoreAwayError(sha256)

    with app.app_context():
        for text in ("甲", "乙", "丙"):
            lay(office, no, docx(text), DOCX.media_type)
        monkeypatch.setattr(type(context.store()), "open", away)
        sweep_texts()
        assert len(asked) == 1


def statuses(office: Office) -> list[str]:
    found = list(office.session.scalars(select(ContentText.status)))
    office.session.commit()
    return found


def test_a_file_that_lies_in_many_cases_is_indexed_a_few_at_a_time_and_goes_on_where_it_was_broken_off(
    app: Flask, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(contents, "AT_ONCE", 1)
    numbers = [office.open(APPLICANT, application(issuer(0, "YHQ"))).case_no for _ in range(3)]
    with app.app_context():
        for no in numbers:
            lay(office, no, docx("反担保措施"), DOCX.media_type)
        done: list[int] = []

        def killed(session: Session, sha256: str, after: int) -> int | None:
            if len(done) == 2:
                raise KeyboardInterrupt
            done.append(after)
            return contents.index_cases_with(session, sha256, after)

        with monkeypatch.context() as patch:
            patch.setattr(reading_papers, "index_cases_with", killed)
            with pytest.raises(KeyboardInterrupt):
                sweep_texts()
        assert len(found(office, "jr.handler", "反担保")) == 2
        office.clock.advance(contents.CLAIMED_FOR)
        with monkeypatch.context() as patch:
            patch.setattr(reading_papers, "read_text", None)  # it is not read again
            sweep_texts()
    assert sorted(row[0] for row in found(office, "jr.handler", "反担保")) == sorted(numbers)
    assert office.session.scalars(select(ContentText.status)).all() == [ContentStatus.READ]


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
