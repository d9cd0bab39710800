"""查毒: what the scanner says decides over papers, and what waits for it outlives everything."""

from __future__ import annotations

import contextlib
import io
import os
import signal
import socket
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from sqlalchemy import select

from config import ROOT, Config
from tests.api.conftest import Api, fields
from tests.api.scanned import APPLICANT, INFECTED, PDF, state, upload, use
from tests.clamav import SIGNATURE, Scanner, clean, liar, read_stream
from tests.conftest import CountingWaker
from tests.factories.cases import issuer
from tests.launching import environment
from webapp import context
from webapp.jobs.beat import SWEEPS
from webapp.jobs.housekeeping import sweep_attachments
from webapp.jobs.scans import scan_papers, sweep_scans
from webapp.transaction import WAKE, reading, writing
from workflows import audit
from workflows.audit import AuditEntry
from workflows.cases.materials.models import ContentScan
from workflows.cases.materials.scans import CLAIMED_FOR, claim_scan
from workflows.clock import FixedClock


@pytest.fixture
def number(api: Api) -> str:
    return api.open()


def open_file(api: Api, number: str, key: int, *, preview: bool = False) -> int:
    answer = api.get(f"/cases/{quote(number)}/documents/{key}{'/preview' if preview else ''}", "jr.handler")
    answer.get_data()
    answer.close()
    return answer.status_code


def stored(config: Config) -> set[str]:
    return {path.name for path in config.attachments_dir.glob("??/*")}


@pytest.mark.services
def test_a_clean_paper_is_held_until_it_was_scanned(api: Api, app: Flask, number: str, clamd: Scanner) -> None:
    use(app, clamd.address)
    waker: CountingWaker = app.extensions[WAKE]
    before = waker.calls
    added = upload(api, number, PDF).json
    assert (added["status"], waker.calls) == ("held", before + 1)
    assert open_file(api, number, added["id"]) == open_file(api, number, added["id"], preview=True) == 409
    assert state(api, number) == ("held", ["held"])
    scan_papers()
    assert state(api, number) == ("supplied", ["current"])
    assert open_file(api, number, added["id"]) == open_file(api, number, added["id"], preview=True) == 200


@pytest.mark.services
def test_an_infected_paper_is_refused_removed_recorded_and_told(
    api: Api, app: Flask, config: Config, number: str, clamd: Scanner
) -> None:
    use(app, clamd.address)
    first = upload(api, number, PDF).json
    scan_papers()
    second = upload(api, number, INFECTED, name="全本.pdf").json
    assert stored(config) == {first["sha256"], second["sha256"]}
    scan_papers()
    assert stored(config) == {first["sha256"]}
    assert state(api, number) == ("supplied", ["current"]), "the version before it counts again"
    assert open_file(api, number, second["id"]) == open_file(api, number, second["id"], preview=True) == 409
    assert open_file(api, number, first["id"]) == 200
    told = api.ok("GET", "/notifications", APPLICANT)["items"][0]
    assert told["text"] == "“全本.pdf”中发现病毒，已拦截并删除，请查杀后重新上传"
    assert told["case_no"] == number
    english = api.ok("GET", "/notifications", APPLICANT, headers={"Accept-Language": "en"})["items"][0]
    assert "全本.pdf" in english["text"]
    assert "virus" in english["text"]
    events = api.ok("GET", f"/cases/{quote(number)}/events?limit=200", "jr.handler")["items"]
    assert [event["event"] for event in events].count("document.blocked") == 1
    with app.app_context():
        entry = reading().scalars(select(AuditEntry).where(AuditEntry.event == "document.blocked")).one()
        assert (entry.person_id, entry.payload["signature"]) == (None, SIGNATURE)
        assert audit.verify(reading()).ok
    again = upload(api, number, INFECTED)
    assert fields(again) == {"file"}
    assert SIGNATURE in again.json["errors"][0]["message"]


@pytest.mark.services
def test_an_applicant_does_not_learn_of_an_officers_own_paper(
    api: Api, app: Flask, number: str, clamd: Scanner
) -> None:
    use(app, clamd.address)
    data = {"kind": "note", "internal": "true", "file": (io.BytesIO(INFECTED), "内部.pdf")}
    task = api.task("jr.handler", "formal_check")
    api.ok("POST", f"/tasks/{task['id']}/claim", "jr.handler")
    path = f"/cases/{quote(number)}"
    sent = api.post(f"{path}/documents", "jr.handler", data=data, content_type="multipart/form-data")
    assert sent.status_code == 201, sent.text
    scan_papers()
    seen = {}
    for who in ("jr.handler", APPLICANT):
        events = api.ok("GET", f"{path}/events?limit=200", who)["items"]
        seen[who] = [event["event"] for event in events if event["event"].startswith("document.blocked")]
    assert seen == {"jr.handler": ["document.blocked-internally"], APPLICANT: []}
    assert [told["kind"] for told in api.ok("GET", "/notifications", "jr.handler")["items"]] == ["paper_blocked"]
    assert api.ok("GET", "/notifications", APPLICANT)["items"] == []


@pytest.mark.services
def test_a_paper_laid_again_while_its_virus_is_found_is_refused_or_recorded(
    api: Api, app: Flask, number: str, clamd: Scanner
) -> None:
    use(app, clamd.address)
    upload(api, number, INFECTED)
    other = api.open(issuers=[issuer(1, "YHQ")])
    with ThreadPoolExecutor(2) as pool:
        scanned = pool.submit(scan_papers)
        answer = upload(api, other, INFECTED)
        scanned.result()
    scan_papers()
    blocked = {path: state(api, path)[0] for path in (number, other)}
    assert blocked == {number: "missing", other: "missing"}
    with app.app_context():
        entries = reading().scalars(select(AuditEntry).where(AuditEntry.event == "document.blocked")).all()
    assert len(entries) == (2 if answer.status_code == 201 else 1)


def test_while_the_scanner_is_away_papers_wait_and_follow_when_it_is_back(
    api: Api, app: Flask, number: str, tmp_path: Path
) -> None:
    use(app, f"unix:{tmp_path}/liar")
    assert upload(api, number, PDF).json["status"] == "held"
    for _ in range(3):
        sweep_scans()
    assert state(api, number) == ("held", ["held"])
    with liar(tmp_path, clean):
        sweep_scans()
    assert state(api, number) == ("supplied", ["current"])
    assert sweep_scans in [sweep.job for sweep in SWEEPS]


def test_while_the_scanner_is_away_papers_are_refused_where_set_so(
    api: Api, app: Flask, config: Config, number: str, tmp_path: Path
) -> None:
    use(app, f"unix:{tmp_path}/none", scanner_away="refuse")
    answer = upload(api, number, PDF)
    assert fields(answer) == {"file"}
    assert answer.json["errors"][0]["code"] == "scanner-away"
    assert stored(config) == set()


def test_a_scanner_that_fails_on_a_file_is_asked_again_later_and_later(
    api: Api, app: Flask, number: str, clock: FixedClock, tmp_path: Path
) -> None:
    def say(connection: socket.socket, _command: bytes) -> None:
        read_stream(connection)
        connection.sendall(b"INSTREAM: Can't allocate memory ERROR\0")

    with liar(tmp_path, say) as found:
        use(app, found.address)
        upload(api, number, PDF)
        for pause, scans in ((0, 1), (29, 1), (1, 2), (59, 2), (1, 3)):
            clock.advance(timedelta(seconds=pause))
            sweep_scans()
            assert found.scans == scans
    assert state(api, number) == ("held", ["held"])


@pytest.mark.parametrize("found", [b"OK", b"Eicar FOUND"], ids=["clean", "infected"])
@pytest.mark.parametrize("changed", [b"%PDF-1.4\n%%EOG", PDF[:-1], PDF + b"\n"], ids=["altered", "cut", "grown"])
def test_what_is_said_of_other_bytes_than_the_papers_does_not_count(
    api: Api,
    app: Flask,
    config: Config,
    number: str,
    clock: FixedClock,
    tmp_path: Path,
    changed: bytes,
    found: bytes,
) -> None:
    def say(connection: socket.socket, _command: bytes) -> None:
        with contextlib.suppress(ConnectionError):
            read_stream(connection)
            connection.sendall(b"stream: " + found + b"\0")

    use(app, f"unix:{tmp_path}/liar")
    sha256 = upload(api, number, PDF).json["sha256"]
    path = config.attachments_dir / sha256[:2] / sha256
    path.chmod(0o600)
    path.write_bytes(changed)
    with liar(tmp_path, say):
        scan_papers()
        assert state(api, number) == ("held", ["held"])
        assert path.exists()
        path.write_bytes(PDF)
        clock.advance(timedelta(seconds=29))
        sweep_scans()
        assert state(api, number) == ("held", ["held"]), "asked again after a pause, as when the scanner fails"
        if found == b"OK":
            clock.advance(timedelta(seconds=1))
            sweep_scans()
            assert state(api, number) == ("supplied", ["current"])


def test_a_virus_said_to_be_in_a_part_of_other_bytes_does_not_count(
    api: Api, app: Flask, config: Config, number: str, tmp_path: Path
) -> None:
    def say(connection: socket.socket, _command: bytes) -> None:
        connection.sendall(b"stream: Eicar FOUND\0")

    use(app, f"unix:{tmp_path}/liar")
    sha256 = upload(api, number, PDF + bytes(400_000)).json["sha256"]
    path = config.attachments_dir / sha256[:2] / sha256
    path.chmod(0o600)
    path.write_bytes(INFECTED + bytes(400_000))
    with liar(tmp_path, say):
        scan_papers()
    assert state(api, number) == ("held", ["held"])
    assert path.exists()


def test_the_same_bytes_are_scanned_once_unless_what_was_said_is_too_old(
    api: Api, app: Flask, number: str, clock: FixedClock, tmp_path: Path
) -> None:
    with liar(tmp_path, clean) as found:
        use(app, found.address)
        upload(api, number, PDF)
        scan_papers()
        added = upload(api, number, PDF, item="registration").json
        assert added["status"] == "current"
        scan_papers()
        assert found.scans == 1
        use(app, found.address, scan_again_after=timedelta(days=30))
        api.wait_until(clock, clock.now() + timedelta(days=29))
        upload(api, number, PDF, item="issue_certificate")
        scan_papers()
        assert found.scans == 1
        api.wait_until(clock, clock.now() + timedelta(days=1))
        assert upload(api, number, PDF).json["status"] == "current", "looked at again, and readable meanwhile"
        scan_papers()
        assert found.scans == 2


@pytest.mark.services
def test_what_was_taken_for_a_virus_can_be_looked_at_again(
    api: Api, app: Flask, config: Config, number: str, clock: FixedClock, clamd: Scanner, tmp_path: Path
) -> None:
    use(app, clamd.address, scan_again_after=timedelta(days=1))
    upload(api, number, INFECTED)
    scan_papers()
    assert stored(config) == set()
    api.wait_until(clock, clock.now() + timedelta(days=1))
    with liar(tmp_path, clean) as found:
        use(app, found.address)
        assert upload(api, number, INFECTED).json["status"] == "held"
        scan_papers()
    assert state(api, number)[0] == "supplied"


@pytest.mark.services
def test_bytes_whose_removal_failed_are_swept(
    api: Api,
    app: Flask,
    config: Config,
    number: str,
    clamd: Scanner,
    clock: FixedClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    use(app, clamd.address)
    added = upload(api, number, INFECTED).json

    def fail(*_: object) -> None:
        raise OSError("the store is away")

    with monkeypatch.context() as patch:
        patch.setattr(type(app.extensions[context.STORE]), "remove", fail)
        scan_papers()
    assert stored(config) == {added["sha256"]}
    assert open_file(api, number, added["id"]) == 409
    os.utime(config.attachments_dir / added["sha256"][:2] / added["sha256"], (0, 0))
    for _ in range(16):
        clock.advance(timedelta(hours=1))
        sweep_attachments()
    assert stored(config) == set()


def test_a_killed_worker_leaves_its_file_to_the_next(
    api: Api, app: Flask, config: Config, number: str, clock: FixedClock, tmp_path: Path
) -> None:
    use(app, f"unix:{tmp_path}/liar")
    upload(api, number, PDF)
    over = threading.Event()
    with liar(tmp_path, lambda _connection, _command: over.wait(30) and None) as found:
        environ = environment(
            config.data_dir, DATABASE_URL=config.database_url, LIANBAN_SCANNER=found.address, BROKER_URL="filesystem://"
        )
        worker = subprocess.Popen(
            (
                sys.executable,
                "-c",
                "from webapp import create_app; from config import Config; from webapp.scanning import scan_waiting\n"
                "with create_app(Config.from_env()).app_context(): scan_waiting()",
            ),
            env=environ,
            cwd=ROOT,
        )
        assert found.asked.wait(60)
        os.kill(worker.pid, signal.SIGKILL)
        worker.wait()
        over.set()
    assert state(api, number) == ("held", ["held"])
    clock.at = datetime.now(UTC) + CLAIMED_FOR
    with liar_again(tmp_path) as found:
        scan_papers()
        assert found.scans == 1
    with app.app_context():
        assert reading().scalars(select(ContentScan.status)).one() == "clean"


def liar_again(tmp_path: Path) -> Any:
    (tmp_path / "liar").unlink()
    return liar(tmp_path, clean)


def test_two_workers_do_not_take_the_same_file(app: Flask, api: Api, number: str, tmp_path: Path) -> None:
    use(app, f"unix:{tmp_path}/none")
    upload(api, number, PDF)
    taken = []
    for _ in range(2):
        with app.app_context(), writing() as session:
            taken.append(claim_scan(session, clock=context.clock()))
    assert taken[0] is not None
    assert taken[1] is None
