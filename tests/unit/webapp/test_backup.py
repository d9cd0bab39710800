"""Copies: complete, checked, and never brought back over something by accident."""

from __future__ import annotations

import dataclasses
import io
import tarfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from config import Config
from tests.conftest import TEST_SECRET
from webapp.commands.backup import BackupError, read_backup, write_backup
from webapp.database import build_engine
from webapp.jobs.lease import Lease
from webapp.schema import migrate


@pytest.fixture
def config(database_url: str, tmp_path: Path) -> Config:
    if database_url.startswith("sqlite"):
        database_url = f"sqlite:///{tmp_path / 'lianban.sqlite3'}"
        migrate(database_url)
    (tmp_path / "attachments" / "ab").mkdir(parents=True)
    (tmp_path / "attachments" / "ab" / "paper").write_bytes(b"material")
    return Config(
        environment="development",
        data_dir=tmp_path,
        database_url=database_url,
        broker_url="filesystem://",
        secret_key=TEST_SECRET,
    )


def holders(config: Config, *add: str) -> list[str]:
    engine = build_engine(config.database_url)
    with Session(engine) as session:
        session.add_all([Lease(name=name, holder=name, expires_at=datetime(2019, 1, 1, tzinfo=UTC)) for name in add])
        session.commit()
        found = list(session.scalars(select(Lease.holder).order_by(Lease.name)))
    engine.dispose()
    return found


def test_what_was_kept_comes_back(config: Config, tmp_path: Path) -> None:
    holders(config, "before")
    write_backup(config, tmp_path / "copy.tar.gz")
    holders(config, "since")
    (config.attachments_dir / "ab" / "paper").unlink()
    read_backup(config, tmp_path / "copy.tar.gz", force=True)
    assert holders(config) == ["before"]
    assert (config.attachments_dir / "ab" / "paper").read_bytes() == b"material"


def test_a_database_in_use_is_not_overwritten(config: Config, tmp_path: Path) -> None:
    holders(config, "before")
    write_backup(config, tmp_path / "copy.tar.gz")
    holders(config, "since")
    with pytest.raises(BackupError, match="not empty"):
        read_backup(config, tmp_path / "copy.tar.gz", force=False)
    assert holders(config) == ["before", "since"]


def test_a_copy_is_not_overwritten(config: Config, tmp_path: Path) -> None:
    write_backup(config, tmp_path / "copy.tar.gz")
    with pytest.raises(BackupError, match="exists already"):
        write_backup(config, tmp_path / "copy.tar.gz")


def test_a_damaged_copy_changes_nothing(config: Config, tmp_path: Path) -> None:
    holders(config, "before")
    write_backup(config, tmp_path / "copy.tar.gz")
    with tarfile.open(tmp_path / "copy.tar.gz") as good, tarfile.open(tmp_path / "bad.tar.gz", "w:gz") as bad:
        for member in good.getmembers():
            content = good.extractfile(member)
            data = content.read() if content else b""
            if member.name.startswith("attachments"):
                data = data.replace(b"material", b"Material")
            bad.addfile(member, io.BytesIO(data))
    with pytest.raises(BackupError, match="ab/paper in the copy is missing or damaged"):
        read_backup(config, tmp_path / "bad.tar.gz", force=True)
    assert holders(config) == ["before"]


def test_what_is_no_copy_is_refused(config: Config, tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("not a copy")
    with pytest.raises(BackupError, match="is not a copy made by this program"):
        read_backup(config, tmp_path / "note.txt", force=True)


def test_there_must_be_a_database_to_copy(config: Config, tmp_path: Path) -> None:
    if config.embedded_database:
        none = dataclasses.replace(config, database_url=f"sqlite:///{tmp_path / 'none.sqlite3'}")
        with pytest.raises(BackupError, match="there is no database"):
            write_backup(none, tmp_path / "copy.tar.gz")
        assert not (tmp_path / "copy.tar.gz").exists()
