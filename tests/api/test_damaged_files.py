"""Bytes that changed in the store are told from a paper's own, and are nobody's download."""

from __future__ import annotations

import hashlib
import http.client
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote, unquote

import pytest
import waitress
from flask import Flask
from flask.testing import FlaskClient
from structlog.testing import capture_logs

from config import Config
from tests.api.conftest import ROOT, Api
from tests.api.pages import enter
from tests.swift import Bucket
from webapp import context
from webapp.adapters.bucket import BucketStore
from webapp.adapters.storage import DamagedError
from webapp.commands.backup import write_backup
from webapp.commands.copies import BackupError
from webapp.commands.restore import read_backup
from webapp.downloads import IN_ADVANCE
from webapp.transaction import writing
from workflows.cases.materials.models import ContentScan
from workflows.clock import FixedClock

APPLICANT = "enterprise-a.applicant"
SMALL = b"%PDF-1.4\n" + b"%" * 3000 + b"\n%%EOF"
LARGE = b"%PDF-1.4\n" + b"%" * (3 * IN_ADVANCE) + b"\n%%EOF"
CHANGES: dict[str, Callable[[bytes], bytes]] = {
    "altered": lambda content: content[:-1] + b"G",
    "altered-first": lambda content: b"<html>" + content[6:],
    "cut": lambda content: content[:-1],
    "emptied": lambda _content: b"",
    "grown": lambda content: content + b"\n" * (2 * IN_ADVANCE),
}

Change = Callable[[str, bytes], None]


@pytest.fixture(params=["folder", pytest.param("bucket", marks=pytest.mark.services)])
def change(request: pytest.FixtureRequest, app: Flask, config: Config) -> Change:
    """What changes the bytes of an address behind the program's back."""
    if request.param == "bucket":
        bucket: Bucket = request.getfixturevalue("bucket")
        app.extensions[context.STORE] = BucketStore(bucket.settings)
        return lambda sha256, content: bucket.client.put_object(
            Bucket=bucket.name, Key=f"lianban/{sha256[:2]}/{sha256}", Body=content
        )
    return lambda sha256, content: _overwrite(config.attachments_dir / sha256[:2] / sha256, content)


def _overwrite(path: Path, content: bytes) -> None:
    path.chmod(0o600)
    path.write_bytes(content)


def laid(api: Api, content: bytes) -> tuple[str, str]:
    """Lay a paper; return its path and address."""
    path = f"/cases/{quote(api.open())}/documents"
    # Encoded by hand: the test client would leave a temporary file of its own behind.
    head = b'--b\r\nContent-Disposition: form-data; name="item"\r\n\r\nprospectus\r\n'
    file = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n\r\n' + content
    body = head + file + b"\r\n--b--\r\n"
    added = api.post(path, APPLICANT, data=body, content_type="multipart/form-data; boundary=b")
    assert added.status_code == 201, added.text
    return f"{path}/{added.json['id']}", added.json["sha256"]


def test_a_small_file_that_changed_is_refused_and_logged(api: Api, visitor: FlaskClient, change: Change) -> None:
    path, sha256 = laid(api, SMALL)
    enter(visitor)
    for how, to in CHANGES.items():
        change(sha256, to(SMALL))
        for part in ("", "/preview"):
            with capture_logs() as logs:
                answer = api.get(f"{path}{part}", "jr.handler")
            assert (answer.status_code, answer.mimetype) == (500, "application/problem+json"), how
            assert answer.json["code"] == "file-damaged"
            assert "ETag" not in answer.headers
            found = [(line["event"], line["log_level"], line["sha256"]) for line in logs if "sha256" in line]
            assert found == [("file-damaged", "warning", sha256)]
    english = api.get(path, "jr.handler", headers={"Accept-Language": "en"}).json
    assert english["title"] == "The file is damaged"
    page = visitor.get(path)
    assert (page.status_code, page.mimetype) == (500, "text/html")
    assert "文件已损坏" in page.text
    assert "ETag" not in page.headers


def test_a_large_file_that_changed_breaks_off_before_its_end(api: Api, change: Change) -> None:
    path, sha256 = laid(api, LARGE)
    for how, to in CHANGES.items():
        change(sha256, to(LARGE))
        for part in ("", "/preview"):
            answer = api.get(f"{path}{part}", "jr.handler")
            if how == "emptied" or (part, how) == ("/preview", "altered-first"):
                assert answer.status_code == 500, "known before the first byte"
                continue
            assert (answer.status_code, answer.content_length) == (200, len(LARGE)), how
            sent = []
            with pytest.raises(DamagedError):
                sent.extend(answer.iter_encoded())
            answer.close()
            assert 0 < sum(map(len, sent)) < len(LARGE), how


def test_a_large_file_that_is_whole_comes_whole(api: Api, change: Change) -> None:
    path, sha256 = laid(api, LARGE)
    change(sha256, LARGE)
    for part in ("", "/preview"):
        answer = api.get(f"{path}{part}", "jr.handler")
        assert answer.data == LARGE
        assert answer.headers["ETag"] == f'"{sha256}"'
        answer.close()
        kept = {"If-None-Match": answer.headers["ETag"]}
        again = api.get(f"{path}{part}", "jr.handler", headers=kept)
        assert (again.status_code, again.data) == (304, b"")
        asked = api.call("HEAD", f"{path}{part}", "jr.handler")
        assert (asked.status_code, asked.content_length, asked.data) == (200, len(LARGE), b"")
        other = api.get(f"{path}{part}", "jr.handler", headers={"If-Match": '"other"'})
        assert (other.status_code, other.data) == (412, b"")
        ranged = api.get(f"{path}{part}", "jr.handler", headers={"Range": "bytes=0-9"})
        assert (ranged.status_code, ranged.data) == (200, LARGE), "parts are not given out"
        ranged.close()


def test_a_copy_tells_which_papers_are_lacking(api: Api, app: Flask, config: Config, tmp_path: Path) -> None:
    (path, changed), (_path, gone) = laid(api, SMALL), laid(api, SMALL + b"\n")
    assert write_backup(config, tmp_path / "whole.tar.gz").lacking == ()
    _overwrite(config.attachments_dir / changed[:2] / changed, SMALL[:-1])
    (config.attachments_dir / gone[:2] / gone).unlink()
    number = unquote(path.split("/")[2])
    with pytest.raises(BackupError, match=re.escape(f"{number} a.pdf ({changed})")) as lacking:
        write_backup(config, tmp_path / "copy.tar.gz")
    assert gone in str(lacking.value)
    assert not (tmp_path / "copy.tar.gz").exists()
    assert len(write_backup(config, tmp_path / "copy.tar.gz", incomplete=True).lacking) == 2
    read_backup(config, tmp_path / "copy.tar.gz", force=True)
    assert api.get(path, "jr.handler").status_code == 500, "the copy has nothing better"
    read_backup(config, tmp_path / "whole.tar.gz", force=True)
    api.tokens.clear()  # they are younger than the copy
    assert api.get(path, "jr.handler").data == SMALL


def test_a_copy_misses_no_paper_that_was_removed_for_a_virus(
    api: Api, app: Flask, config: Config, clock: FixedClock, tmp_path: Path
) -> None:
    _path, sha256 = laid(api, SMALL)
    with app.app_context(), writing() as session:
        now = clock.now()
        session.add(ContentScan(sha256=sha256, status="infected", signature="X", attempts=1, asked_at=now))
    (config.attachments_dir / sha256[:2] / sha256).unlink()
    assert write_backup(config, tmp_path / "copy.tar.gz").lacking == ()


def test_a_client_sees_that_a_download_failed(app: Flask, api: Api, config: Config) -> None:
    path, sha256 = laid(api, LARGE)
    with serving(app) as port:
        assert fetch(port, path, api) == hashlib.sha256(LARGE).hexdigest()
        _overwrite(config.attachments_dir / sha256[:2] / sha256, LARGE[:-1] + b"G")
        with pytest.raises(http.client.IncompleteRead):
            fetch(port, path, api)
        _overwrite(config.attachments_dir / sha256[:2] / sha256, LARGE)
        assert fetch(port, path, api) == sha256, "the server goes on"


def fetch(port: int, path: str, api: Api) -> str:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("GET", ROOT + path, headers={"Authorization": f"Bearer {api.token('jr.handler')}"})
        answer = connection.getresponse()
        assert answer.status == 200
        return hashlib.sha256(answer.read()).hexdigest()
    finally:
        connection.close()


@contextmanager
def serving(app: Flask) -> Iterator[int]:
    """Serve an application as the embedded server does."""
    server = waitress.create_server(app, host="127.0.0.1", port=0, threads=2)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield server.effective_port
    finally:
        server.close()
        server.task_dispatcher.shutdown()
        thread.join(10)
