"""Small diagrams for the lint: the inside of one process, wrapped into a whole file."""

from __future__ import annotations

from itertools import pairwise

from workflows.engine import Finding, Sources, check

_HEAD = (
    '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:lianban="urn:lianban:bpmn:1" '
    'xmlns:camunda="http://camunda.org/schema/1.0/bpmn" xmlns:spiffworkflow="http://spiffworkflow.org/bpmn/schema/1.0/core">'
    '<message id="news" name="news"/><signal id="alarm" name="alarm"/><error id="fault" name="fault"/>'
    '<escalation id="call" name="call"/>'
)
START = '<startEvent id="s"/>'
END = '<endEvent id="e"/>'


def flow(source: str, target: str, condition: str | None = None, name: str | None = None) -> str:
    """A sequence flow; its id is `source_target` unless named."""
    inside = f"<conditionExpression>{condition}</conditionExpression>" if condition is not None else ""
    ends = f'sourceRef="{source}" targetRef="{target}"'
    return f'<sequenceFlow id="{name or source + "_" + target}" {ends}>{inside}</sequenceFlow>'


def task(node_id: str, kind: str = "userTask", attributes: str = "", inside: str = "") -> str:
    """An activity."""
    return f'<{kind} id="{node_id}" name="{node_id}任务" {attributes}>{inside}</{kind}>'


def line(*nodes: str) -> str:
    """Nodes from `s` to `e` joined one after another; each is (text) of an element whose id is its first attribute."""
    names = ["s", *(node.split('id="', 1)[1].split('"', 1)[0] for node in nodes), "e"]
    joined = "".join(flow(a, b) for a, b in pairwise(names))
    return START + "".join(nodes) + END + joined


def process(inside: str, attributes: str = 'isExecutable="true"', name: str = "p") -> str:
    """A process element."""
    return f'<process id="{name}" name="流程" {attributes}>{inside}</process>'


def diagram(*processes: str) -> bytes:
    """A whole file."""
    return (_HEAD + "".join(processes) + "</definitions>").encode()


def findings(inside: str, *more: str, routing: bool = False) -> tuple[Finding, ...]:
    """What the lint says of one process, with other processes beside it."""
    return check(Sources("main.bpmn", {"main.bpmn": diagram(process(inside), *more)}), routing=routing)


def errors(inside: str, *more: str, routing: bool = False) -> set[tuple[str, str | None]]:
    """The errors as (code, element id)."""
    return {(f.code, f.element_id) for f in findings(inside, *more, routing=routing) if f.severity == "error"}
