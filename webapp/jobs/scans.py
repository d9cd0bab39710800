"""Jobs that have papers scanned for viruses; on a queue of their own, since a large file takes a while."""

from __future__ import annotations

from webapp.jobs import job
from webapp.scanning import scan_waiting


@job(queue="scans")
def scan_papers() -> None:
    """Scan what waits; what there was no time for is left to the next message."""
    if scan_waiting():
        scan_papers.delay()


@job(queue="scans")
def sweep_scans() -> None:
    """Find files whose wake-up was lost, whose worker was killed, or for which the scanner was away."""
    scan_papers()
