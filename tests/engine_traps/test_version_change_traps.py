"""A running case under another version of its diagram: what the library's own way breaks, and that states survive."""

from __future__ import annotations

import time
from typing import Any

import pytest
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from SpiffWorkflow.bpmn.util.diff import diff_workflow, migrate_workflow

from tests.engine_traps import stock
from tests.factories.play import NOW, Play, play_sources
from workflows import engine
from workflows.engine import Sources
from workflows.errors import EngineError

SIGNERS = ["a", "b", "c"]


def waiting(*added: str) -> Sources:
    """Return start → `draft` → a timer of two days → `after` → the added tasks → end."""
    timer = (
        '<bpmn:intermediateCatchEvent id="pause"><bpmn:timerEventDefinition>'
        '<bpmn:timeDuration>"P2D"</bpmn:timeDuration></bpmn:timerEventDefinition></bpmn:intermediateCatchEvent>'
    )
    steps = ("draft", "pause", "after", *added)
    return stock.diagram(
        f'<bpmn:startEvent id="s" />{stock.user("draft", "after", *added)}{timer}<bpmn:endEvent id="e" />'
        f"{stock.chain('s', *steps, 'e')}"
    )


def signing(*added: str) -> Sources:
    """Return start → `draft` → `sign`, once for each signer → `after` → the added tasks → end."""
    loop = f"<bpmn:multiInstanceLoopCharacteristics>{stock.OVER_SIGNERS}</bpmn:multiInstanceLoopCharacteristics>"
    steps = ("draft", "sign", "after", *added)
    return stock.diagram(
        f'<bpmn:startEvent id="s" />{stock.user("draft", "after", *added)}'
        f'<bpmn:userTask id="sign">{loop}</bpmn:userTask><bpmn:endEvent id="e" />{stock.chain("s", *steps, "e")}'
    )


def migrate(workflow: Any, sources: Sources) -> Any:
    """Move a stock workflow to another version in the way the library offers."""
    spec, subprocesses = stock.parse(sources)
    diff, _ = diff_workflow(BpmnWorkflowSerializer().registry, workflow, spec, subprocesses)
    migrate_workflow(diff, workflow, spec)
    workflow.do_engine_steps()
    return workflow


def due(workflow: Any) -> Any:
    (timer,) = [t for t in workflow.get_tasks() if t.task_spec.name == "pause"]
    return timer.internal_data.get("event_value")


def test_stock_starts_a_running_deadline_anew() -> None:
    workflow = stock.begin(waiting())
    stock.do(workflow, "draft")
    before = due(workflow)
    time.sleep(0.01)
    migrate(workflow, waiting("filed"))
    workflow.refresh_timers()
    assert due(workflow) is not None
    assert due(workflow) != before


def test_a_running_deadline_stays_when_the_case_is_read_by_a_later_version() -> None:
    old, new = play_sources(waiting()), play_sources(waiting("filed"))
    old.do("draft")
    (before,) = old.step.timers
    fired = engine.fire_timer(new.spec, old.step.state, before.token, now=before.due_at)
    assert [token.node_id for token in fired.opened] == ["after"]


def test_stock_forgets_who_each_open_signature_is_for() -> None:
    workflow = stock.begin(signing(), {"signers": list(SIGNERS)})
    stock.do(workflow, "draft")
    assert [task.data["signer"] for task in stock.ready(workflow)] == SIGNERS
    stock.do(workflow, "sign", opinion="x")
    migrated = migrate(workflow, signing("filed"))
    assert [task.data.get("signer") for task in stock.ready(migrated)] == [None, None]


def test_stock_saves_a_case_that_never_loads_again() -> None:
    workflow = stock.begin(signing("filed"), {"signers": ["a"]})
    stock.do(workflow, "draft")
    stock.do(workflow, "sign", opinion="x")
    stock.do(workflow, "after")
    migrated = migrate(workflow, signing())
    assert stock.names(migrated) == ["filed"]
    with pytest.raises(TypeError):
        stock.save_and_load(migrated)


def test_who_has_not_signed_stays_open_with_its_item_under_a_later_version() -> None:
    old, new = play_sources(signing(), {"signers": SIGNERS}), play_sources(signing("filed"), {"signers": SIGNERS})
    old.do("draft")
    old.do("sign", "x", "a")
    assert engine.active(new.spec, old.step.state) == old.open
    moved = Play(new.spec, {"signers": SIGNERS}, now=NOW)
    moved.step = old.step
    moved.do("sign", "y", "b")
    moved.do("sign", "z", "c")
    assert moved.nodes == ["after"]
    moved.do("after")
    assert moved.nodes == ["filed"]


def test_a_version_without_the_open_step_cannot_read_the_case() -> None:
    old = play_sources(signing("filed"), {"signers": ["a"]})
    for node_id in ("draft", "sign", "after"):
        old.do(node_id)
    assert old.nodes == ["filed"]
    without = play_sources(signing(), {"signers": ["a"]})
    with pytest.raises(EngineError):
        engine.active(without.spec, old.step.state)
