"""Jobs that read papers for the search; beside the scans, since both take a while."""

from __future__ import annotations

from webapp.documents.reading import read_waiting
from webapp.jobs import job


@job(queue="scans")
def read_papers() -> None:
    """Read what waits; what there was no time for is left to the next message."""
    if read_waiting():
        read_papers.delay()


@job(queue="scans")
def sweep_texts() -> None:
    """Find files that came since, that the virus scanner has passed now, or whose worker was killed."""
    read_papers()
