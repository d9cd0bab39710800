"""Papers whose bytes lie in a bucket: stored, read, scanned, swept, copied; what is said when it is away."""

from __future__ import annotations

import dataclasses
import hashlib
import io
from contextlib import closing
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from config import Config
from tests.api.conftest import Api
from tests.api.pages import enter
from tests.clamav import EICAR, Scanner
from tests.launching import free_port
from tests.swift import Bucket
from webapp import context
from webapp.adapters.bucket import BucketStore
from webapp.adapters.storage import AttachmentStore
from webapp.commands.backup import write_backup
from webapp.commands.copies import BackupError
from webapp.commands.restore import read_backup
from webapp.jobs.housekeeping import sweep_attachments
from webapp.jobs.scans import scan_papers
from workflows.clock import FixedClock

pytestmark = pytest.mark.services

APPLICANT = "enterprise-a.applicant"
PDF = b"%PDF-1.4\n" + b"%" * 300_000 + b"\n%%EOF"
SHA256 = hashlib.sha256(PDF).hexdigest()


@pytest.fixture
def config(config: Config, bucket: Bucket) -> Config:
    return dataclasses.replace(config, bucket=bucket.settings)


@pytest.fixture
def number(api: Api) -> str:
    return api.open()


def upload(api: Api, number: str, content: bytes = PDF) -> TestResponse:
    data = {"item": "prospectus", "file": (io.BytesIO(content), "说明书.pdf")}
    return api.post(f"/cases/{quote(number)}/documents", APPLICANT, data=data, content_type="multipart/form-data")


def test_a_paper_goes_to_the_bucket_and_comes_back_through_the_program(
    api: Api, number: str, bucket: Bucket, config: Config
) -> None:
    added = upload(api, number).json
    assert set(bucket.keys()) == {f"lianban/{SHA256[:2]}/{SHA256}"}
    assert not config.attachments_dir.exists()
    path = f"/cases/{quote(number)}/documents/{added['id']}"
    got = api.get(path, "jr.handler")
    assert got.data == PDF
    assert got.headers["Content-Disposition"].startswith("attachment")
    assert got.headers["X-Content-Type-Options"] == "nosniff"
    assert api.get(f"{path}/preview", "jr.handler").data == PDF
    assert api.get(path, "cz.handler").status_code == 404
    bucket.client.delete_object(Bucket=bucket.name, Key=f"lianban/{SHA256[:2]}/{SHA256}")
    assert api.get(path, "jr.handler").status_code == 404


def test_infected_bytes_leave_the_bucket(
    api: Api, app: Flask, number: str, bucket: Bucket, clamd: Scanner, config: Config
) -> None:
    app.extensions[context.CONFIG] = dataclasses.replace(config, scanner=clamd.address)
    upload(api, number)
    upload(api, number, b"%PDF-1.4\n" + EICAR + b"%%EOF")
    assert len(bucket.keys()) == 2
    scan_papers()
    assert set(bucket.keys()) == {f"lianban/{SHA256[:2]}/{SHA256}"}


def sweep_all(bucket: Bucket, clock: FixedClock) -> None:
    """Let more than a day pass, then the hours in which the sweep has seen everything."""
    day = max(bucket.keys().values()).astimezone(UTC).date() + timedelta(days=2)
    for hour in range(16):
        clock.at = datetime.combine(day, time(hour), UTC)
        sweep_attachments()


def test_the_sweep_removes_what_no_paper_names_in_two_steps_and_no_other(
    api: Api, app: Flask, number: str, bucket: Bucket, clock: FixedClock
) -> None:
    upload(api, number)
    store = app.extensions[context.STORE]
    orphan = store.put(io.BytesIO(b"refused"), limit=100).sha256
    kept = f"lianban/{SHA256[:2]}/{SHA256}"

    sweep_attachments()
    assert set(bucket.keys()) == {kept, f"lianban/{orphan[:2]}/{orphan}"}
    sweep_all(bucket, clock)
    assert set(bucket.keys()) == {kept, f"lianban/leaving/{orphan}"}
    sweep_all(bucket, clock)
    assert set(bucket.keys()) == {kept}


def test_a_paper_laid_aside_at_the_moment_it_was_needed_goes_back(
    api: Api, app: Flask, number: str, bucket: Bucket, clock: FixedClock
) -> None:
    """The sweep looked before the paper was committed, and deleted after its bytes had been put."""
    upload(api, number)
    store = app.extensions[context.STORE]
    store.forget([SHA256], max(bucket.keys().values()) + timedelta(seconds=1))
    assert set(bucket.keys()) == {f"lianban/leaving/{SHA256}"}
    sweep_all(bucket, clock)
    assert set(bucket.keys()) == {f"lianban/{SHA256[:2]}/{SHA256}"}


def test_while_the_bucket_is_away_papers_are_out_of_reach_and_nothing_changes(
    api: Api, app: Flask, number: str, config: Config, visitor: FlaskClient
) -> None:
    added = upload(api, number).json
    assert config.bucket is not None
    away = dataclasses.replace(config.bucket, endpoint=f"http://127.0.0.1:{free_port()}")
    app.extensions[context.STORE] = BucketStore(away)
    path = f"/cases/{quote(number)}/documents"
    for answer in (upload(api, number), api.get(f"{path}/{added['id']}", "jr.handler")):
        assert answer.status_code == 503
        assert (answer.mimetype, answer.json["code"]) == ("application/problem+json", "store-away")
        assert answer.json["detail"] == "文件暂时存取不了，内容未变，请过几分钟再试"
        assert answer.headers["Retry-After"]
    assert len(api.ok("GET", path, "jr.handler")["items"]) == 1
    enter(visitor)
    page = visitor.get(f"/cases/{quote(number)}/documents/{added['id']}")
    assert page.status_code == 503
    assert "文件暂时存取不了" in page.text


def test_a_full_disk_is_said_as_well(api: Api, app: Flask, number: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    app.extensions[context.STORE] = AttachmentStore(tmp_path / "file" / "attachments")
    assert upload(api, number).status_code == 503


def test_a_copy_holds_the_bucket_and_can_be_brought_back_to_a_folder(
    api: Api, number: str, bucket: Bucket, config: Config, tmp_path: Path
) -> None:
    upload(api, number)
    write_backup(config, tmp_path / "copy.tar.gz")
    store = BucketStore(bucket.settings)
    store.remove(SHA256)
    read_backup(config, tmp_path / "copy.tar.gz", force=True)
    with closing(store.open(SHA256)) as content:
        assert content.read() == PDF
    read_backup(dataclasses.replace(config, bucket=None), tmp_path / "copy.tar.gz", force=True)
    assert (config.attachments_dir / SHA256[:2] / SHA256).read_bytes() == PDF


def test_a_damaged_object_is_named_and_left_out_only_if_asked(
    api: Api, number: str, bucket: Bucket, config: Config, tmp_path: Path
) -> None:
    upload(api, number)
    bucket.client.put_object(Bucket=bucket.name, Key=f"lianban/{SHA256[:2]}/{SHA256}", Body=PDF[:-1])
    with pytest.raises(BackupError, match=SHA256):
        write_backup(config, tmp_path / "copy.tar.gz")
    assert write_backup(config, tmp_path / "copy.tar.gz", incomplete=True).lacking == (
        f"{number} 说明书.pdf ({SHA256})",
    )


def test_a_bucket_that_is_away_leaves_no_copy_and_the_database_as_it_was(
    api: Api, number: str, config: Config, tmp_path: Path
) -> None:
    upload(api, number)
    write_backup(config, tmp_path / "copy.tar.gz")
    assert config.bucket is not None
    away = dataclasses.replace(config.bucket, endpoint=f"http://127.0.0.1:{free_port()}")
    with pytest.raises(BackupError, match="the file store cannot be read"):
        write_backup(dataclasses.replace(config, bucket=away), tmp_path / "other.tar.gz")
    upload(api, number, PDF + b"\n")
    with pytest.raises(BackupError, match="the materials cannot be written"):
        read_backup(dataclasses.replace(config, bucket=away), tmp_path / "copy.tar.gz", force=True)
    assert len(api.ok("GET", f"/cases/{quote(number)}/documents", "jr.handler")["items"]) == 2
