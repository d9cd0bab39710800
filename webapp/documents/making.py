"""Making papers, in a process of their own and once: by the worker soon after they were issued, or when asked for."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
from io import BytesIO
from pathlib import Path
from time import monotonic
from typing import Any

import structlog

from config import ROOT, Config
from webapp.context import clock, config, store
from webapp.documents.fields import APPROVAL, ApprovalSheet, sheet_fields, statement_fields
from webapp.transaction import reading, writing
from workflows.cases.official.papers import (
    Block,
    MadeFile,
    Paper,
    content_key,
    find_paper,
    keep_paper,
    paper_of_notice,
    set_paper,
    statement_of,
    unmade_notices,
)
from workflows.cases.official.statement import Statement

log = structlog.get_logger(__name__)

TEMPLATES = Path(__file__).parent / "templates"
FONTS = (
    ROOT / "webapp" / "static" / "build" / "fonts",
    ROOT / "node_modules" / "@expo-google-fonts" / "noto-serif-sc" / "400Regular",
    ROOT / "node_modules" / "@expo-google-fonts" / "noto-serif-sc" / "600SemiBold",
)
"""The built front end has them; a checkout that was not built has them from the package."""
TIMEOUT_S = 60
LARGEST = 64 << 20

_ONE_AT_A_TIME = threading.Lock()
"""Each takes some hundred megabytes while it lasts, whoever asks for however many."""


_PUT_OFF: dict[int, float] = {}
"""Documents that could not be made → when this process tries again."""
PUT_OFF_S = 600.0


class PressError(RuntimeError):
    """A paper could not be made: a template is broken, or fonts are missing. Nothing was kept."""


def make_notice(notice_id: int) -> Paper:
    """Return the paper of an issued document, made now if it was not; the caller has checked who reads.

    Raises:
        PressError: it cannot be made.
    """
    found = paper_of_notice(reading(), notice_id)
    if found is not None:
        return found
    paper = make(statement_of(reading(), notice_id))
    with writing() as session:
        set_paper(session, notice_id, paper)
    return paper_of_notice(reading(), notice_id) or paper


def make(content: Statement | ApprovalSheet) -> Paper:
    """Return the paper of a content, made now if it was not.

    Raises:
        PressError: it cannot be made.
    """
    key = content_key([content.kind, content])
    with _ONE_AT_A_TIME:
        found = find_paper(reading(), key)
        if found is not None:
            return found
        with tempfile.TemporaryDirectory(prefix="lianban-paper-") as name:
            folder = Path(name)
            _run_press(_order(content, folder, config()))
            blocks = tuple(Block(**block) for block in json.loads((folder / "text.json").read_text("utf-8")))
            docx, pdf = _store(folder / "paper.docx"), _store(folder / "paper.pdf")
        with writing() as session:
            return keep_paper(session, key, blocks, docx=docx, pdf=pdf, clock=clock())


def make_waiting(limit: int) -> int:
    """Make the papers of documents that were issued; return how many. One that fails does not hold up the others."""
    made, now = 0, monotonic()
    put_off = {notice_id for notice_id, until in _PUT_OFF.items() if until > now}
    for notice_id in unmade_notices(reading(), limit, without=put_off):
        try:
            make_notice(notice_id)
            made += 1
        except (PressError, OSError) as error:
            _PUT_OFF[notice_id] = now + PUT_OFF_S
            log.error("paper-not-made", notice=notice_id, error=str(error))
    return made


def _order(content: Statement | ApprovalSheet, out: Path, settings: Config) -> dict[str, Any]:
    is_sheet = isinstance(content, ApprovalSheet)
    return {
        "kind": content.kind,
        "word": str(_word_template(content.kind, settings)),
        "typst": str(TEMPLATES / ("approval.typ" if is_sheet else "paper.typ")),
        "fonts": [str(folder) for folder in FONTS if folder.is_dir()],
        "fields": sheet_fields(content) if isinstance(content, ApprovalSheet) else statement_fields(content),
        "author": content.leads if isinstance(content, ApprovalSheet) else content.sender or "",
        "out": str(out),
    }


def _word_template(kind: str, settings: Config) -> Path:
    """An administrator's own template takes the place of the program's."""
    own = settings.templates_dir / f"{kind}.docx"
    return own if own.is_file() else TEMPLATES / f"{kind}.docx"


def _run_press(order: dict[str, Any]) -> None:
    if not order["fonts"]:
        raise PressError("no fonts: the front end is not built")
    environ = {"PATH": os.environ.get("PATH", ""), "PYTHONPATH": str(ROOT), "LANG": "C.UTF-8"}
    try:
        done = subprocess.run(  # our own module, its order on the input
            [sys.executable, "-m", "webapp.documents.press"],
            input=json.dumps(order).encode(),
            capture_output=True,
            timeout=TIMEOUT_S,
            env=environ,
            cwd=order["out"],
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise PressError(f"{order['kind']}: took longer than {TIMEOUT_S} s") from error
    if done.returncode:
        raise PressError(f"{order['kind']}: {done.stderr.decode(errors='replace')[-2000:]}")


def _store(path: Path) -> MadeFile:
    stored = store().put(BytesIO(path.read_bytes()), limit=LARGEST)
    return MadeFile(stored.sha256, stored.size)


__all__ = ["APPROVAL", "PressError", "make", "make_notice", "make_waiting"]
