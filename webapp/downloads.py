"""Handing out the bytes of a paper: as a download, or shown in the page where its bytes prove it harmless to show.

Bytes that are not those of their address, by its hash, are handed out to nobody.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, islice
from urllib.parse import quote

import structlog
from flask import Response, request

from webapp import context
from webapp.adapters.file_kinds import HEAD, JPEG, PDF, PNG, FileKind, detect_head
from webapp.adapters.storage import CHUNK, Checked, DamagedError
from workflows.cases.paper_views import DocumentRow
from workflows.errors import NotFoundError

log = structlog.get_logger(__name__)

IN_ADVANCE = 1 << 20
"""Octets up to which a file is looked through before its first byte is sent: the reader is told in words."""
SHOWN = {kind.media_type: kind for kind in (PDF, PNG, JPEG)}
"""What a page may show; everything else is only downloaded."""

_NOT_PLAIN = re.compile(r"[^A-Za-z0-9._ -]+")
SHOWN_POLICY = "default-src 'none'; frame-ancestors 'self'; base-uri 'none'; form-action 'none'; sandbox"
"""Whatever is in the bytes: no script, no form, no window, an origin of its own. The sandbox comes with the bytes and
not with the frame: browsers do not start their reader for PDF in a frame that has the attribute. Chromium's reader runs
apart from the page anyway and does not look at it."""


def can_show(media_type: str) -> bool:
    """Tell whether files of this kind can be shown in a page."""
    return media_type in SHOWN


@dataclass(frozen=True)
class File:
    """A stored file to be handed out.

    Args:
        name: as it is saved by the reader.
        missing: what to say where its bytes are not there.
    """

    sha256: str
    size: int
    name: str
    media_type: str
    missing: NotFoundError


def file_of(row: DocumentRow) -> File:
    """Return a paper of a case as a file."""
    return File(row.sha256, row.size, row.name, row.media_type, NotFoundError("document", row.id))


def download(file: File) -> Response:
    """Send a file as a download, whatever it is.

    Raises:
        NotFoundError: its bytes are not there.
        DamagedError: they are short, and have changed; of longer ones the sending breaks off before their end.
    """
    return _send(file, "attachment")


def show(file: File) -> Response:
    """Send a file to be shown in a page.

    Raises:
        NotFoundError: it is not of a kind that is shown, its bytes say otherwise, or they are not there.
        DamagedError: as for `download`.
    """
    kind = SHOWN.get(file.media_type)
    if kind is None:
        raise file.missing
    response = _send(file, "inline", kind)
    response.headers["Content-Security-Policy"] = SHOWN_POLICY
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    return response


def _send(file: File, disposition: str, kind: FileKind | None = None) -> Response:
    """Send a file, of a certain kind if one is given."""
    content = _open(file)
    response = Response(mimetype=file.media_type)
    response.call_on_close(content.close)
    response.content_length = file.size
    response.headers["Content-Disposition"] = f"{disposition}; {_names(file.name)}"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "private, no-cache"
    response.set_etag(file.sha256)
    response.make_conditional(request)
    if response.status_code != 200:  # the reader has it, or wants none but another
        content.close()
        response.content_length = 0
        return response
    pieces = _pieces(file, content)
    start = list(islice(pieces, IN_ADVANCE // CHUNK))
    if kind is not None and detect_head(b"".join(start[:1])[:HEAD]) != kind:
        for _piece in pieces:
            pass  # to tell changed bytes from another kind
        raise file.missing
    response.response = chain(start, pieces)
    return response


def _open(file: File) -> Checked:
    try:
        return Checked(context.store().open(file.sha256), file.sha256)
    except (FileNotFoundError, ValueError):
        raise file.missing from None


def _names(name: str) -> str:
    """The name twice: in plain letters for what cannot read more, and as it is (RFC 6266)."""
    letters = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    stem, dot, ending = _NOT_PLAIN.sub("", letters).rpartition(".")
    plain = f"{stem if any(map(str.isalnum, stem)) else 'document'}{dot}{ending}"
    return f"filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def _pieces(file: File, content: Checked) -> Iterator[bytes]:
    """Return the bytes in pieces, the last of them only if all were those of the address.

    Reading one ahead: so the file is closed with the last whether or not the reader comes back for more.

    Raises:
        DamagedError: they were not.
        StoreAwayError: the store is away.
    """
    left = file.size
    try:
        piece = content.read(CHUNK)
        while piece:
            following = content.read(CHUNK)
            left -= len(piece)
            if left < len(following):  # the reader would take what was announced for the whole
                raise DamagedError(f"the bytes stored under {file.sha256} have become more")
            if not following:
                content.close()
            yield piece
            piece = following
    except DamagedError as error:
        log.warning("file-damaged", sha256=file.sha256, error=str(error))
        raise
    finally:
        content.close()
