"""What the documents say must be there: links, twins, words of diagrams, licences."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from urllib.parse import unquote

import pytest

from config import ROOT
from workflows.engine.lint import elements

_TRACKED = subprocess.run(
    ("git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md"),
    cwd=ROOT,
    capture_output=True,
    text=True,
    check=False,
)
DOCUMENTS = sorted(
    {ROOT / name for name in _TRACKED.stdout.split()}
    or {*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("bpmn/*/*.md")}
)
TWINS = sorted(path for path in DOCUMENTS if path.name.endswith(".zh.md"))
_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
_SRC = re.compile(r"src=\"([^\"]+)\"")


def test_there_are_documents() -> None:
    assert {"README.md", "README.zh.md", "CHANGELOG.md", "THIRD_PARTY.md"} <= {path.name for path in DOCUMENTS}


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for link in _LINK.findall(text) + _SRC.findall(text):
        if re.match(r"[a-z]+:", link):
            continue
        name, _, anchor = unquote(link).partition("#")
        target = (path.parent / name).resolve() if name else path
        assert target.exists(), link
        if anchor and target.suffix == ".md":
            assert anchor in _anchors(target), link


@pytest.mark.parametrize("path", TWINS, ids=lambda path: str(path.relative_to(ROOT)))
def test_both_languages_have_the_same_parts(path: Path) -> None:
    twin = path.with_name(path.name.replace(".zh.md", ".md"))
    chinese, english = path.read_text(encoding="utf-8"), twin.read_text(encoding="utf-8")

    assert _shape(chinese) == _shape(english)
    assert _commands(chinese) == _commands(english)


def test_every_word_that_a_diagram_may_use_is_described_in_both_languages() -> None:
    words = set().union(*elements._OWN_ATTRIBUTES.values()) | {"nameEn", *elements._OWN_ELEMENTS}
    for name in ("process-vocabulary.md", "process-vocabulary.zh.md"):
        text = (ROOT / "docs" / name).read_text(encoding="utf-8")
        missing = {word for word in words if not re.search(rf"[`:]{word}\b", text)}
        assert missing == set(), name


def test_every_package_that_runs_is_listed_with_its_licence() -> None:
    text = (ROOT / "THIRD_PARTY.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| ([a-z@][^ |]*) \| ([^|]+) \|$", text, re.MULTILINE)
    listed = {name for name, licence in rows if licence.strip()} - {"package", "data"}

    assert listed == _python_packages() | _browser_packages()


def _python_packages() -> set[str]:
    locks = [(ROOT / name).read_text() for name in ("requirements.lock", "requirements-node.lock")]
    return {name for lock in locks for name in re.findall(r"^([a-z0-9-]+)==", lock, re.MULTILINE)}


def _browser_packages() -> set[str]:
    packages = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    names = {
        path.rpartition("node_modules/")[2]: entry for path, entry in packages.items() if path and not entry.get("dev")
    }
    # esbuild's binaries, one for each kind of machine, are esbuild.
    return {name for name in names if not name.startswith("@esbuild/")}


def _anchors(path: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


def _shape(text: str) -> list[str]:
    """Levels of headings, and pictures, in order."""
    text = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    return [match if match.startswith("#") else "picture" for match in re.findall(r"^#+|!\[", text, re.MULTILINE)]


def _commands(text: str) -> list[str]:
    """Blocks of code without comments: what is typed is the same in both languages."""
    blocks = re.findall(r"```\w*\n(.*?)```", text, re.DOTALL)
    return [re.sub(r"\s*#.*$", "", block, flags=re.MULTILINE) for block in blocks]
