"""The measurements, which lie beside the tests since they use the same made-up cases."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence

from config import ROOT


def run_bench(arguments: Sequence[str]) -> int:
    """Run the measurements with `arguments`; return their exit status."""
    command = (sys.executable, "-m", "tests.bench", *arguments)
    return subprocess.run(command, cwd=ROOT, check=False).returncode  # noqa: S603  # our own command
