"""Whatever is uploaded: an answer, the same each time, never an exception."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.lint_cases.snippets import END, START, diagram, flow, process
from workflows.engine import Sources, check

ROOT = Path(__file__).resolve().parents[2]
CORPORA = Path(os.environ.get("LIANBAN_CORPORA", ROOT.parent / "shared" / "corpora"))
DIAGRAMS = sorted((ROOT / "tests" / "diagrams").glob("*.bpmn")) + sorted((ROOT / "bpmn").glob("*/*.bpmn"))

_IDS = st.sampled_from(["s", "e", "a", "b", "g", ""])
_KINDS = st.sampled_from(
    [
        "userTask",
        "exclusiveGateway",
        "subProcess",
        "callActivity",
        "boundaryEvent",
        "startEvent",
        "endEvent",
        "parallelGateway",
        "intermediateCatchEvent",
        "intermediateThrowEvent",
        "eventBasedGateway",
        "receiveTask",
        "laneSet",
        "sequenceFlow",
        "transaction",
    ]
)
_INSIDE = st.sampled_from(
    [
        "",
        "<timerEventDefinition><timeCycle>x</timeCycle></timerEventDefinition>",
        "<multiInstanceLoopCharacteristics/>",
        "<timerEventDefinition/>",
        "<extensionElements><lianban:decision/></extensionElements>",
        "<messageEventDefinition/>",
        "<!-- x -->",
    ]
)


@st.composite
def _elements(draw: st.DrawFn) -> str:
    ends = {name: draw(_IDS) for name in ("id", "sourceRef", "targetRef", "attachedToRef", "default")}
    called, triggered = draw(st.sampled_from(["p", "q"])), draw(st.sampled_from(["true", "false"]))
    attributes = {**ends, "calledElement": called, "triggeredByEvent": triggered}
    chosen = draw(st.sets(st.sampled_from(sorted(attributes)), max_size=5))
    kind = draw(_KINDS)
    inside = draw(_INSIDE) + (draw(_elements()) if draw(st.booleans()) else "")
    written = " ".join(f'{name}="{attributes[name]}"' for name in sorted(chosen))
    return f"<{kind} {written}>{inside}</{kind}>"


def same_verdict_twice(data: bytes) -> None:
    sources = Sources("main.bpmn", {"main.bpmn": data})
    first = check(sources)
    assert check(sources) == first
    for finding in first:
        assert finding.severity in ("error", "warning")
        assert finding.message
        assert finding.message_en


@settings(max_examples=150, deadline=None)
@given(st.lists(_elements(), max_size=6), st.booleans())
def test_any_elements_give_a_verdict(elements: list[str], framed: bool) -> None:
    inside = "".join(elements)
    same_verdict_twice(diagram(process(START + END + flow("s", "e") + inside if framed else inside)))


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_damaged_diagram_gives_a_verdict(data: st.DataObject) -> None:
    whole = data.draw(st.sampled_from(DIAGRAMS)).read_bytes()
    start = data.draw(st.integers(0, len(whole)))
    length = data.draw(st.integers(0, 40))
    same_verdict_twice(whole[:start] + data.draw(st.binary(max_size=8)) + whole[start + length :])


@settings(max_examples=40, deadline=None)
@given(st.binary(max_size=120), st.text(max_size=5))
def test_any_bytes_give_a_verdict(data: bytes, main: str) -> None:
    check(Sources(main, {"main.bpmn": data}))
    same_verdict_twice(data)


@pytest.mark.parametrize("path", sorted((ROOT / "bpmn").glob("*/*.bpmn")), ids=lambda path: path.parent.name)
def test_every_diagram_of_the_library_passes(path: Path) -> None:
    assert [f for f in check(Sources("m", {"m": path.read_bytes()})) if f.severity == "error"] == []


@pytest.mark.skipif(not CORPORA.is_dir(), reason=f"no public diagrams at LIANBAN_CORPORA={CORPORA}")
def test_every_public_diagram_gives_a_verdict() -> None:
    files = sorted(path for path in (CORPORA / "bpmn").rglob("*") if path.is_file())
    assert files
    for path in files:
        same_verdict_twice(path.read_bytes())
