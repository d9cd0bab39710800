"""Taking in an uploaded paper: its kind by its bytes, its bytes to the store, its place by the form."""

from __future__ import annotations

from dataclasses import dataclass

from flask import request

from webapp import context
from webapp.adapters.uploads import TakenFile, take_file
from webapp.scanning import require_scanner, scan_rule
from workflows.cases.documents import NewDocument
from workflows.errors import FieldError, InvalidInputError

KIND = "material"
"""Papers beside the checklist are not sorted by kind; the API may name one."""


@dataclass(frozen=True)
class Where:
    """The line of the checklist a form is about."""

    item: str | None
    subject: str | None


def where() -> Where:
    """Return the line of the checklist that the posted form names."""
    return Where(request.form.get("item") or None, request.form.get("subject") or None)


def take_upload() -> TakenFile:
    """Store the posted file and return its facts.

    Raises:
        InvalidInputError: no file, an empty or too large one, one whose bytes are not what its name says, or the
            virus scanner is away and must not be.
    """
    upload = request.files.get("file")
    if upload is None or not upload.filename:
        raise InvalidInputError([FieldError("file", "file-missing")])
    require_scanner()
    return take_file(upload, context.store(), limit=context.config().upload_max_bytes)


def new_document(taken: TakenFile, place: Where) -> NewDocument:
    """Return a stored file as the paper that the posted form says it is."""
    return NewDocument(
        kind=(place.item or KIND)[:40],
        name=taken.name,
        media_type=taken.media_type,
        size=taken.stored.size,
        sha256=taken.stored.sha256,
        item=place.item,
        subject=place.subject,
        replaces=request.form.get("replaces", type=int),
        internal=request.form.get("internal") == "yes",
        scan=scan_rule(),
    )
