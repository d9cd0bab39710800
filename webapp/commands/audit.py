"""Checking the audit chain from the command line."""

from __future__ import annotations

from collections.abc import Callable

from config import Config
from webapp import create_app
from webapp.transaction import reading
from workflows import audit


def verify_chains(config: Config, *, say: Callable[[str], object]) -> int:
    """Recompute every chain; return 0 if all hold, 1 if one is broken."""
    with create_app(config).app_context():
        report = audit.verify(reading())
    if report.ok:
        say(f"✓ 审计链完整 · Audit chain intact: {report.entries} entries")
        return 0
    place = report.first_bad if report.first_bad is not None else "the end of a chain"
    say(f"✗ 审计链已被破坏 · Audit chain broken at {place}, after {report.entries} good entries")
    return 1
