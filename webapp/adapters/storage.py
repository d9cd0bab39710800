"""Attachments as files, each under the hash of its bytes: stored once, never overwritten, whole or not at all."""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import tempfile
from collections.abc import Collection, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Protocol

CHUNK = 256 * 1024
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Stored:
    """A file that is on the disk for good.

    Args:
        sha256: hexadecimal; the address.
        size: in bytes.
    """

    sha256: str
    size: int


class TooLargeError(Exception):
    """The content is longer than allowed; nothing was kept."""


class StoreAwayError(OSError):
    """The store cannot be reached, is full, or does not answer as it should."""


class DamagedError(OSError):
    """The bytes stored under an address are not those it is the hash of."""


class Readable(Protocol):
    """Bytes that are read in pieces."""

    def read(self, size: int, /) -> bytes:
        """Return up to `size` further bytes, none at the end."""


class Checked:
    """The bytes of an address as they are read, which prove at their end to be its own.

    Args:
        content: what is stored under the address; read and closed through this.
        sha256: the address.
    """

    def __init__(self, content: IO[bytes], sha256: str) -> None:
        self._content = content
        self._sha256 = sha256
        self._digest = hashlib.sha256()

    def read(self, size: int, /) -> bytes:
        """Return up to `size` further bytes, none at the end.

        Raises:
            DamagedError: it is the end, and the bytes were others than the address says.
            OSError: the content cannot be read.
        """
        chunk = self._content.read(size)
        self._digest.update(chunk)
        if not chunk and self._digest.hexdigest() != self._sha256:
            raise DamagedError(f"the bytes stored under {self._sha256} have changed")
        return chunk

    def finish(self) -> None:
        """Read what is left.

        Raises:
            DamagedError: as for `read`.
            OSError: the content cannot be read.
        """
        while self.read(CHUNK):
            pass

    def close(self) -> None:
        """Close the content."""
        self._content.close()


class Store(Protocol):
    """Where uploaded files are kept, each under the hash of its bytes; nothing is ever overwritten."""

    def put(self, content: IO[bytes], *, limit: int) -> Stored:
        """Store `content` and return its address; when this returns, it is there for good.

        Args:
            content: read to its end, in pieces.
            limit: the most bytes accepted.

        Raises:
            TooLargeError: there was more.
            StoreAwayError: the store refused or is away.
        """

    def open(self, sha256: str) -> IO[bytes]:
        """Return the bytes of an address, to be read in pieces and closed.

        Raises:
            ValueError: not an address.
            FileNotFoundError: nothing is stored under it.
            StoreAwayError: the store is away; reading on may raise it as well.
        """

    def addresses(self) -> Iterator[str]:
        """Return every address under which something is stored.

        Raises:
            StoreAwayError: the store is away.
        """

    def old(self, first: str, before: datetime) -> tuple[str, ...]:
        """Return the addresses beginning with `first` whose bytes were last put before an instant."""

    def forget(self, addresses: Collection[str], before: datetime) -> int:
        """Remove files that nothing refers to, unless they were put again since; return how many."""

    def keep(self, addresses: Collection[str]) -> None:
        """Make sure of files that something refers to, after `forget` has dealt with the others."""

    def remove(self, sha256: str) -> None:
        """Remove the bytes of an address at once and for good, if they are there.

        Raises:
            StoreAwayError: the store is away.
        """

    def forget_drafts(self, before: datetime) -> None:
        """Remove what uploads left that were cut off."""


class AttachmentStore:
    """The attachments of one installation, in a folder of its own.

    Args:
        folder: where they lie; made when first needed.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, content: IO[bytes], *, limit: int) -> Stored:
        """Store `content` and return its address; the same bytes again change nothing but repair a damaged file.

        When this returns, the file and its name have reached the disk: the database may refer to it.

        Args:
            content: read to its end.
            limit: the most bytes accepted.

        Raises:
            TooLargeError: there was more.
            StoreAwayError: the disk refused.
        """
        incoming = self._folder / "incoming"
        digest, size = hashlib.sha256(), 0
        with _disk():
            incoming.mkdir(parents=True, exist_ok=True)
            descriptor, draft = tempfile.mkstemp(dir=incoming)
        try:
            with os.fdopen(descriptor, "wb", buffering=0) as file:
                while chunk := content.read(CHUNK):
                    size += len(chunk)
                    if size > limit:
                        raise TooLargeError
                    digest.update(chunk)
                    with _disk():
                        _write(file.fileno(), chunk)
                with _disk():
                    os.fsync(file.fileno())
            with _disk():
                return self._keep(Path(draft), Stored(digest.hexdigest(), size))
        finally:
            Path(draft).unlink(missing_ok=True)

    def open(self, sha256: str) -> IO[bytes]:
        """See `Store.open`."""
        return self.path(sha256).open("rb")

    def path(self, sha256: str) -> Path:
        """Return where the bytes of an address lie.

        Raises:
            ValueError: not an address.
            FileNotFoundError: nothing is stored under it.
        """
        path = self._place(sha256)
        if not path.is_file():
            raise FileNotFoundError(sha256)
        return path

    def addresses(self) -> Iterator[str]:
        """See `Store.addresses`."""
        for path in self._folder.glob(f"??/{'?' * 64}"):
            if _SHA256.fullmatch(path.name) and path == self._place(path.name):
                yield path.name

    def old(self, first: str, before: datetime) -> tuple[str, ...]:
        """Return the addresses beginning with `first` whose bytes were last put before an instant."""
        return tuple(path.name for path in self._folder.glob(f"{first}?/{'?' * 64}") if _put_at(path) < before)

    def forget(self, addresses: Collection[str], before: datetime) -> int:
        """Remove files that nothing refers to, unless they were put again since; return how many."""
        removed = 0
        for sha256 in addresses:
            with self._lock():
                place = self._place(sha256)
                if place.is_file() and _put_at(place) < before:
                    place.unlink()
                    removed += 1
        return removed

    def keep(self, addresses: Collection[str]) -> None:
        """They lie where they lay."""

    def remove(self, sha256: str) -> None:
        """See `Store.remove`."""
        place = self._place(sha256)
        if place.exists():
            with self._lock():
                place.unlink(missing_ok=True)
            _sync_folder(place.parent)

    def forget_drafts(self, before: datetime) -> None:
        """Remove what uploads left that were cut off."""
        for draft in self._folder.glob("incoming/*"):
            if _put_at(draft) < before:
                draft.unlink(missing_ok=True)

    @contextmanager
    def _lock(self) -> Iterator[None]:
        """Keep putting and removing apart, in whatever processes."""
        descriptor = os.open(self._folder, os.O_RDONLY)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def _keep(self, draft: Path, stored: Stored) -> Stored:
        place = self._place(stored.sha256)
        with self._lock():
            if self._is_whole(stored.sha256):
                os.utime(place)  # put anew: a sweep that thought it old and forgotten leaves it
                return stored
            shelf_is_new = not place.parent.exists()
            place.parent.mkdir(parents=True, exist_ok=True)
            draft.chmod(0o440)
            os.replace(draft, place)
        _sync_folder(place.parent)
        if shelf_is_new:
            _sync_folder(place.parent.parent)
        return stored

    def _is_whole(self, sha256: str) -> bool:
        try:
            with closing(Checked(self.open(sha256), sha256)) as content:
                content.finish()
        except OSError:  # missing, damaged, or not to be read
            return False
        return True

    def _place(self, sha256: str) -> Path:
        if not _SHA256.fullmatch(sha256):
            raise ValueError(sha256)
        return self._folder / sha256[:2] / sha256


@contextmanager
def _disk() -> Iterator[None]:
    """Tell the disk's trouble from that of whoever sends the content."""
    try:
        yield
    except OSError as error:
        raise StoreAwayError(f"{type(error).__name__}: {error}") from error


def _write(descriptor: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def _put_at(path: Path) -> datetime:
    try:
        return datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except FileNotFoundError:  # moved or removed meanwhile
        return datetime.max.replace(tzinfo=UTC)


def _sync_folder(folder: Path) -> None:
    """Make the names in a folder durable; without it a power cut may leave the bytes without a name."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
