"""Taking in an uploaded paper: its kind by its bytes, its bytes to the store."""

from __future__ import annotations

from werkzeug.datastructures import FileStorage

from webapp.adapters.storage import AttachmentStore
from webapp.adapters.uploads import take_file
from workflows.cases.documents import NewDocument
from workflows.errors import FieldError, InvalidInputError

KIND = "material"
"""Papers from the page are not sorted by kind; the API may name one."""


def take_upload(upload: FileStorage | None, store: AttachmentStore, *, limit: int) -> NewDocument:
    """Store an uploaded file and return its facts.

    Raises:
        InvalidInputError: no file, an empty or too large one, or one whose bytes are not what its name says.
    """
    if upload is None or not upload.filename:
        raise InvalidInputError([FieldError("file", "file-missing")])
    taken = take_file(upload, store, limit=limit)
    return NewDocument(KIND, taken.name, taken.media_type, taken.stored.size, taken.stored.sha256)
