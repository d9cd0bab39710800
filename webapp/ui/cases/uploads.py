"""Taking in an uploaded paper: its kind by its bytes, its bytes to the store."""

from __future__ import annotations

from pathlib import PurePath

from werkzeug.datastructures import FileStorage

from webapp.adapters.file_kinds import detect
from webapp.adapters.storage import AttachmentStore, TooLargeError
from workflows.cases.documents import NewDocument
from workflows.errors import FieldError, InvalidInputError

KIND = "material"
"""Papers from the page are not sorted by kind; the API may name one."""

MAX_NAME = 200
MEGABYTE = 2**20


def take_upload(upload: FileStorage | None, store: AttachmentStore, *, limit: int) -> NewDocument:
    """Store an uploaded file and return its facts.

    Raises:
        InvalidInputError: no file, an empty or too large one, or one whose bytes are not what its name says.
    """
    if upload is None or not upload.filename:
        raise InvalidInputError([FieldError("file", "file-missing")])
    name = PurePath(upload.filename.replace("\\", "/")).name[-MAX_NAME:]
    kind = detect(upload.stream)
    if kind is None or not kind.is_called(name):
        upload.stream.seek(0, 2)
        raise InvalidInputError([FieldError("file", "file-type" if upload.stream.tell() else "file-empty")])
    try:
        stored = store.put(upload.stream, limit=limit)
    except TooLargeError:
        raise InvalidInputError([FieldError("file", "file-size", {"maximum": limit // MEGABYTE})]) from None
    return NewDocument(KIND, name, kind.media_type, stored.size, stored.sha256)
