"""Messages go to one token, when it waits, once."""

from __future__ import annotations

import pytest
from SpiffWorkflow.bpmn import BpmnEvent
from SpiffWorkflow.bpmn.specs.event_definitions import MessageEventDefinition
from SpiffWorkflow.exceptions import WorkflowException

from tests.engine_traps import stock
from tests.factories.play import NOW, Play, play_sources
from workflows import engine
from workflows.engine import Sources
from workflows.errors import StateConflictError

TWO_RECEIVERS: Sources = stock.diagram(
    '<bpmn:startEvent id="s" /><bpmn:parallelGateway id="fork" /><bpmn:parallelGateway id="join" />'
    '<bpmn:receiveTask id="one" messageRef="m" /><bpmn:receiveTask id="two" messageRef="m" /><bpmn:endEvent id="e" />'
    + stock.chain("s", "fork", "one", "join", "e")
    + stock.chain("fork", "two", "join")
)


def message(name: str) -> BpmnEvent:
    return BpmnEvent(MessageEventDefinition(name), payload={})


def test_stock_refuses_a_message_that_comes_before_it_is_waited_for() -> None:
    workflow = stock.begin("messages")
    with pytest.raises(WorkflowException):
        workflow.send_event(message("answer"))
    workflow.catch(message("answer"))
    stock.do(workflow, "send")
    assert [e.name for e in workflow.waiting_events()] == ["answer"]


def test_an_early_message_is_refused_and_changes_nothing_so_the_inbox_keeps_it() -> None:
    play = Play("messages")
    state = play.step.state
    with pytest.raises(StateConflictError):
        engine.deliver_message(play.spec, state, play.token("send").token, {"a": 1}, now=NOW)
    assert play.step.state == state


def test_a_second_message_for_the_same_token_is_refused() -> None:
    play = Play("messages")
    play.do("send")
    token = play.token("answer").token
    play.deliver("answer", {})
    with pytest.raises(StateConflictError):
        engine.deliver_message(play.spec, play.step.state, token, {}, now=NOW)


def test_stock_gives_one_message_to_everybody_of_the_same_name() -> None:
    workflow = stock.begin(TWO_RECEIVERS)
    workflow.send_event(message("m"))
    workflow.do_engine_steps()
    assert workflow.is_completed()


def test_ours_gives_a_message_to_the_token_it_is_for() -> None:
    play = play_sources(TWO_RECEIVERS)
    play.deliver("two", {})
    assert play.nodes == ["one"]
