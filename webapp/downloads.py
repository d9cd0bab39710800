"""Handing out the bytes of a paper: as a download, or shown in the page where its bytes prove it harmless to show."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO
from urllib.parse import quote

from flask import Response, request

from webapp import context
from webapp.adapters.file_kinds import HEAD, JPEG, PDF, PNG, detect_head
from webapp.adapters.storage import CHUNK
from workflows.cases.paper_views import DocumentRow
from workflows.errors import NotFoundError

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
    """
    return _send(file, _open(file), "attachment")


def show(file: File) -> Response:
    """Send a file to be shown in a page.

    Raises:
        NotFoundError: it is not of a kind that is shown, its bytes say otherwise, or they are not there.
    """
    kind = SHOWN.get(file.media_type)
    content = _open(file)
    head = content.read(HEAD)
    if kind is None or detect_head(head) != kind:
        content.close()
        raise file.missing
    response = _send(file, content, "inline", head)
    response.headers["Content-Security-Policy"] = SHOWN_POLICY
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    return response


def _open(file: File) -> IO[bytes]:
    try:
        return context.store().open(file.sha256)
    except (FileNotFoundError, ValueError):
        raise file.missing from None


def _send(file: File, content: IO[bytes], disposition: str, head: bytes = b"") -> Response:
    response = Response(_chunks(content, head), mimetype=file.media_type)
    response.call_on_close(content.close)
    response.content_length = file.size
    response.headers["Content-Disposition"] = f"{disposition}; {_names(file.name)}"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "private, no-cache"
    response.set_etag(file.sha256)
    response.make_conditional(request)
    return response


def _names(name: str) -> str:
    """The name twice: in plain letters for what cannot read more, and as it is (RFC 6266)."""
    letters = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    stem, dot, ending = _NOT_PLAIN.sub("", letters).rpartition(".")
    plain = f"{stem if any(map(str.isalnum, stem)) else 'document'}{dot}{ending}"
    return f"filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def _chunks(content: IO[bytes], head: bytes) -> Iterator[bytes]:
    """Return the bytes in pieces; reading one ahead, so that the file is closed with the last whether or not the
    reader comes back for more."""
    chunk = head or content.read(CHUNK)
    while chunk:
        following = content.read(CHUNK)
        if not following:
            content.close()
        yield chunk
        chunk = following
