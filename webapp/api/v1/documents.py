"""The papers of a case."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from urllib.parse import quote

from flask import Response, request
from pydantic import Field
from werkzeug.datastructures import FileStorage
from werkzeug.exceptions import RequestEntityTooLarge, UnsupportedMediaType

from webapp import context
from webapp.adapters.file_kinds import MEDIA_TYPES
from webapp.adapters.uploads import take_file
from webapp.api.endpoint import Call, Created, OtherBody, Routes
from webapp.api.intake import Received, fingerprint, parse, refuse_unstorable
from webapp.api.v1.blueprint import PREFIX, blueprint
from webapp.api.v1.content.base import Code, Incoming, PageQuery, QueryInt
from webapp.api.v1.content.materials import Document, DocumentList, document
from webapp.api.v1.paging import page_of
from webapp.downloads import SHOWN, download, file_of, show
from webapp.scanning import require_scanner, scan_rule
from webapp.viewings import note_opened, paper_opened
from workflows import cases
from workflows.cases.viewings.tables import Way
from workflows.errors import FieldError, InvalidInputError
from workflows.permissions import Permission

routes = Routes(blueprint, "Documents")

Flag = Literal["true", "false"]
SHOWN_TYPES = tuple(SHOWN)
FORM_OVERHEAD = 64 * 1024
"""What the other parts of a multipart body may take."""


class DocumentFields(Incoming):
    """What comes with the file."""

    kind: Code | None = None
    """Which paper it is, such as `certificate`; may be left out where `item` says it."""
    name: Code | None = None
    """Its name; the file's own if left out."""
    item: Code | None = None
    """The line of the checklist it belongs to; see `GET /cases/{no}/materials`."""
    subject: Code | None = None
    """Which row of the application it is about, where the line is asked for each and there are several."""
    replaces: Annotated[QueryInt, Field(ge=1, le=2**63 - 1)] | None = None
    """The file of the line that it is the next version of."""
    internal: Flag | None = None
    """`true` keeps it among officers."""


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
    kind = parsed.kind or parsed.item
    if kind is None:
        raise InvalidInputError([FieldError("kind", "required")])
    require_scanner()
    taken = take_file(_only_file(), context.store(), limit=limit, name=parsed.name)
    paper = cases.NewDocument(
        kind=kind,
        name=taken.name,
        media_type=taken.media_type,
        size=taken.stored.size,
        sha256=taken.stored.sha256,
        item=parsed.item,
        subject=parsed.subject,
        replaces=parsed.replaces,
        internal=parsed.internal == "true",
        scan=scan_rule(),
    )
    return Received(paper, _fingerprint(paper))


def _fingerprint(paper: cases.NewDocument) -> bytes:
    placed = (paper.item, paper.subject, paper.replaces, "internal" if paper.internal else None)
    more = [f"{number}:{given}".encode() for number, given in enumerate(placed) if given is not None]
    return fingerprint(paper.kind.encode(), paper.name.encode(), paper.sha256.encode(), *more)


def _only_file() -> FileStorage:
    unknown = [FieldError(field, "unknown-field") for field in request.files if field != "file"]
    given = request.files.getlist("file")
    if unknown or len(given) != 1:
        raise InvalidInputError(unknown or [FieldError("file", "duplicate" if given else "required")])
    return given[0]


UPLOAD = OtherBody(
    _read_upload,
    {
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "required": ["file"],
                "additionalProperties": False,
                "properties": {
                    "kind": {"type": "string", "minLength": 1, "maxLength": 40},
                    "name": {"type": "string", "minLength": 1, "maxLength": 100},
                    "item": {"type": "string", "minLength": 1, "maxLength": 40},
                    "subject": {"type": "string", "minLength": 1, "maxLength": 40},
                    "replaces": {"type": "string", "pattern": "^[0-9]{1,18}$"},
                    "internal": {"type": "string", "enum": ["true", "false"]},
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
    row = cases.add_document(call.session, no, body, actor=call.actor, clock=call.clock, quota=context.quota())
    return Created(document(row), f"{PREFIX}/cases/{quote(no)}/documents/{row.id}")


@routes.get("/cases/<case_no:no>/documents/<key:document_id>", Permission.CASE_READ, files=MEDIA_TYPES)
def get_document(call: Call, no: str, document_id: int) -> Response:
    """Download a paper."""
    row = cases.get_readable(call.session, no, document_id, actor=call.actor)
    answer = download(file_of(row))
    note_opened(paper_opened(no, row, Way.DOWNLOADED), call.actor)
    return answer


@routes.get("/cases/<case_no:no>/documents/<key:document_id>/preview", Permission.CASE_READ, files=SHOWN_TYPES)
def preview_document(call: Call, no: str, document_id: int) -> Response:
    """Get a PDF or a picture to show it in a page; 404 for what is only downloaded."""
    row = cases.get_readable(call.session, no, document_id, actor=call.actor)
    answer = show(file_of(row))
    note_opened(paper_opened(no, row, Way.SHOWN), call.actor)
    return answer
