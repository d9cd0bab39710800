"""Papers with a text in them, as files, in the store and in cases."""

from __future__ import annotations

import zipfile
from io import BytesIO

from docx import Document
from sqlalchemy import select

from tests.factories.cases import Office
from tests.factories.org import actor
from webapp import context
from workflows import cases
from workflows.cases import CaseQuery, NewDocument
from workflows.cases.materials.scans import ScanRule
from workflows.cases.search.tables import ContentText

APPLICANT = "enterprise-a.applicant"
_TYPES = "[Content_Types].xml"


def docx(*paragraphs: str) -> bytes:
    document = Document()
    for paragraph in paragraphs:
        document.add_paragraph(paragraph)
    document.add_table(1, 2).rows[0].cells[1].text = "表中文字"
    written = BytesIO()
    document.save(written)
    with zipfile.ZipFile(written) as archive:
        return _zipped({name: archive.read(name) for name in archive.namelist()})


def packed(**entries: bytes) -> bytes:
    named = {name.replace("__", "/") + ".xml": data for name, data in entries.items()}
    return _zipped({_TYPES: b"<Types/>", **named})


def _zipped(entries: dict[str, bytes]) -> bytes:
    """The same bytes for the same entries: an archive that tells the hour is another file a second later."""
    written = BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        for name, data in entries.items():
            archive.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
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


def statuses(office: Office) -> list[str]:
    found = list(office.session.scalars(select(ContentText.status)))
    office.session.commit()
    return found
