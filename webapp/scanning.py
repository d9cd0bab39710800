"""查毒: the virus scanner of the running application, and what waits for it."""

from __future__ import annotations

from contextlib import closing
from time import monotonic

import structlog

from webapp import context
from webapp.adapters.clamd import Clamd, ScannerAwayError
from webapp.adapters.storage import Checked
from webapp.indexing import index_cases_with
from webapp.transaction import reading, writing
from workflows.cases.materials.scans import ScanRule, claim_scan, has_due_scans, put_off, record_scan
from workflows.errors import FieldError, InvalidInputError

log = structlog.get_logger(__name__)

BUDGET_S = 10.0
"""A job begins no further file after so long; with the longest file it stays below what a job may last."""


def scanner() -> Clamd | None:
    """Return the scanner the settings name, or None where nothing is scanned."""
    address = context.config().scanner
    return Clamd(address) if address else None


def scan_rule() -> ScanRule | None:
    """Return how new papers are to be scanned; None where nothing is."""
    settings = context.config()
    return ScanRule(settings.scan_again_after) if settings.scanner else None


def require_scanner() -> None:
    """Refuse uploads while the scanner is away, where the settings say so.

    Raises:
        InvalidInputError: naming `file`.
    """
    found = scanner()
    if found is not None and context.config().scanner_away == "refuse" and not _is_there(found):
        raise InvalidInputError([FieldError("file", "scanner-away")])


def scan_waiting() -> bool:
    """Have what waits scanned, one file after the other; tell whether there may be more than time allowed.

    A worker that is killed leaves its file claimed for a while, then another takes it. While the scanner is away
    nothing is claimed; a file it fails on is put off, longer each time, and so is one whose bytes have changed: what is
    said of others than the paper's own is said of no paper.
    """
    found = scanner()
    started = monotonic()
    while found is not None and has_due_scans(reading(), clock=context.clock()):
        if monotonic() - started > BUDGET_S:
            return True
        if not _is_there(found):
            return False
        _scan_next(found)
    return False


def _scan_next(found: Clamd) -> None:
    with writing() as session:
        sha256 = claim_scan(session, clock=context.clock())
    if sha256 is None:
        return
    try:
        with closing(Checked(context.store().open(sha256), sha256)) as content:
            signature = found.scan(content)
            content.finish()  # a virus may be found before everything was sent
    except (ScannerAwayError, OSError) as error:
        log.warning("file-not-scanned", sha256=sha256, error=f"{type(error).__name__}: {error}"[:300])
        with writing() as session:
            put_off(session, sha256, clock=context.clock())
        return
    with writing() as session:
        infected = record_scan(session, sha256, signature, clock=context.clock())
    if infected:
        _remove(sha256, signature)
        index_cases_with(sha256)


def _remove(sha256: str, signature: str | None) -> None:
    """Nobody may have the bytes any more; a store that is away is cleared by the sweep."""
    log.warning("virus-found", sha256=sha256, signature=signature)
    try:
        context.store().remove(sha256)
    except OSError as error:
        log.warning("infected-file-not-removed", sha256=sha256, error=str(error))


def _is_there(found: Clamd) -> bool:
    try:
        found.ping()
    except ScannerAwayError as error:
        log.warning("scanner-away", error=str(error))
        return False
    return True
