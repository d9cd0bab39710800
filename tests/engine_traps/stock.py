"""The library as it comes, to show beside ours what it does: an upgrade that changes it shall be noticed."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from lxml import etree
from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.parser import BpmnParser
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from SpiffWorkflow.util.task import TaskState

from tests.factories.play import sources_of
from workflows.engine import Sources

HEAD = """<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL">
<bpmn:message id="m" name="m" />
<bpmn:process id="p" isExecutable="true">"""
TAIL = "</bpmn:process></bpmn:definitions>"


def diagram(body: str) -> Sources:
    """Return sources with one process of the given elements."""
    return Sources("p.bpmn", {"p.bpmn": (HEAD + body + TAIL).encode()})


def chain(*ids: str) -> str:
    """Return flows that join nodes one after the other."""
    pairs = pairwise(ids)
    return "".join(f'<bpmn:sequenceFlow id="{a}_{b}" sourceRef="{a}" targetRef="{b}" />' for a, b in pairs)


def user(*ids: str) -> str:
    return "".join(f'<bpmn:userTask id="{i}" />' for i in ids)


def instances(loop: str) -> Sources:
    """Return start → `sign` (a multi-instance) → `after` → end."""
    loop = f"<bpmn:multiInstanceLoopCharacteristics>{loop}</bpmn:multiInstanceLoopCharacteristics>"
    return diagram(
        f'<bpmn:startEvent id="s" /><bpmn:userTask id="sign">{loop}</bpmn:userTask>{user("after")}'
        f'<bpmn:endEvent id="e" />{chain("s", "sign", "after", "e")}'
    )


OVER_SIGNERS = (
    "<bpmn:loopDataInputRef>signers</bpmn:loopDataInputRef><bpmn:loopDataOutputRef>opinions</bpmn:loopDataOutputRef>"
    '<bpmn:inputDataItem id="signer" name="signer" /><bpmn:outputDataItem id="opinion" name="opinion" />'
)


def parse(sources: Sources) -> tuple[Any, dict[str, Any]]:
    parser = BpmnParser()
    for name, data in sources.files.items():
        parser.add_bpmn_xml(etree.fromstring(data), filename=name)
    main = next(iter(parser.process_parsers))
    return parser.get_spec(main), parser.get_subprocess_specs(main)


def begin(sources: Sources | str, variables: Mapping[str, Any] | None = None) -> Any:
    """Start a stock workflow, with `variables` as the data of its first task."""
    spec, subprocesses = parse(sources_of(sources) if isinstance(sources, str) else sources)
    workflow = BpmnWorkflow(spec, subprocesses)
    workflow.task_tree.data.update(variables or {})
    workflow.do_engine_steps()
    return workflow


def ready(workflow: Any) -> list[Any]:
    return list(workflow.get_tasks(state=TaskState.READY, manual=True))


def names(workflow: Any) -> list[str]:
    return sorted(task.task_spec.bpmn_id for task in ready(workflow))


def do(workflow: Any, node_id: str, **data: Any) -> None:
    task = next(t for t in ready(workflow) if t.task_spec.bpmn_id == node_id)
    task.data.update(data)
    task.run()
    workflow.do_engine_steps()


def save_and_load(workflow: Any) -> Any:
    serializer = BpmnWorkflowSerializer()
    return serializer.deserialize_json(serializer.serialize_json(workflow))
