"""Copies of everything that is kept: database and materials in one file, with a checksum for each part.

Materials are copied from and brought back to wherever the settings keep them: the data folder or a bucket. A copy of
the one can be brought back to the other.

The copy is consistent while the program runs: SQLite's online backup, PostgreSQL's `pg_dump`. Materials are never
changed once written, so those the database names are complete if they are copied after it.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import inspect, select
from sqlalchemy.engine import URL

from config import BucketSettings, Config
from webapp.adapters.storage import StoreAwayError
from webapp.database import build_engine, database_url
from webapp.models import load_models
from webapp.schema import heads
from workflows.persistence import Base

MANIFEST = "manifest.json"
DATABASE = {"sqlite": "database.sqlite3", "postgresql": "database.pgdump"}
MATERIALS = "attachments"
FORMAT = 1


class BackupError(Exception):
    """The copy cannot be written or brought back; nothing was changed."""


def write_backup(config: Config, target: Path) -> int:
    """Write database and materials to `target`; return its size in bytes.

    Raises:
        BackupError: `target` exists, or the database's own tool is missing or fails.
    """
    if target.exists():
        raise BackupError(f"{target} exists already")
    url = database_url(config.database_url)
    kind = url.get_backend_name()
    with tempfile.TemporaryDirectory(dir=_folder_for(target)) as folder:
        database = Path(folder) / DATABASE[kind]
        _copy_sqlite(Path(url.database or ""), database) if kind == "sqlite" else _dump_postgresql(url, database)
        parts = {database.name: database}
        materials = _fetch_bucket(config.bucket, Path(folder)) if config.bucket else config.attachments_dir
        parts |= {f"{MATERIALS}/{name}": path for name, path in _files(materials)}
        draft = Path(folder) / "draft.tar.gz"
        _write_archive(draft, parts, kind)
        size = draft.stat().st_size
        draft.replace(target)
    return size


def read_backup(config: Config, source: Path, *, force: bool) -> None:
    """Bring back what `source` holds, after checking every part of it.

    Raises:
        BackupError: a part is missing or changed, the copy is of another kind of database, or the database is not
            empty and `force` was not given.
    """
    url = database_url(config.database_url)
    kind = url.get_backend_name()
    config.data_dir.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=config.data_dir) as name:
        folder = Path(name)
        _unpack(source, folder)
        if not (folder / DATABASE[kind]).exists():
            raise BackupError(f"the copy is not of a {kind} database")
        if not force and _has_rows(config.database_url):
            raise BackupError("the database is not empty; --force replaces it")
        if kind == "sqlite":
            _copy_sqlite(folder / DATABASE[kind], Path(url.database or ""))
        else:
            _load_postgresql(url, folder / DATABASE[kind])
        if config.bucket:
            _fill_bucket(config.bucket, folder / MATERIALS)
        else:
            shutil.copytree(folder / MATERIALS, config.attachments_dir, dirs_exist_ok=True)


def _fetch_bucket(settings: BucketSettings, folder: Path) -> Path:
    """Fetch every file of a bucket into a folder, laid out as the data folder has them."""
    from webapp.adapters.bucket import BucketStore

    store, target = BucketStore(settings), folder / MATERIALS
    try:
        for sha256 in store.addresses():
            place = target / sha256[:2] / sha256
            place.parent.mkdir(parents=True, exist_ok=True)
            with closing(store.open(sha256)) as content, place.open("wb") as file:
                shutil.copyfileobj(content, file)
            if _sha256(place) != sha256:
                raise BackupError(f"{sha256} in the bucket is damaged")
    except StoreAwayError as error:
        raise BackupError(f"the bucket cannot be read: {error}") from error
    return target


def _fill_bucket(settings: BucketSettings, materials: Path) -> None:
    from webapp.adapters.bucket import BucketStore

    store = BucketStore(settings)
    try:
        for _name, path in _files(materials):
            with path.open("rb") as content:
                store.put(content, limit=path.stat().st_size)
    except StoreAwayError as error:
        raise BackupError(f"the database is back, the bucket cannot be written: {error}") from error


def _copy_sqlite(source: Path, target: Path) -> None:
    if not source.exists():
        raise BackupError(f"there is no database at {source}")
    target.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(source)) as reading, closing(sqlite3.connect(target)) as writing:
        reading.backup(writing)


def _dump_postgresql(url: URL, target: Path) -> None:
    _run_tool("pg_dump", "--format=custom", "--no-owner", f"--file={target}", f"--dbname={_plain(url)}")


def _load_postgresql(url: URL, source: Path) -> None:
    _run_tool(
        "pg_restore",
        "--clean",
        "--if-exists",
        "--no-owner",
        "--single-transaction",
        f"--dbname={_plain(url)}",
        str(source),
    )


def _plain(url: URL) -> str:
    return url.set(drivername="postgresql").render_as_string(hide_password=False)


def _run_tool(name: str, *arguments: str) -> None:
    path = shutil.which(name)
    if path is None:
        raise BackupError(f"{name} is not on this machine; it comes with PostgreSQL's client programs")
    done = subprocess.run((path, *arguments), capture_output=True, text=True, check=False)  # noqa: S603  # no shell
    if done.returncode:
        # The last line says what is wrong; the arguments may carry a password and are not shown.
        raise BackupError(f"{name}: {done.stderr.strip().splitlines()[-1:]}")


def _write_archive(draft: Path, parts: dict[str, Path], kind: str) -> None:
    manifest = {
        "format": FORMAT,
        "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "database": kind,
        "structure": list(heads()),
        "sha256": {name: _sha256(path) for name, path in sorted(parts.items())},
    }
    listing = draft.with_name(MANIFEST)
    listing.write_text(json.dumps(manifest, ensure_ascii=False, indent=1))
    with tarfile.open(draft, "w:gz", compresslevel=6) as archive:
        archive.add(listing, MANIFEST)
        for name, path in sorted(parts.items()):
            archive.add(path, name, recursive=False)


def _unpack(source: Path, folder: Path) -> None:
    try:
        with tarfile.open(source, "r:gz") as archive:
            archive.extractall(folder, filter="data")
        manifest = json.loads((folder / MANIFEST).read_text())
        sums: dict[str, str] = manifest["sha256"]
    except (tarfile.TarError, OSError, EOFError, ValueError, KeyError) as error:
        raise BackupError(f"{source} is not a copy made by this program: {error}") from error
    if manifest["format"] != FORMAT or manifest["structure"] != list(heads()):
        raise BackupError("the copy was made by another version of the program; bring it back with that one")
    for name, expected in sums.items():
        part = folder / name
        if not part.is_file() or _sha256(part) != expected:
            raise BackupError(f"{name} in the copy is missing or damaged")
    (folder / MATERIALS).mkdir(exist_ok=True)


def _has_rows(url: str) -> bool:
    load_models()
    engine = build_engine(url)
    try:
        with engine.connect() as connection:
            there = set(inspect(connection).get_table_names())
            tables = [table for table in Base.metadata.sorted_tables if table.name in there]
            return any(connection.execute(select(table).limit(1)).first() for table in tables)
    finally:
        engine.dispose()


def _files(folder: Path) -> Iterator[tuple[str, Path]]:
    for path in sorted(folder.rglob("*")) if folder.exists() else ():
        if path.is_file():
            yield path.relative_to(folder).as_posix(), path


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _folder_for(target: Path) -> Path:
    folder = target.resolve().parent
    if not folder.is_dir():
        raise BackupError(f"there is no folder {folder}")
    return folder
