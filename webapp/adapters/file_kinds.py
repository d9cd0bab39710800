"""What kind of file some bytes are, by the bytes themselves; a name or a header proves nothing."""

from __future__ import annotations

import struct
import zipfile
from dataclasses import dataclass
from io import SEEK_END
from typing import IO

import filetype

HEAD = 8192
MAX_ENTRIES = 10_000
MAX_LIST = 1 << 20
"""Bytes of the list of entries of a packed file."""
MAX_UNPACKED = 1 << 30
MODEST_UNPACKED = 16 << 20
"""Up to this many bytes however tightly packed: empty sheets of a real workbook pack a thousand to one."""
MAX_RATIO = 100
_ENCRYPTED = 0x1
_TYPES_OF_ENTRIES = frozenset(("[Content_Types].xml", "OFD.xml"))
_END = struct.Struct("<4s4H2LH")
"""The record at the end of a packed file; the sixth field is the size of the list."""
_LONGEST_END = _END.size + (1 << 16) + 20
_LOCATOR_SIZE = 20
_OFFICE = "application/vnd.openxmlformats-officedocument."


@dataclass(frozen=True)
class FileKind:
    """A kind of file that is accepted.

    Args:
        media_type: the one it is served as.
        extensions: a name with one of these tells the truth.
        aliases: other media types clients declare for it.
    """

    media_type: str
    extensions: tuple[str, ...]
    aliases: tuple[str, ...] = ()

    def is_called(self, name: str) -> bool:
        """Tell whether a file of this name may be of this kind."""
        return name.lower().endswith(self.extensions)

    def is_declared_as(self, media_type: str) -> bool:
        """Tell whether a declared media type fits; none, or "any bytes", says nothing wrong."""
        return media_type in ("", "application/octet-stream", self.media_type, *self.aliases)


PDF = FileKind("application/pdf", (".pdf",), ("application/x-pdf",))
PNG = FileKind("image/png", (".png",))
JPEG = FileKind("image/jpeg", (".jpg", ".jpeg"), ("image/jpg", "image/pjpeg"))
DOCX = FileKind(f"{_OFFICE}wordprocessingml.document", (".docx",), ("application/zip",))
XLSX = FileKind(f"{_OFFICE}spreadsheetml.sheet", (".xlsx",), ("application/zip",))
OFD = FileKind("application/ofd", (".ofd",), ("application/zip", "application/x-ofd", "application/vnd.ofd"))

MEDIA_TYPES = tuple(kind.media_type for kind in (PDF, PNG, JPEG, DOCX, XLSX, OFD))
_BY_HEAD = {kind.media_type: kind for kind in (PDF, PNG, JPEG)}
_BY_ENTRY = {"word/document.xml": DOCX, "xl/workbook.xml": XLSX, "OFD.xml": OFD}


def detect(content: IO[bytes]) -> FileKind | None:
    """Return the kind of a file, or None for one that is not accepted.

    Of a packed file only the list of entries is read, so a bomb stays packed. Office files with macros are refused.

    Args:
        content: a seekable file; left at its beginning.
    """
    content.seek(0)
    head = content.read(HEAD)
    try:
        if head.startswith(b"PK\x03\x04"):
            return _packed(content)
        kind = detect_head(head)
        return None if kind and _is_packed_as_well(content) else kind
    finally:
        content.seek(0)


def detect_head(head: bytes) -> FileKind | None:
    """Return the kind of a PDF or a picture by its first `HEAD` bytes, or None for what is neither."""
    found = filetype.guess(head)
    return _BY_HEAD.get(found.mime) if found else None


def _is_packed_as_well(content: IO[bytes]) -> bool:
    """Tell whether a file that begins as a picture or PDF ends as a packed one: it would be two files in one."""
    content.seek(max(0, content.seek(0, SEEK_END) - _LONGEST_END))
    tail = content.read()
    end = tail.rfind(b"PK\x05\x06")
    if end < 0 or len(tail) - end < _END.size:
        return False
    return end + _END.size + int(_END.unpack_from(tail, end)[7]) == len(tail)


def _packed(content: IO[bytes]) -> FileKind | None:
    if not _has_modest_list(content):
        return None
    try:
        with zipfile.ZipFile(content) as archive:
            listed = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError):
        return None
    if len(listed) > MAX_ENTRIES or _is_bomb(listed, content.seek(0, SEEK_END)):
        return None
    entries = {entry.filename for entry in listed}
    if len(entries) < len(listed) or any(entry.flag_bits & _ENCRYPTED for entry in listed):
        return None  # two of one name show different readers different contents
    if any(entry.lower().endswith("vbaproject.bin") for entry in entries):
        return None
    if entries.isdisjoint(_TYPES_OF_ENTRIES):
        return None
    return next((kind for entry, kind in _BY_ENTRY.items() if entry in entries), None)


def _is_bomb(listed: list[zipfile.ZipInfo], size: int) -> bool:
    """Tell whether a packed file would unpack to more than any office file does, or packs some bytes twice."""
    unpacked = sum(entry.file_size for entry in listed)
    if unpacked > MAX_UNPACKED or sum(entry.compress_size for entry in listed) > size:
        return True
    return unpacked > MODEST_UNPACKED and unpacked > MAX_RATIO * size


def _has_modest_list(content: IO[bytes]) -> bool:
    """Tell whether the list of entries is of a size to be read: in memory it takes ten times what it does here.

    No paper needs the 64-bit form, whose second end record could state another size.
    """
    content.seek(max(0, content.seek(0, SEEK_END) - _LONGEST_END))
    tail = content.read()
    end = tail.rfind(b"PK\x05\x06")
    if end < 0 or len(tail) - end < _END.size or b"PK\x06\x07" in tail[max(0, end - _LOCATOR_SIZE) : end]:
        return False
    return int(_END.unpack_from(tail, end)[5]) <= MAX_LIST
