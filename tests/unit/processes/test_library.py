"""What set-up does with the process library, the first time and every time after."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from tests.factories.cases import LIBRARY, seed_everything
from tests.factories.org import actor
from workflows.clock import Clock
from workflows.engine import read_model
from workflows.processes import ProcessFiles, get_process, load_library, publishing
from workflows.processes.naming import check_files

KEY = "bond_subsidy"


@pytest.fixture
def library(tmp_path: Path) -> Path:
    """A copy of the library that a test may change."""
    return Path(shutil.copytree(LIBRARY, tmp_path / "library"))


def changed(diagram: bytes, days: int) -> bytes:
    return diagram.replace(b'lianban:workingDays="2"', f'lianban:workingDays="{days}"'.encode())


def publish_by_hand(session: Session, diagram: bytes, clock: Clock) -> None:
    """Draft, ask and approve, as two administrators do."""
    drafter = actor(session, "admin.system", clock)
    draft = publishing.create_draft(session, KEY, diagram, actor=drafter, clock=clock)
    publishing.request_publish(session, KEY, draft.id, actor=drafter, clock=clock)
    publishing.approve(session, KEY, draft.id, actor=actor(session, "admin.security", clock), clock=clock)


def test_loading_the_library_again_changes_nothing(session: Session, clock: Clock, library: Path) -> None:
    seed_everything(session, clock)

    assert load_library(session, library, clock=clock) == ()
    assert get_process(session, KEY).version == 1


def test_a_version_published_by_hand_outlives_a_restart(session: Session, clock: Clock, library: Path) -> None:
    seed_everything(session, clock)
    publish_by_hand(session, changed((library / KEY / "process.bpmn").read_bytes(), 3), clock)
    by_hand = get_process(session, KEY)

    assert load_library(session, library, clock=clock) == ()
    assert get_process(session, KEY) == by_hand


def test_a_library_that_has_changed_is_published_once(session: Session, clock: Clock, library: Path) -> None:
    seed_everything(session, clock)
    path = library / KEY / "process.bpmn"
    publish_by_hand(session, changed(path.read_bytes(), 3), clock)
    path.write_bytes(changed(path.read_bytes(), 4))

    assert load_library(session, library, clock=clock) == (KEY,)
    assert load_library(session, library, clock=clock) == ()
    assert get_process(session, KEY).version == 3


def test_readme_and_examples_of_a_process_are_no_part_of_its_version(
    session: Session, clock: Clock, library: Path
) -> None:
    seed_everything(session, clock)
    (library / KEY / "README.md").write_text("another text")
    shutil.rmtree(library / KEY / "scenarios")

    assert load_library(session, library, clock=clock) == ()


def test_every_form_and_effect_that_the_library_names_is_there() -> None:
    named = 0
    for folder in LIBRARY.iterdir():
        if (folder / "process.bpmn").is_file():
            files = ProcessFiles.from_folder(folder)
            assert [finding for finding in check_files(files) if finding.severity == "error"] == []
            named += sum("effect" in n.attributes for n in read_model(files.engine_sources()).nodes.values())
    assert named > 0
