"""Bringing back a copy: every part of it is checked first, then the materials, then the database.

Materials go to wherever the settings keep them, the data folder or a bucket; a copy of the one can be brought back to
the other. They replace nothing but damaged files, so the database may come last: whatever fails before it has changed
nothing that anybody sees.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import tarfile
import tempfile
import zlib
from contextlib import closing
from pathlib import Path

from config import Config
from webapp.adapters.storage import Checked, Store, StoreAwayError
from webapp.adapters.stores import build_store
from webapp.commands.copies import DATABASE, FORMAT, MANIFEST, MATERIALS, PAPER, BackupError, has_rows, load_database
from webapp.database import database_url
from webapp.schema import heads

_NO_COPY = (
    tarfile.TarError,
    gzip.BadGzipFile,
    zlib.error,
    FileNotFoundError,
    EOFError,
    ValueError,
    KeyError,
    TypeError,
)
"""What unpacking and reading the list may raise for a file of another make; other errors are the disk's."""


def read_backup(config: Config, source: Path, *, force: bool) -> None:
    """Bring back what `source` holds, after checking every part of it.

    Raises:
        BackupError: a part is missing or changed, the copy is of another kind of database, the database is not empty
            and `force` was not given, the materials cannot be written, or the database's own tool fails. The database
            was not changed.
        OSError: a file cannot be read or written. The database was not changed.
    """
    kind = database_url(config.database_url).get_backend_name()
    config.data_dir.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=config.data_dir) as name:
        folder = Path(name)
        papers = _unpack(source, folder)
        if not (folder / DATABASE[kind]).exists():
            raise BackupError(f"备份不是{kind}数据库的", f"the copy is not of a {kind} database")
        if not force and has_rows(config.database_url):
            raise BackupError("数据库非空，加--force才替换", "the database is not empty; --force replaces it")
        try:
            _bring_back(build_store(config), papers)
        except StoreAwayError as error:
            raise BackupError(
                f"材料写不进文件库，数据库未动：{error}", f"the materials cannot be written: {error}"
            ) from error
        load_database(config.database_url, folder / DATABASE[kind])


def _bring_back(store: Store, papers: dict[str, Path]) -> None:
    for sha256, path in papers.items():
        if not _is_whole(store, sha256):
            with path.open("rb") as content:
                store.put(content, limit=path.stat().st_size)


def _is_whole(store: Store, sha256: str) -> bool:
    try:
        with closing(Checked(store.open(sha256), sha256)) as content:
            content.finish()
    except StoreAwayError:
        raise
    except OSError:  # missing, damaged, or not to be read
        return False
    return True


def _unpack(source: Path, folder: Path) -> dict[str, Path]:
    """Unpack a copy, check its parts, and return where each paper lies by its address."""
    try:
        with tarfile.open(source, "r:gz") as archive:
            archive.extractall(folder, filter="data")
        manifest = json.loads((folder / MANIFEST).read_text())
        sums: dict[str, str] = dict(manifest["sha256"])
        is_ours = manifest["format"] == FORMAT and manifest["structure"] == list(heads())
    except _NO_COPY as error:
        raise BackupError(
            f"{source}不是本程序所写的备份", f"{source} is not a copy made by this program: {error}"
        ) from error
    if not is_ours:
        raise BackupError(
            "备份由另一版本的程序所写，请用该版本恢复",
            "the copy was made by another version of the program; bring it back with that one",
        )
    papers = {}
    for name, expected in sums.items():
        paper = PAPER.fullmatch(name)
        if name.startswith(f"{MATERIALS}/") and paper is None:
            continue  # copies of earlier versions hold uploads that were under way, too
        part = folder / name
        if (paper and paper[2] != expected) or not part.is_file() or _sha256(part) != expected:
            raise BackupError(f"备份中的{name}缺失或损坏", f"{name} in the copy is missing or damaged")
        if paper:
            papers[expected] = part
    return papers


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
