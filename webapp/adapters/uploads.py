"""Taking in an uploaded file: its kind by its bytes, its name as plain text, then its bytes to the store."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from io import SEEK_END

from werkzeug.datastructures import FileStorage

from webapp.adapters.file_kinds import detect
from webapp.adapters.storage import Store, Stored
from workflows.errors import FieldError, InvalidInputError

NAME_LENGTH = 200
NAME_BYTES = 255
"""What file systems hold, in UTF-8."""
LONGEST_ENDING = 10
_NOT_IN_A_NAME = re.compile(r'[\x00-\x1f\x7f-\x9f<>:"/\\|?*\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]')
"""Separators, what some file system refuses, letters nobody sees, and marks that turn text around, which make
`fdp.exe` read `exe.pdf`."""


@dataclass(frozen=True)
class TakenFile:
    """An upload that was accepted and stored.

    Args:
        name: as it is shown from now on.
        media_type: as found from the content.
        stored: where the bytes are, and how many.
    """

    name: str
    media_type: str
    stored: Stored


def take_file(upload: FileStorage, store: Store, *, limit: int, name: str | None = None) -> TakenFile:
    """Check and store an uploaded file; one that lies about its kind never reaches the store.

    Args:
        upload: as the request brought it.
        store: where it goes.
        limit: the most bytes accepted.
        name: to be shown instead of the file's own; its ending must be true as well.

    Raises:
        InvalidInputError: naming `file` (`file-empty`, `file-size`, `file-type`), or `name` if nothing is left of it.
    """
    shown = clean_name(name or upload.filename or "")
    kind = detect(upload.stream)
    size = upload.stream.seek(0, SEEK_END)
    upload.stream.seek(0)
    if size == 0:
        raise InvalidInputError([FieldError("file", "file-empty")])
    if size > limit:
        raise InvalidInputError([FieldError("file", "file-size", {"maximum": limit >> 20})])
    if kind is None or not kind.is_called(shown) or not kind.is_declared_as(upload.mimetype):
        raise InvalidInputError([FieldError("file", "file-type")])
    return TakenFile(shown, kind.media_type, store.put(upload.stream, limit=limit))


def clean_name(name: str) -> str:
    """Return a file name as plain text that no screen, file system or header misreads.

    Raises:
        InvalidInputError: nothing is left of it (`name`).
    """
    cleaned = " ".join(_NOT_IN_A_NAME.sub(" ", unicodedata.normalize("NFC", name)).split()).strip(" .")
    cleaned = "".join(letter for letter in cleaned if not "\ud800" <= letter <= "\udfff")
    if not cleaned:
        raise InvalidInputError([FieldError("name", "required")])
    return _cut(cleaned)


def _cut(name: str) -> str:
    """Return a name that file systems and the database hold, its ending kept."""
    if len(name) <= NAME_LENGTH and len(name.encode()) <= NAME_BYTES:
        return name
    stem, dot, extension = name.rpartition(".")
    if len(extension) > LONGEST_ENDING:
        stem, dot, extension = name, "", ""
    ending = f"{dot}{extension}"
    stem = stem[: NAME_LENGTH - len(ending)].encode()[: NAME_BYTES - len(ending.encode())].decode(errors="ignore")
    return stem + ending
