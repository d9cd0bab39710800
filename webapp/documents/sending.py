"""Sending a made paper as a file."""

from __future__ import annotations

from typing import Literal

from flask import Response

from webapp.adapters.file_kinds import DOCX, PDF
from webapp.downloads import File, download
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
    return download(
        File(file.sha256, file.size, f"{name}.{form}", KINDS[form].media_type, NotFoundError("paper", paper.id))
    )
