"""The floors, and what may not stand in a tracked file."""

from __future__ import annotations

import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from config import ROOT

LONGEST = 400
REGISTRIES = re.compile(
    "|".join(("registry\\.npm" + "js", "files\\.python" + "hosted", "pypi\\.or" + "g", "--(extra-)?index-ur" + "l"))
)
MACHINE_PATHS = re.compile("|".join(("/wor" + "k/", "/roo" + "t/", "/hom" + "e/[a-z]")))
TEXT = (".py", ".md", ".toml", ".lock", ".json", ".js", ".css", ".html", ".bpmn", ".po", ".yml", ".cfg", "")


@cache
def tracked() -> tuple[Path, ...]:
    said = subprocess.run(("git", "ls-files", "-z"), cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return tuple(ROOT / name for name in said.split("\0") if name and (ROOT / name).is_file())


def lines_with(pattern: re.Pattern[str]) -> list[str]:
    return [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:100]}"
        for path in tracked()
        if path.suffix in TEXT
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1)
        if pattern.search(line)
    ]


def test_imports_go_down_only() -> None:
    program = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    done = subprocess.run((sys.executable, "-c", program), cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_no_file_names_a_package_registry() -> None:
    assert lines_with(REGISTRIES) == []


def test_no_file_names_a_path_of_one_machine() -> None:
    assert lines_with(MACHINE_PATHS) == []


def test_no_python_file_has_grown_a_second_subject() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for path in tracked()
        if path.suffix == ".py" and "migrations" not in path.parts
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > LONGEST
    }
    assert not long


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock", "requirements-node.lock"])
def test_every_pinned_package_has_its_hashes(name: str) -> None:
    pins = re.split(r"\n(?=\S)", (ROOT / name).read_text().strip())
    assert pins
    for pin in pins:
        assert re.match(r"[a-z0-9._-]+(\[[a-z,]+\])?==\S+", pin), pin
        assert "--hash=sha256:" in pin, pin


def test_what_the_program_runs_on_is_what_its_tests_run_on() -> None:
    def versions(name: str) -> dict[str, str]:
        return dict(re.findall(r"^([a-z0-9._-]+)(?:\[[a-z,]+\])?==(\S+)", (ROOT / name).read_text(), re.MULTILINE))

    runtime, development = versions("requirements.lock"), versions("requirements-dev.lock")
    assert runtime.items() <= development.items()
