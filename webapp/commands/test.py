"""The whole test suite: style, types, floors, structure of the database, tests."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from config import ROOT


@dataclass(frozen=True)
class Stage:
    """One tool of the suite."""

    zh: str
    en: str
    arguments: tuple[str, ...]


STAGES = (
    Stage("代码规范", "Style", ("-m", "ruff", "check", ".")),
    Stage("代码格式", "Format", ("-m", "ruff", "format", "--check", ".")),
    Stage("类型", "Types", ("-m", "mypy")),
    Stage("模块层次", "Floors", ("-c", "from importlinter.cli import lint_imports_command; lint_imports_command()")),
)
TESTS = Stage("测试", "Tests", ("-m", "pytest"))
WHOLE = ("-n", str((os.cpu_count() or 1) + 1), "--dist", "loadfile", "--no-loadscope-reorder")
"""The whole suite runs on all processors, and one more of its processes works while others wait for a server or a
browser; the tests of one file stay together: some share a server. In the order of their names: the long ones of the
browser come early, and not when there is nothing else left to do.
"""


def run_tests(arguments: Sequence[str], *, say: Callable[[str], object]) -> int:
    """Run every stage, pytest last; with `arguments`, pytest alone with those. Return 0 if all passed."""
    failed = [] if arguments else [stage.en for stage in STAGES if not _run(stage, say)]
    passed = _run(TESTS, say, arguments or WHOLE)
    if failed:
        # On the error stream: the closing line of the output stays pytest's own.
        print("✗ " + ", ".join(failed), file=sys.stderr)
    return 0 if passed and not failed else 1


def _run(stage: Stage, say: Callable[[str], object], more: Sequence[str] = ()) -> bool:
    say(f"▸ {stage.zh} · {stage.en}")
    sys.stdout.flush()
    started = time.monotonic()
    done = subprocess.run((sys.executable, *stage.arguments, *more), cwd=ROOT, check=False)  # noqa: S603  # ours
    if stage is not TESTS:
        mark = "✗" if done.returncode else "✓"
        say(f"{mark} {stage.en}: {time.monotonic() - started:.0f} s")
    return done.returncode == 0
