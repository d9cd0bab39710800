"""Checking the audit chain from the command line."""

from __future__ import annotations

from collections.abc import Callable

from config import Config
from webapp.commands.within import application
from webapp.transaction import reading
from workflows import audit
from workflows.cases.traced import untraced_tasks


def verify_chains(config: Config, *, say: Callable[[str], object]) -> int:
    """Recompute every chain; return 0 if all hold, 1 if one is broken."""
    with application(config):
        report, missing = audit.verify(reading()), untraced_tasks(reading())
    if not report.ok:
        place = report.first_bad if report.first_bad is not None else "the end of a chain"
        say(f"✗ 审计链已被破坏 · Audit chain broken at {place}, after {report.entries} good entries")
        return 1
    if missing:
        say(f"✗ 已办环节没有审计记录 · Steps that are done have no audit entry: {', '.join(map(str, missing))}")
        return 1
    say(f"✓ 审计链完整 · Audit chain intact: {report.entries} entries in {report.chains} chains")
    say(f"  指纹，请另行留存 · Fingerprint, to be kept elsewhere: {report.fingerprint}")
    return 0
