"""What our own reading of a diagram says."""

from __future__ import annotations

import pytest

from workflows.engine.findings import DiagramRefusedError
from workflows.engine.model import Decision, MultiInstance, ProcessModel, Timer, Variable, read_model
from workflows.engine.types import Sources

MAIN = """<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:lianban="urn:lianban:bpmn:1">
 <process id="p" name="债券
   补助" isExecutable="true" lianban:nameEn="Subsidy" lianban:caseType="CT2">
  <extensionElements><lianban:variable name="issuers" type="list"/></extensionElements>
  <laneSet><lane id="l" name="市级"><flowNodeRef>check</flowNodeRef></lane></laneSet>
  <startEvent id="s"/>
  <sequenceFlow id="f1" sourceRef="s" targetRef="check"/>
  <userTask id="check" name="形式审查" lianban:nameEn="Formal check" lianban:role="lead" lianban:workingDays="5">
   <extensionElements>
    <lianban:decision id="accept" label="受理" labelEn="Accept" opinion="optional"/>
    <lianban:decision id="supplement" label="补正" opinion="required"/>
   </extensionElements>
  </userTask>
  <boundaryEvent id="late" attachedToRef="check" cancelActivity="false">
   <timerEventDefinition><timeDuration>"P3D"</timeDuration></timerEventDefinition>
  </boundaryEvent>
  <sequenceFlow id="f2" sourceRef="check" targetRef="g"/>
  <exclusiveGateway id="g" default="back"/>
  <sequenceFlow id="on" name="受理" lianban:nameEn="Accepted" sourceRef="g" targetRef="each">
   <conditionExpression> check = "accept" <!-- why --></conditionExpression>
  </sequenceFlow>
  <sequenceFlow id="back" sourceRef="g" targetRef="check"/>
  <subProcess id="each">
   <multiInstanceLoopCharacteristics>
    <loopDataInputRef>issuers</loopDataInputRef><loopDataOutputRef>results</loopDataOutputRef>
    <inputDataItem name="issuer"/><outputDataItem name="verify"/>
    <completionCondition>nrOfCompletedInstances = 2</completionCondition>
   </multiInstanceLoopCharacteristics>
   <startEvent id="s2"/><sequenceFlow id="f3" sourceRef="s2" targetRef="verify"/>
   <userTask id="verify"/><sequenceFlow id="f4" sourceRef="verify" targetRef="e2"/><endEvent id="e2"/>
  </subProcess>
  <sequenceFlow id="f5" sourceRef="each" targetRef="pay"/>
  <callActivity id="pay" calledElement="payment"/>
  <sequenceFlow id="f6" sourceRef="pay" targetRef="e"/>
  <endEvent id="e" lianban:outcome="disbursed"><terminateEventDefinition/></endEvent>
 </process></definitions>"""
CALLED = """<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"><process id="payment">
  <startEvent id="s3"/><sequenceFlow id="f7" sourceRef="s3" targetRef="order"/><userTask id="order"/>
  <sequenceFlow id="f8" sourceRef="order" targetRef="e3"/><endEvent id="e3"/></process></definitions>"""


@pytest.fixture(scope="module")
def model() -> ProcessModel:
    return read_model(Sources("main.bpmn", {"a.bpmn": CALLED.encode(), "main.bpmn": MAIN.encode()}))


def test_the_process_is_named_in_both_languages(model: ProcessModel) -> None:
    assert (model.process_id, model.name, model.name_en) == ("p", "债券 补助", "Subsidy")
    assert model.attributes["caseType"] == "CT2"
    assert model.variables == (Variable("issuers", "list"),)


def test_a_task_carries_its_routing(model: ProcessModel) -> None:
    check = model.nodes["check"]
    assert (check.kind, check.name, check.name_en, check.lane) == ("userTask", "形式审查", "Formal check", "市级")
    assert check.attributes["workingDays"] == "5"
    assert check.decisions == (
        Decision("accept", "受理", "Accept", opinion_required=False),
        Decision("supplement", "补正", "补正", opinion_required=True),
    )
    assert check.incoming == ("f1", "back")
    assert check.outgoing == ("f2",)


def test_conditions_and_defaults_are_read(model: ProcessModel) -> None:
    assert model.flows["on"].condition == 'check = "accept"'
    assert (model.flows["on"].is_default, model.flows["back"].is_default) == (False, True)


def test_nodes_of_sub_processes_and_called_processes_are_found(model: ProcessModel) -> None:
    assert model.nodes["verify"].scope_id == "each"
    assert model.nodes["order"].scope_id == "payment"
    assert set(model.called) == {"payment"}


def test_multi_instance_names_its_variables(model: ProcessModel) -> None:
    assert model.nodes["each"].multi_instance == MultiInstance(
        sequential=False,
        input_name="issuers",
        item_name="issuer",
        output_name="results",
        result_name="verify",
        completion_condition="nrOfCompletedInstances = 2",
    )


def test_events_tell_their_kind(model: ProcessModel) -> None:
    late = model.nodes["late"]
    assert (late.event_kind, late.attached_to, late.interrupting) == ("timer", "check", False)
    assert late.timer == Timer("timeDuration", '"P3D"')
    assert model.nodes["e"].event_kind == "terminate"


def test_the_outline_reads_from_start_to_end_and_into_what_is_called(model: ProcessModel) -> None:
    outline = [(step.depth, step.node.id) for step in model.outline()]
    nodes = [node for _, node in outline]
    assert sorted(nodes) == sorted(model.nodes)
    assert [n for n in nodes if n != "late"] == [
        "s",
        "check",
        "g",
        "each",
        "s2",
        "verify",
        "e2",
        "pay",
        "s3",
        "order",
        "e3",
        "e",
    ]
    assert {node for depth, node in outline if depth == 1} == {"s2", "verify", "e2", "s3", "order", "e3"}
    exits = next(step.exits for step in model.outline() if step.node.id == "g")
    assert [(way.label, way.label_en, way.target_id) for way in exits] == [
        ("受理", "Accepted", "each"),
        ("", "", "check"),
    ]


def test_processes_that_call_each_other_are_read_once() -> None:
    loop = CALLED.replace('<userTask id="order"/>', '<callActivity id="order" calledElement="payment"/>')
    model = read_model(Sources("m", {"m": MAIN.encode(), "c": loop.encode()}))
    assert len(model.outline()) == len(model.nodes)


def test_a_missing_main_file_is_refused() -> None:
    with pytest.raises(DiagramRefusedError):
        read_model(Sources("main.bpmn", {}))
