"""Papers of a case through HTTP: kept by content, refused when they lie."""

from __future__ import annotations

import hashlib
import io
import os
import struct
import warnings
import zipfile
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import pytest
from werkzeug.test import TestResponse

from config import Config
from tests.api.conftest import Api, fields
from webapp.adapters.file_kinds import MAX_ENTRIES, detect
from webapp.adapters.storage import AttachmentStore
from webapp.adapters.uploads import clean_name
from webapp.jobs.housekeeping import sweep_attachments
from workflows.clock import FixedClock

APPLICANT = "enterprise-a.applicant"
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
PNG = b"\x89PNG\r\n\x1a\n" + b"\0\0\0\rIHDR" + bytes(17)
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + bytes(20)


def packed(*entries: str) -> bytes:
    """A packed file with these entries."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for entry in entries:
            archive.writestr(entry, "<x/>")
    return content.getvalue()


def twice(entry: str) -> bytes:
    """A packed file with two entries of one name: readers differ in which they open."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name in ("[Content_Types].xml", entry, entry):
            archive.writestr(name, "<x/>")
    return content.getvalue()


def bomb() -> bytes:
    """A packed file that would unpack to a thousand times its size."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<x/>")
        archive.writestr("xl/workbook.xml", bytes(32 << 20))
    return content.getvalue()


def overlapping() -> bytes:
    """A packed file whose entries claim more packed bytes than there are."""
    content = packed("[Content_Types].xml", "xl/workbook.xml")
    at = content.rindex(b"PK\x01\x02")
    return content[: at + 20] + struct.pack("<L", 1 << 24) + content[at + 24 :]


DOCX = packed("[Content_Types].xml", "word/document.xml")
XLSX = packed("[Content_Types].xml", "xl/workbook.xml")
OFD = packed("OFD.xml", "Doc_0/Document.xml")


def upload(
    api: Api, number: str, content: bytes, name: str, *, who: str = APPLICANT, media_type: str = "", **more: str
) -> TestResponse:
    data = {"kind": "certificate", "file": (io.BytesIO(content), name, media_type or None), **more}
    return api.post(f"/cases/{quote(number)}/documents", who, data=data, content_type="multipart/form-data")


@pytest.fixture
def number(api: Api) -> str:
    return api.open()


_OFFICE = "application/vnd.openxmlformats-officedocument."
TRUTHS = [
    ("发行证明.pdf", PDF, "application/pdf"),
    ("scan.PNG", PNG, "image/png"),
    ("scan.jpeg", JPEG, "image/jpeg"),
    ("报告.docx", DOCX, f"{_OFFICE}wordprocessingml.document"),
    ("表.xlsx", XLSX, f"{_OFFICE}spreadsheetml.sheet"),
    ("批复.ofd", OFD, "application/ofd"),
]
LIES = [
    ("发行证明.pdf", PNG, ""),
    ("发行证明.png", PDF, ""),
    ("发行证明.pdf", PDF, "image/png"),
    ("run.exe", b"MZ" + bytes(100), ""),
    ("run.pdf", b"MZ" + bytes(100), "application/pdf"),
    ("page.html", b"<html><script>1</script></html>", "text/html"),
    ("page.pdf", b"<html>%PDF-1.4</html>", "application/pdf"),
    ("pack.docx", packed("a.txt"), ""),
    ("broken.docx", b"PK\x03\x04" + bytes(60), ""),
    ("macro.docx", packed("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"), ""),
    ("报告.docx", XLSX, ""),
    ("no-extension", PDF, ""),
    ("logo.svg", b'<svg xmlns="x"><script>1</script></svg>', "image/svg+xml"),
    ("logo.png", b'<?xml version="1.0"?><svg onload="alert(1)"/>', "image/png"),
    ("two.pdf", PDF + packed("a.txt"), ""),  # a PDF that unpacks
    ("two.png", PNG + packed("a.txt"), ""),
    ("bare.docx", packed("word/document.xml"), ""),
    ("twice.docx", twice("word/document.xml"), ""),
    ("bomb.xlsx", bomb(), ""),
    ("overlap.xlsx", overlapping(), ""),
]


def test_a_paper_comes_back_as_it_was_sent(api: Api, number: str) -> None:
    for name, content, media_type in TRUTHS:
        added = upload(api, number, content, name)
        assert added.status_code == 201, added.text
        assert added.json["media_type"] == media_type
        assert (added.json["sha256"], added.json["size"]) == (hashlib.sha256(content).hexdigest(), len(content))
        got = api.get(f"/cases/{quote(number)}/documents/{added.json['id']}", "jr.handler")
        assert got.data == content
        assert got.headers["Content-Type"] == media_type
        assert got.headers["Content-Disposition"].startswith("attachment")
        assert got.headers["X-Content-Type-Options"] == "nosniff"
        got.close()
    listed = api.ok("GET", f"/cases/{quote(number)}/documents", "jr.handler")["items"]
    assert [item["name"] for item in listed] == [name for name, _, _ in TRUTHS]


def test_a_file_that_lies_about_its_kind_is_refused_and_not_kept(api: Api, number: str, config: Config) -> None:
    for name, content, declared in LIES:
        assert fields(upload(api, number, content, name, media_type=declared)) == {"file"}, name
    assert api.ok("GET", f"/cases/{quote(number)}/documents", APPLICANT)["items"] == []
    assert not [path for path in config.attachments_dir.rglob("*") if path.is_file()]


def test_an_empty_a_missing_and_a_second_file_are_named(api: Api, number: str) -> None:
    path = f"/cases/{quote(number)}/documents"
    assert fields(upload(api, number, b"", "a.pdf")) == {"file"}
    assert fields(api.post(path, APPLICANT, data={"kind": "x"}, content_type="multipart/form-data")) == {"file"}
    two = {"kind": "x", "file": [(io.BytesIO(PDF), "a.pdf"), (io.BytesIO(PDF), "b.pdf")]}
    assert fields(api.post(path, APPLICANT, data=two, content_type="multipart/form-data")) == {"file"}
    assert "secret" in fields(upload(api, number, PDF, "a.pdf", secret="1"))
    assert fields(upload(api, number, PDF, "a.pdf", kind="x" * 41)) == {"kind"}
    assert api.post(path, APPLICANT, json={"kind": "x"}).status_code == 415


def test_a_file_above_the_limit_is_refused(api: Api, number: str, config: Config) -> None:
    def send(size: int) -> TestResponse:
        # Encoded by hand: the test client would leave a temporary file of its own behind.
        head = b'--b\r\nContent-Disposition: form-data; name="kind"\r\n\r\nx\r\n'
        file = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n\r\n' + PDF + bytes(size)
        path, body = f"/cases/{quote(number)}/documents", head + file + b"\r\n--b--\r\n"
        return api.post(path, APPLICANT, data=body, content_type="multipart/form-data; boundary=b")

    assert fields(send(config.upload_max_bytes)) == {"file"}
    far = send(config.upload_max_bytes + 200_000)
    assert (far.status_code, far.json["code"]) == (413, "body-too-large")


def test_an_outsider_cannot_add_or_fetch_a_paper(api: Api, number: str, config: Config) -> None:
    added = upload(api, number, PDF, "a.pdf").json["id"]
    assert upload(api, number, PNG, "b.png", who="enterprise-b.applicant").status_code == 404
    path = f"/cases/{quote(number)}/documents/{added}"
    assert api.get(path, "enterprise-b.applicant").status_code == 404
    assert len([path for path in config.attachments_dir.rglob("*") if path.is_file()]) == 1
    other = quote(api.open(bond_name="另一期"))
    assert api.get(f"/cases/{other}/documents/{added}", APPLICANT).status_code == 404


def test_a_case_that_takes_no_more_papers_leaves_no_bytes_behind(api: Api, number: str, config: Config) -> None:
    api.ok("POST", f"/cases/{quote(number)}/withdraw", APPLICANT, json={"reason": "不再申请"})
    assert upload(api, number, PDF, "a.pdf").status_code == 409
    assert not [path for path in config.attachments_dir.rglob("*") if path.is_file()]


def test_macros_cannot_hide_behind_many_entries() -> None:
    padding = [f"x/{index}" for index in range(MAX_ENTRIES)]
    hidden = packed("[Content_Types].xml", "word/document.xml", *padding, "word/vbaProject.bin")
    assert detect(io.BytesIO(hidden)) is None


def test_a_list_of_entries_too_long_to_be_honest_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    name = b"word/document.xml"
    entry = struct.pack("<4s4B4HL2L5H2L", b"PK\x01\x02", *[0] * 11, len(name), *[0] * 6) + name
    listed, start = entry * 100_000, b"PK\x03\x04" + bytes(26)
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 1, 1, len(listed), len(start), 0)

    def read(*_given: object) -> None:
        raise AssertionError("the list was read")

    monkeypatch.setattr(zipfile, "ZipFile", read)
    assert detect(io.BytesIO(start + listed + end)) is None


def test_a_repeated_upload_under_one_key_adds_one_paper(api: Api, number: str) -> None:
    path, key = f"/cases/{quote(number)}/documents", {"Idempotency-Key": "paper-1"}

    def send(content: bytes, name: str) -> TestResponse:
        data = {"kind": "certificate", "file": (io.BytesIO(content), name)}
        return api.post(path, APPLICANT, data=data, content_type="multipart/form-data", headers=key)

    first, again = send(PDF, "a.pdf"), send(PDF, "a.pdf")
    assert (first.status_code, again.status_code, again.json) == (201, 201, first.json)
    assert len(api.ok("GET", path, APPLICANT)["items"]) == 1
    assert fields(send(PDF + b"more", "a.pdf")) == {"Idempotency-Key"}


def test_the_bytes_lie_under_their_hash_and_whole(api: Api, number: str, config: Config) -> None:
    sha256 = upload(api, number, PDF, "a.pdf").json["sha256"]
    upload(api, number, PDF, "b.pdf")
    files = [path for path in config.attachments_dir.rglob("*") if path.is_file()]
    assert files == [Path(config.attachments_dir, sha256[:2], sha256)]
    assert files[0].read_bytes() == PDF


@pytest.mark.parametrize(
    ("given", "clean"),
    [
        ("../../etc/passwd.pdf", "etc passwd.pdf"),
        ("C:\\Users\\a\\发行证明.pdf", "C Users a 发行证明.pdf"),
        ("a\r\nSet-Cookie: x.pdf", "a Set-Cookie x.pdf"),
        ("exe\u202efdp.pdf", "exe fdp.pdf"),
        ("\ud800x.pdf", "x.pdf"),
        ("长" * 300 + ".pdf", "长" * 83 + ".pdf"),
    ],
)
def test_names_become_plain_text(given: str, clean: str) -> None:
    assert clean_name(given) == clean


def test_the_sweep_removes_old_files_that_no_paper_names_and_no_others(
    api: Api, number: str, config: Config, clock: FixedClock
) -> None:
    assert upload(api, number, PDF, "证明.pdf").status_code == 201
    store = AttachmentStore(config.attachments_dir)
    refused = [store.put(io.BytesIO(PNG + bytes([n])), limit=1000).sha256 for n in range(40)]
    fresh = refused.pop()
    kept = hashlib.sha256(PDF).hexdigest()
    at = clock.now().timestamp()
    os.utime(store.path(fresh), (at, at))
    for address in (kept, *refused):
        os.utime(store.path(address), (0, 0))
    clock.advance(-timedelta(hours=clock.now().hour))
    for _ in range(16):
        sweep_attachments()
        clock.advance(timedelta(hours=1))
    left = {path.name for path in config.attachments_dir.glob("??/*")}
    assert left == {kept, fresh}


def place(api: Api, number: str, item: str, *, content: bytes = PDF, name: str = "a.pdf", **more: str) -> TestResponse:
    """Lay a paper on a line of the checklist; the line names its kind."""
    data = {"item": item, "file": (io.BytesIO(content), name), **more}
    who = more.pop("who", APPLICANT)
    data.pop("who", None)
    return api.post(f"/cases/{quote(number)}/documents", who, data=data, content_type="multipart/form-data")


def test_the_checklist_tells_what_is_missing_and_takes_versions(api: Api, number: str) -> None:
    path = f"/cases/{quote(number)}/materials"
    before = {line["item"]: line for line in api.ok("GET", path, APPLICANT)["items"]}
    assert (before["prospectus"]["state"], before["prospectus"]["required"]) == ("missing", True)
    assert before["business_licence"]["whose"] == "发行人1有限公司"
    first = place(api, number, "business_licence").json
    second = place(api, number, "business_licence", content=PNG, name="b.png").json
    assert (first["version"], second["version"], second["kind"]) == (1, 2, "business_licence")
    line = next(x for x in api.ok("GET", path, "jr.handler")["items"] if x["item"] == "business_licence")
    assert [file["id"] for file in line["files"]] == [second["id"]]
    assert [(file["id"], file["status"]) for file in line["earlier"]] == [(first["id"], "replaced")]
    old = api.get(f"/cases/{quote(number)}/documents/{first['id']}", "jr.handler")
    assert old.data == PDF
    old.close()


def test_a_paper_that_fits_no_line_names_what_is_wrong(api: Api, number: str) -> None:
    assert fields(place(api, number, "no_such_paper")) == {"item"}
    assert fields(place(api, number, "business_licence", content=DOCX, name="a.docx")) == {"file"}
    assert fields(place(api, number, "business_licence", subject="x" * 101)) == {"subject"}
    assert fields(place(api, number, "business_licence", replaces="99")) == {"replaces"}
    assert fields(place(api, number, "business_licence", replaces="-1")) == {"replaces"}
    assert fields(place(api, number, "business_licence", internal="perhaps")) == {"internal"}
    path = f"/cases/{quote(number)}/documents"
    bare = {"file": (io.BytesIO(PDF), "a.pdf")}
    assert fields(api.post(path, APPLICANT, data=bare, content_type="multipart/form-data")) == {"kind"}


def test_papers_are_sent_back_once_and_told_with_the_decision(api: Api, number: str) -> None:
    place(api, number, "business_licence")
    path = f"/cases/{quote(number)}/materials/business_licence"
    assert api.post(f"{path}/send-back", "jr.handler", json={"problem": "看不清"}).status_code == 409
    task = api.task("jr.handler", "formal_check")
    api.ok("POST", f"/tasks/{task['id']}/claim", "jr.handler")
    assert fields(api.post(f"{path}/send-back", "jr.handler", json={"problem": " "})) == {"problem"}
    assert fields(api.post(f"{path}/send-back", "jr.handler", json={"problem": "x", "subject": "y"})) == {"subject"}
    assert api.post(f"{path}/send-back", "cz.handler", json={"problem": "x"}).status_code == 404
    assert api.post(f"{path}/send-back", APPLICANT, json={"problem": "x"}).status_code == 403
    key = {"Idempotency-Key": "back-1"}
    for _ in range(2):
        sent = api.ok("POST", f"{path}/send-back", "jr.handler", json={"problem": "看不清"}, headers=key)
    line = next(x for x in sent["items"] if x["item"] == "business_licence")
    assert (line["state"], line["sent_back"]["problem"], line["sent_back"]["told_at"]) == ("sent_back", "看不清", None)
    undone = api.ok("POST", f"{path}/undo-send-back", "jr.handler")
    assert next(x for x in undone["items"] if x["item"] == "business_licence")["state"] == "supplied"
    api.ok("POST", f"{path}/send-back", "jr.handler", json={"problem": "看不清", "requirement": "重扫"})
    body = {"decision": "supplement", "opinion": "请补齐"}
    api.ok("POST", f"/tasks/{task['id']}/complete", "jr.handler", json=body)
    own = api.ok("GET", f"/cases/{quote(number)}/materials", APPLICANT)["items"]
    assert next(x for x in own if x["item"] == "business_licence")["sent_back"]["requirement"] == "重扫"
    events = api.ok("GET", f"/cases/{quote(number)}/events", APPLICANT)["items"]
    assert "material.sent-back" not in {event["event"] for event in events}


def test_a_preview_is_shown_alone_and_only_what_its_bytes_bear_out(api: Api, number: str, config: Config) -> None:
    def get(paper: dict[str, object]) -> TestResponse:
        answer = api.get(f"/cases/{quote(number)}/documents/{paper['id']}/preview", "jr.handler")
        answer.close()
        return answer

    pdf, png = upload(api, number, PDF, "证明.pdf").json, upload(api, number, PNG, "照片.png").json
    docx = upload(api, number, DOCX, "表.docx").json
    for paper in (pdf, png):
        answer = get(paper)
        assert answer.status_code == 200
        assert answer.headers["Content-Disposition"].startswith("inline; ")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert get(docx).status_code == 404
    assert api.get(f"/cases/{quote(number)}/documents/{pdf['id']}/preview", "cz.handler").status_code == 404
    stored = Path(config.attachments_dir, png["sha256"][:2], png["sha256"])
    stored.chmod(0o600)
    stored.write_bytes(b"<html>" + bytes(len(PNG) - 6))
    assert get(png).status_code == 500


def test_a_download_keeps_its_name_whatever_it_is(api: Api, number: str) -> None:
    for name, plain in (
        ("发行 证明;1.pdf", " 1.pdf"),
        ("证明.pdf", "document.pdf"),
        ("a'b.pdf", "ab.pdf"),
        ("naïve.pdf", "naive.pdf"),
    ):
        added = upload(api, number, PDF, name).json
        got = api.get(f"/cases/{quote(number)}/documents/{added['id']}", APPLICANT)
        said = got.headers["Content-Disposition"]
        got.close()
        assert said.isascii()
        assert f"filename*=UTF-8''{quote(added['name'], safe='')}" in said
        assert plain in said
        again = api.get(
            f"/cases/{quote(number)}/documents/{added['id']}", APPLICANT, headers={"If-None-Match": got.headers["ETag"]}
        )
        assert again.status_code == 304
        again.close()
