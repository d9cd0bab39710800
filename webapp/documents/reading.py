"""Reading uploaded papers for the search, one after the other, each in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path
from time import monotonic

import structlog

from config import ROOT
from webapp import context
from webapp.adapters.file_kinds import DOCX, PDF, XLSX
from webapp.adapters.storage import CHUNK, Checked, StoreAwayError
from webapp.documents.text_of import OUTPUT_BYTES
from webapp.indexing import index_cases_with
from webapp.transaction import reading, writing
from workflows.cases.search.contents import Claimed, claim_text, has_due_texts, put_off, record_text

log = structlog.get_logger(__name__)

KINDS = {PDF.media_type: "pdf", DOCX.media_type: "docx", XLSX.media_type: "xlsx"}
TIMEOUT_S = 20
BUDGET_S = 25.0
"""A job begins no further file after so long; with the longest one it stays below what a job may last."""


def read_waiting() -> bool:
    """Read what waits; tell whether there may be more than time allowed.

    A file whose reading does not come to its end is tried three times and then left unread; its name is found all the
    same. What could not be fetched is put off, longer each time; while the store is away nothing further is tried.
    """
    started = monotonic()
    while has_due_texts(reading(), clock=context.clock()):
        if monotonic() - started > BUDGET_S:
            return True
        with writing() as session:
            claimed = claim_text(session, clock=context.clock())
        try:
            if claimed is not None and (claimed.is_read or _read(claimed)):
                index_cases_with(claimed.sha256)
        except StoreAwayError:
            return False
    return False


def _read(claimed: Claimed) -> bool:
    """Read one file; tell whether it has a text.

    Raises:
        StoreAwayError: it was put off, and so would be all others.
    """
    sha256 = claimed.sha256
    try:
        text = read_text(sha256, KINDS[claimed.media_type])
    except OSError as error:  # the store is away or, where it is a folder, perhaps not there: no fault of the file's
        log.warning("paper-not-fetched", sha256=sha256, error=_said(error))
        with writing() as session:
            put_off(session, sha256, clock=context.clock())
        if isinstance(error, StoreAwayError):
            raise
        return False
    except ValueError as error:
        log.warning("paper-not-read", sha256=sha256, error=_said(error))
        return False
    with writing() as session:
        record_text(session, sha256, text)
    return bool(text)


def _said(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:300]


def read_text(sha256: str, kind: str) -> str | None:
    """Return the text of a stored file, or None for one that has none or is broken.

    Args:
        sha256: its address in the store.
        kind: `pdf`, `docx` or `xlsx`.

    Raises:
        OSError: it cannot be fetched.
    """
    with tempfile.TemporaryDirectory(prefix="lianban-text-") as name:
        folder = Path(name)
        with closing(Checked(context.store().open(sha256), sha256)) as content, (folder / "file").open("wb") as copy:
            while chunk := content.read(CHUNK):
                copy.write(chunk)
        return _run(folder, kind)


def _run(folder: Path, kind: str) -> str | None:
    environ = {"PATH": os.environ.get("PATH", ""), "PYTHONPATH": str(ROOT), "LANG": "C.UTF-8"}
    with (folder / "file").open("rb") as file, (folder / "text").open("wb") as text:
        try:
            done = subprocess.run(  # noqa: S603  # our own module, the file on its input
                [sys.executable, "-m", "webapp.documents.text_of", kind],
                stdin=file,
                stdout=text,
                stderr=subprocess.DEVNULL,
                timeout=TIMEOUT_S,
                env=environ,
                cwd=folder,
                check=False,
            )
            if done.returncode:
                log.info("paper-read-in-part", kind=kind, status=done.returncode)
        except subprocess.TimeoutExpired:
            log.info("paper-read-in-part", kind=kind, status="timeout")
    with (folder / "text").open("rb") as written:
        said = written.read(OUTPUT_BYTES).decode("utf-8", "ignore").replace("\x00", "").strip()
    return said or None
