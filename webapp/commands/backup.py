"""Copies of everything that is kept: database and materials in one file, with a checksum for each part.

The copy is consistent while the program runs. Materials are never changed once written, so those the database names are
complete if they are copied after it; each is checked against its address as it is packed.
"""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
import tempfile
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from config import Config
from webapp.adapters.storage import CHUNK, Checked, DamagedError, Store, StoreAwayError
from webapp.adapters.stores import build_store
from webapp.commands.copies import DATABASE, FORMAT, MANIFEST, MATERIALS, BackupError, copy_database
from webapp.database import database_url
from webapp.schema import heads

IN_MEMORY = 32 << 20
"""Octets up to which a paper is not laid to the disk on its way into the copy."""
NAMED = 20
"""Of more papers that are lacking, only the number is told."""


@dataclass(frozen=True)
class Written:
    """A copy that was written.

    Args:
        size: in octets.
        lacking: papers the database names whose bytes are missing or damaged; not in the copy.
    """

    size: int
    lacking: tuple[str, ...]


def write_backup(config: Config, target: Path, *, incomplete: bool = False) -> Written:
    """Write database and materials to `target`.

    Args:
        config: where they are.
        target: a file that is not there yet.
        incomplete: write it even where papers are missing or damaged.

    Raises:
        BackupError: `target` exists, the database's own tool is missing or fails, papers are missing or damaged, or
            the store is away. Nothing is left.
        OSError: a file cannot be read or written. Nothing is left.
    """
    if target.exists():
        raise BackupError(f"{target}已存在", f"{target} exists already")
    kind = database_url(config.database_url).get_backend_name()
    with tempfile.TemporaryDirectory(dir=_folder_for(target)) as name:
        folder = Path(name)
        database = folder / DATABASE[kind]
        papers = copy_database(config.database_url, database)
        draft = folder / "draft.tar.gz"
        with tarfile.open(draft, "w:gz", compresslevel=6) as archive:
            sums = {database.name: _sha256(database)}
            archive.add(database, database.name)
            packed = _pack_papers(archive, build_store(config), papers, folder)
            sums |= {_part(sha256): sha256 for sha256 in sorted(packed)}
            _pack(archive, MANIFEST, io.BytesIO(_manifest(kind, sums)))
        lacking = tuple(f"{papers[sha256]} ({sha256})" for sha256 in sorted(papers.keys() - packed))
        if lacking and not incomplete:
            raise BackupError("材料缺失或损坏（加--incomplete则不含这些材料）", _told(lacking))
        size = draft.stat().st_size
        draft.replace(target)
    return Written(size, lacking)


def _pack_papers(archive: tarfile.TarFile, store: Store, papers: dict[str, str], folder: Path) -> set[str]:
    """Pack what is in the store, and tell what was: files come and go meanwhile."""
    packed = set()
    try:
        for sha256 in sorted(papers.keys() | set(store.addresses())):
            try:
                with (
                    closing(Checked(store.open(sha256), sha256)) as content,
                    tempfile.SpooledTemporaryFile(IN_MEMORY, dir=str(folder)) as draft,
                ):
                    while chunk := content.read(CHUNK):
                        draft.write(chunk)
                    _pack(archive, _part(sha256), draft)
                packed.add(sha256)
            except (FileNotFoundError, DamagedError):
                continue
    except StoreAwayError as error:
        raise BackupError(f"文件库读不出：{error}", f"the file store cannot be read: {error}") from error
    return packed


def _pack(archive: tarfile.TarFile, name: str, content: io.BytesIO | tempfile.SpooledTemporaryFile[bytes]) -> None:
    part = tarfile.TarInfo(name)
    content.seek(0, io.SEEK_END)
    part.size, part.mtime = content.tell(), int(datetime.now(UTC).timestamp())
    content.seek(0)
    archive.addfile(part, content)


def _manifest(kind: str, sums: dict[str, str]) -> bytes:
    manifest = {
        "format": FORMAT,
        "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "database": kind,
        "structure": list(heads()),
        "sha256": sums,
    }
    return json.dumps(manifest, ensure_ascii=False, indent=1).encode()


def _part(sha256: str) -> str:
    return f"{MATERIALS}/{sha256[:2]}/{sha256}"


def _told(lacking: tuple[str, ...]) -> str:
    more = f"; … ({len(lacking)})" if len(lacking) > NAMED else ""
    return f"papers are missing or damaged (--incomplete leaves them out): {'; '.join(lacking[:NAMED])}{more}"


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _folder_for(target: Path) -> Path:
    folder = target.resolve().parent
    if not folder.is_dir():
        raise BackupError(f"没有目录{folder}", f"there is no folder {folder}")
    return folder
