"""Multi-instances: what the library gets wrong, and that ours does not."""

from __future__ import annotations

from typing import Any

import pytest
from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.exceptions import WorkflowDataException, WorkflowTaskException
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from SpiffWorkflow.util.task import TaskState

from tests.engine_traps import stock
from tests.factories.play import Play, play_sources
from workflows.engine import Sources

CONDITION = "<bpmn:completionCondition>{}</bpmn:completionCondition>"
CARDINALITY = (
    "<bpmn:loopCardinality>3</bpmn:loopCardinality><bpmn:loopDataOutputRef>opinions</bpmn:loopDataOutputRef>"
    '<bpmn:outputDataItem id="opinion" name="opinion" />'
)


def counting(condition: str) -> Sources:
    return stock.instances(stock.OVER_SIGNERS + CONDITION.format(condition))


def test_stock_completion_conditions_have_no_counters() -> None:
    workflow = stock.begin(counting("nrOfCompletedInstances &gt;= 2"), {"signers": ["a", "b", "c"]})
    with pytest.raises(WorkflowTaskException):
        stock.do(workflow, "sign", opinion="x")


def test_our_completion_conditions_count() -> None:
    play = play_sources(counting("nrOfCompletedInstances &gt;= 2"), {"signers": ["a", "b", "c"]})
    play.do("sign", "x", "a")
    assert play.nodes == ["sign", "sign"]
    play.do("sign", "y", "c")
    assert play.nodes == ["after"]


def test_our_counters_know_all_active_and_completed_instances() -> None:
    condition = "nrOfInstances = 3 and nrOfActiveInstances = 1 and nrOfCompletedInstances = 2"
    play = play_sources(counting(condition), {"signers": ["a", "b", "c"]})
    play.do("sign", "x", "b")
    play.do("sign", "y", "a")
    assert play.nodes == ["after"]


def test_stock_raises_when_the_output_item_is_already_a_variable() -> None:
    with pytest.raises(WorkflowDataException):
        stock.begin(stock.instances(stock.OVER_SIGNERS), {"signers": ["a"], "opinion": "old"})


def test_ours_takes_an_output_item_that_is_already_a_variable() -> None:
    play = play_sources(stock.instances(stock.OVER_SIGNERS), {"signers": ["a"], "opinion": "old"})
    play.do("sign", "new")
    variables = play.token("after").variables
    assert (variables["opinion"], variables["opinions"]) == ("old", ["new"])


def test_stock_raises_name_error_for_a_cardinality_with_an_existing_output() -> None:
    with pytest.raises(NameError):
        stock.begin(stock.instances(CARDINALITY), {"opinions": ["old"]})


def test_ours_replaces_an_existing_output_of_a_cardinality() -> None:
    play = play_sources(stock.instances(CARDINALITY), {"opinions": ["old"]})
    for index in range(3):
        play.do("sign", f"by {index}", index)
    assert play.token("after").variables["opinions"] == ["by 0", "by 1", "by 2"]


def test_stock_waits_for_ever_once_an_instance_was_cancelled() -> None:
    workflow = stock.begin(stock.instances(stock.OVER_SIGNERS), {"signers": ["a", "b"]})
    stock.ready(workflow)[1].cancel()
    stock.do(workflow, "sign", opinion="x")
    assert stock.names(workflow) == []
    (activity,) = workflow.get_tasks(state=TaskState.STARTED)
    assert activity.task_spec.name == "sign"


def test_ours_goes_on_once_the_last_instance_awaited_was_removed() -> None:
    play = play_sources(stock.instances(stock.OVER_SIGNERS), {"signers": ["a", "b"]})
    play.remove("sign", "b")
    play.do("sign", "x", "a")
    assert play.nodes == ["after"]


def test_stock_loses_the_item_when_one_instance_is_reset() -> None:
    workflow = stock.begin(stock.instances(stock.OVER_SIGNERS), {"signers": ["a", "b"]})
    task = stock.ready(workflow)[0]
    assert task.data["signer"] == "a"
    workflow.reset_from_task_id(task.id)
    assert "signer" not in stock.ready(workflow)[0].data


def test_ours_keeps_the_item_when_one_instance_goes_back() -> None:
    play = Play("issuers", {"issuers": ["first", "second"]})
    play.do("apply")
    play.do("verify", "ok", "second")
    opened = play.back("amend", "verify", "second").opened
    assert [(t.variables["issuer"], t.scope[0].index) for t in opened] == [("second", 1)]


def _stuck(spec: tuple[Any, dict[str, Any]], state: dict[str, Any]) -> bool:
    """Lay a stored state on a definition and complete both instances; tell whether the case then stands still."""
    serializer = BpmnWorkflowSerializer()
    state["spec"], state["subprocess_specs"] = serializer.to_dict(spec[0]), {}
    workflow = serializer.from_dict(state)
    workflow.spec = spec[0]
    for task in workflow.tasks.values():
        task.task_spec = spec[0].task_specs[task.task_spec.name]
    for _ in range(2):
        stock.do(workflow, "sign", opinion="x")
    return stock.names(workflow) != ["after"]


def test_stock_instances_of_an_old_state_are_stuck_on_a_freshly_parsed_definition() -> None:
    sources = stock.instances(stock.OVER_SIGNERS)
    serializer = BpmnWorkflowSerializer()
    workflow = stock.begin(sources, {"signers": ["a", "b"]})
    parsed = stock.parse(sources)
    restored = serializer.from_dict(serializer.to_dict(stock.parse(sources)[0])), dict[str, Any]()
    assert _stuck(parsed, serializer.to_dict(workflow))
    assert not _stuck(restored, serializer.to_dict(workflow))
    assert isinstance(workflow, BpmnWorkflow)


def test_our_definitions_are_always_restored_so_old_states_go_on() -> None:
    sources = stock.instances(stock.OVER_SIGNERS)
    state = play_sources(sources, {"signers": ["a", "b"]}).step
    fresh = play_sources(sources, {"signers": ["a", "b"]}, fresh=True)
    fresh.step = state
    fresh.do("sign", "x", "a")
    fresh.do("sign", "y", "b")
    assert fresh.nodes == ["after"]


def test_added_signers_survive_save_and_load_and_extend_the_input_collection() -> None:
    play = play_sources(stock.instances(stock.OVER_SIGNERS), {"signers": ["a"]})
    play.add("sign", "b", "a")
    play.do("sign", "x", "a")
    play.do("sign", "y", "b")
    variables = play.token("after").variables
    assert (variables["signers"], variables["opinions"]) == (["a", "b"], ["x", "y"])


def test_remaining_instances_are_reported_closed_when_the_condition_ends_the_rest() -> None:
    play = play_sources(counting('opinion = "veto" or sign = "veto"'), {"signers": ["a", "b", "c"]})
    closed = play.do("sign", "veto", "b").closed
    assert [t.scope[0].item for t in closed] == ["a", "c"]
