"""Copies: complete, checked, and never brought back over something by accident."""

from __future__ import annotations

import dataclasses
import errno
import hashlib
import io
import json
import os
import subprocess
import sys
import tarfile
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import select
from sqlalchemy.orm import Session

from config import ROOT, Config
from tests.conftest import TEST_SECRET
from tests.launching import environment
from webapp.adapters.storage import AttachmentStore
from webapp.cli import main
from webapp.commands.backup import write_backup
from webapp.commands.copies import BackupError
from webapp.commands.restore import read_backup
from webapp.database import build_engine
from webapp.jobs.lease import Lease
from webapp.schema import migrate

MATERIAL = b"material"
ADDRESS = hashlib.sha256(MATERIAL).hexdigest()


def place(config: Config) -> Path:
    return config.attachments_dir / ADDRESS[:2] / ADDRESS


@pytest.fixture
def config(database_url: str, tmp_path: Path) -> Config:
    if database_url.startswith("sqlite"):
        database_url = f"sqlite:///{tmp_path / 'lianban.sqlite3'}"
        migrate(database_url)
    AttachmentStore(tmp_path / "attachments").put(io.BytesIO(MATERIAL), limit=100)
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
    place(config).unlink()
    read_backup(config, tmp_path / "copy.tar.gz", force=True)
    assert holders(config) == ["before"]
    assert place(config).read_bytes() == MATERIAL


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
    with pytest.raises(BackupError, match=f"{ADDRESS} in the copy is missing or damaged"):
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


def names(copy: Path) -> set[str]:
    with tarfile.open(copy) as archive:
        return set(archive.getnames())


def test_an_upload_under_way_is_no_part_of_the_copy(config: Config, tmp_path: Path) -> None:
    draft = config.attachments_dir / "incoming" / "draft"
    draft.write_bytes(b"first part")
    (config.attachments_dir / "notes.txt").write_text("somebody's own")
    write_backup(config, tmp_path / "copy.tar.gz")
    parts = {name for name in names(tmp_path / "copy.tar.gz") if name.startswith("attachments/")}
    assert parts == {f"attachments/{ADDRESS[:2]}/{ADDRESS}"}


def test_a_copy_with_an_upload_that_went_on_comes_back(config: Config, tmp_path: Path) -> None:
    """As earlier versions wrote them: the hash of the first part, and what had become of it."""
    holders(config, "before")
    write_backup(config, tmp_path / "copy.tar.gz")
    with tarfile.open(tmp_path / "copy.tar.gz") as good, tarfile.open(tmp_path / "old.tar.gz", "w:gz") as old:
        for member in good.getmembers():
            content = good.extractfile(member)
            data = content.read() if content else b""
            if member.name == "manifest.json":
                manifest = json.loads(data)
                manifest["sha256"]["attachments/incoming/draft"] = "0" * 64
                data = json.dumps(manifest).encode()
            member.size = len(data)
            old.addfile(member, io.BytesIO(data))
        upload = tarfile.TarInfo("attachments/incoming/draft")
        old.addfile(upload, io.BytesIO(b""))
    read_backup(config, tmp_path / "old.tar.gz", force=True)
    assert holders(config) == ["before"]
    assert not (config.attachments_dir / "incoming" / "draft").exists()


def test_a_file_that_goes_while_it_is_copied_and_that_nothing_needs_is_left_out(
    config: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = AttachmentStore.addresses

    def sweep_after(store: AttachmentStore) -> list[str]:
        found = list(listed(store))
        place(config).unlink()
        return found

    monkeypatch.setattr(AttachmentStore, "addresses", sweep_after)
    written = write_backup(config, tmp_path / "copy.tar.gz")
    assert written.lacking == ()
    read_backup(config, tmp_path / "copy.tar.gz", force=True)


def test_a_damaged_file_that_nothing_needs_is_left_out(config: Config, tmp_path: Path) -> None:
    overwrite(place(config), b"Material")
    write_backup(config, tmp_path / "copy.tar.gz")
    assert not [name for name in names(tmp_path / "copy.tar.gz") if name.startswith("attachments/")]


def overwrite(path: Path, content: bytes) -> None:
    path.chmod(0o600)
    path.write_bytes(content)
    path.chmod(0o440)


def test_files_that_are_there_stay_and_damaged_ones_are_replaced(config: Config, tmp_path: Path) -> None:
    write_backup(config, tmp_path / "copy.tar.gz")
    before = place(config).stat()
    read_backup(config, tmp_path / "copy.tar.gz", force=True)
    assert place(config).stat().st_ino == before.st_ino
    overwrite(place(config), b"Material")
    read_backup(config, tmp_path / "copy.tar.gz", force=True)
    assert place(config).read_bytes() == MATERIAL
    assert place(config).stat().st_mode & 0o777 == 0o440


def test_where_the_files_cannot_be_written_the_database_stays(config: Config, tmp_path: Path) -> None:
    holders(config, "before")
    write_backup(config, tmp_path / "copy.tar.gz")
    holders(config, "since")
    place(config).unlink()
    place(config).parent.rmdir()
    place(config).parent.write_text("a file where a folder belongs")
    with pytest.raises(BackupError, match="材料写不进文件库，数据库未动"):
        read_backup(config, tmp_path / "copy.tar.gz", force=True)
    assert holders(config) == ["before", "since"]


AS_NOBODY = """
import io, os, sys
from pathlib import Path
from config import Config
from webapp.adapters.storage import AttachmentStore
from webapp.commands.backup import write_backup
from webapp.commands.restore import read_backup
from webapp.schema import migrate

folder = Path(sys.argv[1])
config = Config.from_env()
migrate(config.database_url)
write_backup(config, folder / "first.tar.gz")
read_backup(config, folder / "first.tar.gz", force=True)  # all is loaded now: the program may not be readable to others
for path in (folder, *folder.rglob("*")):
    os.chown(path, 65534, 65534)
os.setgroups([]); os.setgid(65534); os.setuid(65534)
store = AttachmentStore(config.attachments_dir)
whole, damaged = (store.path(store.put(io.BytesIO(content), limit=100).sha256) for content in (b"whole", b"damaged"))
write_backup(config, folder / "copy.tar.gz")
damaged.chmod(0o600); damaged.write_bytes(b"other"); damaged.chmod(0o440)
read_backup(config, folder / "copy.tar.gz", force=True)
assert (whole.read_bytes(), damaged.read_bytes()) == (b"whole", b"damaged")
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_a_user_who_may_not_overwrite_the_kept_files_brings_a_copy_back() -> None:
    with tempfile.TemporaryDirectory(prefix="lianban-copies-") as folder:
        command = (sys.executable, "-c", AS_NOBODY, folder)
        done = subprocess.run(command, env=environment(Path(folder)), cwd=ROOT, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr


def test_what_goes_wrong_with_files_is_said_in_one_line(
    config: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_given: object, **_more: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    def said(*command: str) -> str:
        answer = CliRunner(env={"LIANBAN_DATA_DIR": str(tmp_path), "DATABASE_URL": config.database_url}).invoke(
            main, [*command, str(tmp_path / "copy.tar.gz")]
        )
        assert (answer.exit_code, answer.output.count("\n")) == (1, 1)
        assert isinstance(answer.exception, SystemExit)
        return answer.output

    with monkeypatch.context() as patch:
        patch.setattr(tarfile.TarFile, "addfile", full)
        assert said("backup") == "Error: 未能备份 · Not backed up: [Errno 28] No space left on device\n"
    assert [path.name for path in tmp_path.glob("tmp*")] == []
    write_backup(config, tmp_path / "copy.tar.gz")
    assert said("backup").startswith("Error: 未能备份 · Not backed up: ")
    assert "已存在 · " in said("backup")
    with monkeypatch.context() as patch:
        patch.setattr(tarfile.TarFile, "extractall", full)
        assert said("restore", "--force") == "Error: 未能恢复 · Not restored: [Errno 28] No space left on device\n"


@pytest.mark.parametrize("part", ["head", "middle"])
def test_a_copy_that_was_cut_or_changed_anywhere_is_refused(config: Config, tmp_path: Path, part: str) -> None:
    write_backup(config, tmp_path / "copy.tar.gz")
    data = (tmp_path / "copy.tar.gz").read_bytes()
    at = {"head": 1, "middle": len(data) // 2}[part]
    for changed in (data[:at], data[:at] + bytes([data[at] ^ 0xFF]) * 40 + data[at + 40 :]):
        (tmp_path / "bad.tar.gz").write_bytes(changed)
        with pytest.raises(BackupError):
            read_backup(config, tmp_path / "bad.tar.gz", force=True)
