"""The papers of a case."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from flask import Response, request, send_file
from werkzeug.datastructures import FileStorage
from werkzeug.exceptions import RequestEntityTooLarge, UnsupportedMediaType

from webapp import context
from webapp.adapters.file_kinds import MEDIA_TYPES
from webapp.adapters.storage import AttachmentStore
from webapp.adapters.uploads import take_file
from webapp.api.endpoint import Call, Created, OtherBody, Routes
from webapp.api.intake import Received, fingerprint, parse, refuse_unstorable
from webapp.api.v1.blueprint import PREFIX, blueprint
from webapp.api.v1.content.base import Code, Incoming, PageQuery
from webapp.api.v1.content.cases import Document, DocumentList, document
from webapp.api.v1.paging import page_of
from workflows import cases
from workflows.errors import FieldError, InvalidInputError, NotFoundError
from workflows.permissions import Permission

routes = Routes(blueprint, "Documents")

FORM_OVERHEAD = 64 * 1024
"""What the other parts of a multipart body may take."""


class DocumentFields(Incoming):
    """What comes with the file."""

    kind: Code
    """Which paper it is, such as `certificate`."""
    name: Code | None = None
    """Its name; the file's own if left out."""


def _read_upload(call: Call, no: str) -> Received:
    # Nobody fills the disk unrecorded: whether the case is theirs and takes papers comes before the bytes.
    cases.require_room(call.session, no, actor=call.actor)
    if request.mimetype != "multipart/form-data":
        raise UnsupportedMediaType
    limit = context.config().upload_max_bytes
    request.max_content_length = limit + FORM_OVERHEAD
    if (request.content_length or 0) > request.max_content_length:
        raise RequestEntityTooLarge  # said before a byte is read: the parser would leave its half-filled file behind
    fields = request.form.to_dict()
    refuse_unstorable(fields)
    parsed = parse(fields, DocumentFields)
    taken = take_file(_only_file(), attachments(), limit=limit, name=parsed.name)
    paper = cases.NewDocument(
        kind=parsed.kind,
        name=taken.name,
        media_type=taken.media_type,
        size=taken.stored.size,
        sha256=taken.stored.sha256,
    )
    return Received(paper, fingerprint(parsed.kind.encode(), taken.name.encode(), taken.stored.sha256.encode()))


def _only_file() -> FileStorage:
    unknown = [FieldError(field, "unknown-field") for field in request.files if field != "file"]
    given = request.files.getlist("file")
    if unknown or len(given) != 1:
        raise InvalidInputError(unknown or [FieldError("file", "duplicate" if given else "required")])
    return given[0]


def attachments() -> AttachmentStore:
    """Return the store of the running application."""
    return AttachmentStore(context.config().attachments_dir)


UPLOAD = OtherBody(
    _read_upload,
    {
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "required": ["kind", "file"],
                "additionalProperties": False,
                "properties": {
                    "kind": {"type": "string", "minLength": 1, "maxLength": 40},
                    "name": {"type": "string", "minLength": 1, "maxLength": 100},
                    "file": {"type": "string", "format": "binary"},
                },
            }
        }
    },
)


@routes.get("/cases/<case_no:no>/documents", Permission.CASE_READ, query=PageQuery, answer=DocumentList)
def list_documents(call: Call, no: str, query: PageQuery) -> DocumentList:
    """List the papers of a case."""
    rows = cases.list_documents(call.session, no, actor=call.actor)
    shown, following = page_of(rows, lambda row: str(row.id), query)
    return DocumentList(items=[document(row) for row in shown], next=following)


@routes.post("/cases/<case_no:no>/documents", Permission.DOCUMENT_ADD, body=UPLOAD, answer=Document, status=201)
def add_document(call: Call, no: str, body: Any) -> Created:
    """Add a paper to a case: PDF, PNG, JPEG, DOCX, XLSX or OFD."""
    row = cases.add_document(call.session, no, body, actor=call.actor, clock=call.clock)
    return Created(document(row), f"{PREFIX}/cases/{quote(no)}/documents/{row.id}")


@routes.get("/cases/<case_no:no>/documents/<key:document_id>", Permission.CASE_READ, files=MEDIA_TYPES)
def get_document(call: Call, no: str, document_id: int) -> Response:
    """Download a paper."""
    row = cases.get_document(call.session, no, document_id, actor=call.actor)
    try:
        path = attachments().path(row.sha256)
    except (FileNotFoundError, ValueError):
        raise NotFoundError("document", document_id) from None
    return send_file(path, mimetype=row.media_type, as_attachment=True, download_name=row.name, etag=row.sha256)
