"""Sending a made paper as a file."""

from __future__ import annotations

from typing import Literal

from flask import Response, send_file

from webapp.adapters.file_kinds import DOCX, PDF
from webapp.adapters.storage import AttachmentStore
from webapp.context import config
from workflows.cases.official.papers import Paper
from workflows.errors import NotFoundError

Form = Literal["pdf", "docx"]
KINDS = {"pdf": PDF, "docx": DOCX}


def send_paper(paper: Paper, form: Form, name: str) -> Response:
    """Send a paper, always as a download.

    Args:
        paper: what was made.
        form: which of its files.
        name: without the ending.

    Raises:
        NotFoundError: its bytes are gone.
    """
    file = paper.pdf if form == "pdf" else paper.docx
    try:
        path = AttachmentStore(config().attachments_dir).path(file.sha256)
    except (FileNotFoundError, ValueError):
        raise NotFoundError("paper", paper.id) from None
    return send_file(
        path, mimetype=KINDS[form].media_type, as_attachment=True, download_name=f"{name}.{form}", etag=file.sha256
    )
