"""The check of diagrams before anything can run."""

from __future__ import annotations

from workflows.engine.findings import Finding
from workflows.engine.types import Sources


def check(sources: Sources) -> tuple[Finding, ...]:
    """Return what stands against running a definition."""
    return ()
