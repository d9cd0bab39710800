"""Attachments lie under the hash of their bytes, whole or not at all."""

from __future__ import annotations

import hashlib
import io
import os
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from webapp.adapters.storage import AttachmentStore, Stored, TooLargeError

CONTENT = b"a paper" * 100_000
ADDRESS = hashlib.sha256(CONTENT).hexdigest()


class _Broken(io.BytesIO):
    """A connection that breaks off after the first part."""

    def read(self, size: int | None = -1) -> bytes:
        if self.tell() > 0:
            raise OSError("connection lost")
        return super().read(size)


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_the_same_bytes_are_stored_once(tmp_path: Path) -> None:
    store = AttachmentStore(tmp_path)
    first, second = (store.put(io.BytesIO(CONTENT), limit=len(CONTENT)) for _ in range(2))
    assert first == second == Stored(ADDRESS, len(CONTENT))
    assert _files(tmp_path) == [store.path(ADDRESS)]
    assert store.path(ADDRESS).read_bytes() == CONTENT


def test_what_is_too_large_or_breaks_off_leaves_nothing(tmp_path: Path) -> None:
    store = AttachmentStore(tmp_path)
    with pytest.raises(TooLargeError):
        store.put(io.BytesIO(CONTENT), limit=len(CONTENT) - 1)
    with pytest.raises(OSError, match="connection lost"):
        store.put(_Broken(CONTENT), limit=len(CONTENT))
    assert _files(tmp_path) == []


def test_eight_at_once_store_one_file(tmp_path: Path) -> None:
    store = AttachmentStore(tmp_path)
    with ThreadPoolExecutor(8) as pool:
        stored = set(pool.map(lambda _: store.put(io.BytesIO(CONTENT), limit=len(CONTENT)), range(8)))
    assert stored == {Stored(ADDRESS, len(CONTENT))}
    assert _files(tmp_path) == [store.path(ADDRESS)]


@pytest.mark.parametrize("address", ["", "../../etc/passwd", "A" * 64, "0" * 63, "0" * 64 + "\n"])
def test_only_an_address_leads_to_a_file(tmp_path: Path, address: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  # its message is the address itself
        AttachmentStore(tmp_path).path(address)


def test_an_address_without_a_file_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        AttachmentStore(tmp_path).path(ADDRESS)


def test_a_file_put_again_since_it_was_found_old_is_not_forgotten(tmp_path: Path) -> None:
    store = AttachmentStore(tmp_path)
    store.put(io.BytesIO(CONTENT), limit=len(CONTENT))
    before = datetime.now(UTC) - timedelta(days=1)
    os.utime(store.path(ADDRESS), (0, 0))
    found = store.old(ADDRESS[0], before)
    assert found == (ADDRESS,)
    store.put(io.BytesIO(CONTENT), limit=len(CONTENT))
    assert store.forget(found, before) == 0
    os.utime(store.path(ADDRESS), (0, 0))
    assert store.forget(found, before) == 1
    assert _files(tmp_path) == []


def test_putting_the_bytes_again_repairs_a_damaged_file(tmp_path: Path) -> None:
    store = AttachmentStore(tmp_path)
    store.put(io.BytesIO(CONTENT), limit=len(CONTENT))
    store.path(ADDRESS).chmod(0o600)
    store.path(ADDRESS).write_bytes(CONTENT[:-1])
    store.put(io.BytesIO(CONTENT), limit=len(CONTENT))
    assert store.path(ADDRESS).read_bytes() == CONTENT
    assert list(store.addresses()) == [ADDRESS]
