"""What the check refuses is never compiled."""

from __future__ import annotations

import pytest

from tests.lint_cases.snippets import diagram, line, process, task
from workflows.engine import DiagramRefusedError, Sources, compile_spec


def test_a_refused_diagram_is_not_compiled() -> None:
    lost = line(task("a")).replace('id="s_a" ', "")
    with pytest.raises(DiagramRefusedError) as caught:
        compile_spec(Sources("m", {"m": diagram(process(lost))}))
    assert [finding.code for finding in caught.value.findings] == ["id-missing"]


def test_an_accepted_diagram_is_compiled() -> None:
    assert len(compile_spec(Sources("m", {"m": diagram(process(line(task("a"))))})).sha256) == 64
