"""Smaller answers: text goes out gzipped to whoever can read that, and built files stay in the browser for good.

What a page holds in secret is its form token, beside words a stranger can have reflected there, such as a search. The
length of the answer could betray the token letter by letter (BREACH); so each answer carries a name of random length
that nobody reads, and the session cookie is never sent with what another site asks for in the background.
"""

from __future__ import annotations

import gzip
import io
import secrets
from functools import lru_cache

from flask import Flask, Response, request

LEVEL = 6
SMALLEST = 600
"""Octets below which the head of a gzip stream costs more than it saves."""
LONGEST_PADDING = 100
FOR_GOOD = "public, max-age=31536000, immutable"

_TEXTS = frozenset(
    {
        "text/html",
        "text/css",
        "text/plain",
        "text/javascript",
        "application/javascript",
        "application/json",
        "application/xml",
        "image/svg+xml",
    }
)


def install(app: Flask) -> None:
    """Compress the answers of `app`; comes first, so that nothing looks at an answer after it."""
    app.after_request(_compress)
    app.after_request(_keep_built_files)


def _keep_built_files(response: Response) -> Response:
    """A built file's address carries its digest: it never changes under that address."""
    if request.endpoint == "static" and "v" in request.args and response.status_code in (200, 304):
        response.headers["Cache-Control"] = FOR_GOOD
    return response


def _compress(response: Response) -> Response:
    if response.mimetype not in _TEXTS or "Content-Encoding" in response.headers or response.status_code < 200:
        return response
    response.vary.add("Accept-Encoding")
    is_static = request.endpoint == "static"
    if (response.is_streamed and not is_static) or not _accepts() or response.status_code in (204, 206, 304):
        return response
    response.direct_passthrough = False
    body = response.get_data()
    if len(body) < SMALLEST:
        return response
    response.set_data(_file(body) if is_static else _padded(body))
    response.headers["Content-Encoding"] = "gzip"
    etag, _is_weak = response.get_etag()
    if etag:
        response.set_etag(etag, weak=True)
    return response


def _accepts() -> bool:
    return request.method != "HEAD" and request.accept_encodings["gzip"] > 0


@lru_cache(maxsize=64)
def _file(body: bytes) -> bytes:
    """Built files hold no secret and are few: each is compressed once, as well as it goes."""
    return gzip.compress(body, 9, mtime=0)


def _padded(body: bytes) -> bytes:
    padding = secrets.token_hex(LONGEST_PADDING)[: secrets.randbelow(LONGEST_PADDING) + 1]
    target = io.BytesIO()
    with gzip.GzipFile(filename=padding, mode="wb", compresslevel=LEVEL, fileobj=target, mtime=0) as packed:
        packed.write(body)
    return target.getvalue()
