"""No Python in diagrams, and nothing half-done after an error."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from SpiffWorkflow.util.task import TaskState

import workflows.engine
from tests.engine_traps import stock
from tests.factories.play import Play, play_sources
from workflows.engine import Sources
from workflows.errors import DefinitionError, EngineError


def choosing(condition: str) -> Sources:
    flow = (
        '<bpmn:sequenceFlow id="if" sourceRef="g" targetRef="yes"><bpmn:conditionExpression>'
        f"{condition}</bpmn:conditionExpression></bpmn:sequenceFlow>"
    )
    return stock.diagram(
        f'<bpmn:startEvent id="s" />{stock.user("t")}<bpmn:exclusiveGateway id="g" default="g_no" />'
        f'<bpmn:endEvent id="yes" /><bpmn:endEvent id="no" />{stock.chain("s", "t", "g", "no")}{flow}'
    )


def test_stock_runs_whatever_python_stands_in_a_condition(tmp_path: Path) -> None:
    file = tmp_path / "written"
    workflow = stock.begin(choosing(f"open('{file}', 'w').close() is None"))
    stock.do(workflow, "t")
    assert file.exists()


@pytest.mark.parametrize(
    "condition",
    [
        "__import__('os').system('id')",
        "open('/tmp/x', 'w').close() is None",
        "(lambda: 1)() == 1",
        "[x for x in ().__class__.__base__.__subclasses__()]",
    ],
)
def test_python_in_a_condition_is_refused_with_the_definition(condition: str) -> None:
    with pytest.raises(DefinitionError):
        play_sources(choosing(condition))


def test_a_script_task_is_refused() -> None:
    script = '<bpmn:scriptTask id="x"><bpmn:script>import os</bpmn:script></bpmn:scriptTask>'
    with pytest.raises(DefinitionError):
        play_sources(
            stock.diagram(f'<bpmn:startEvent id="s" />{script}<bpmn:endEvent id="e" />{stock.chain("s", "x", "e")}')
        )


def test_the_engine_calls_neither_eval_nor_exec() -> None:
    for file in Path(workflows.engine.__file__).parent.glob("*.py"):
        called = [n.func for n in ast.walk(ast.parse(file.read_text(encoding="utf-8"))) if isinstance(n, ast.Call)]
        assert not {f.id for f in called if isinstance(f, ast.Name)} & {"eval", "exec", "compile", "__import__"}, file


def test_a_condition_that_is_not_true_takes_the_default() -> None:
    for value in ("yes", None, 1, False):
        play = play_sources(choosing("t"))
        assert play.do("t", value).end_node_id == "no", value
    play = play_sources(choosing("t"))
    assert play.do("t", True).end_node_id == "yes"


def test_stock_cannot_store_a_service_task() -> None:
    workflow = stock.begin("service")
    with pytest.raises(Exception, match=r".*"):
        BpmnWorkflowSerializer().serialize_json(workflow)


def test_a_service_task_stays_started_across_save_and_load() -> None:
    play = Play("service")
    play.do("apply")
    token = play.token("transfer")
    assert (token.kind, play.token("transfer").token) == ("service", token.token)
    assert play.do("transfer", "sent").finished


def test_an_error_in_an_expression_reaches_no_error_boundary_but_the_caller() -> None:
    play = Play("countersign", {"signers": 5})
    state = play.step.state
    with pytest.raises(EngineError) as caught:
        play.do("draft")
    assert caught.value.node_id == "countersign"
    assert play.step.state == state
    assert play.nodes == ["draft"]


def test_an_error_end_takes_the_boundary_of_the_sub_process() -> None:
    play = Play("error_boundary")
    play.do("apply")
    play.do("inspect", "unsound")
    assert play.nodes == ["repair"]


def test_a_loop_that_waits_for_nothing_is_stopped() -> None:
    sources = stock.diagram(
        '<bpmn:startEvent id="s" /><bpmn:exclusiveGateway id="a" default="a_b" />'
        '<bpmn:exclusiveGateway id="b" default="b_a" /><bpmn:endEvent id="e" />'
        + stock.chain("s", "a", "b", "a")
        + '<bpmn:sequenceFlow id="out" sourceRef="b" targetRef="e"><bpmn:conditionExpression>done = true'
        "</bpmn:conditionExpression></bpmn:sequenceFlow>"
    )
    with pytest.raises(EngineError, match="goes round"):
        play_sources(sources)


def test_stock_task_states_keep_their_numbers() -> None:
    """They are in stored states."""
    assert (TaskState.WAITING, TaskState.READY, TaskState.STARTED) == (8, 16, 32)
    assert (TaskState.COMPLETED, TaskState.ERROR, TaskState.CANCELLED) == (64, 128, 256)
