"""Our own reading of a diagram: what routing, pages and the lint need to know of it (BPMN 2.0.2, clauses 10 and 7.8).

It never asks whether the diagram can run; that is the lint's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from workflows.engine.parts import (
    EVENTS,
    FLOW_NODES,
    GATEWAYS,
    SUBPROCESSES,
    TASKS,
    Decision,
    Flow,
    Lane,
    MultiInstance,
    Node,
    Timer,
    Variable,
)
from workflows.engine.types import Sources
from workflows.engine.xml import BPMN_TAG, LIANBAN_TAG, Element, read_all

__all__ = [
    "EVENTS",
    "FLOW_NODES",
    "GATEWAYS",
    "SUBPROCESSES",
    "TASKS",
    "Decision",
    "Flow",
    "Lane",
    "MultiInstance",
    "Node",
    "OutlineExit",
    "OutlineStep",
    "ProcessModel",
    "Timer",
    "Variable",
    "event_definitions",
    "local_name",
    "main_process",
    "model_of",
    "own_attributes",
    "read_model",
    "text_of",
    "tidy",
]


@dataclass(frozen=True)
class OutlineExit:
    """One way on from a step of the outline; labels are empty where the flow has no name."""

    flow_id: str
    label: str
    label_en: str
    target_id: str


@dataclass(frozen=True)
class OutlineStep:
    """One line of the text that stands beside the drawing.

    Args:
        depth: 0 for the process, one more for each sub-process or called process around the node.
    """

    node: Node
    depth: int
    exits: tuple[OutlineExit, ...]


@dataclass(frozen=True)
class ProcessModel:
    """One definition: the main process with all it calls.

    Args:
        process_id: of the main process.
        name: its name.
        name_en: `lianban:nameEn`, else the name.
        attributes: of our namespace on the main process, without prefix.
        nodes: every node by id, those of sub-processes and called processes among them.
        flows: every sequence flow by id, likewise.
        lanes: of all processes.
        called: attributes of each called process by its id.
        variables: declared by the main process.
    """

    process_id: str
    name: str
    name_en: str
    attributes: Mapping[str, str]
    nodes: Mapping[str, Node]
    flows: Mapping[str, Flow]
    lanes: tuple[Lane, ...] = ()
    called: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    variables: tuple[Variable, ...] = ()

    def user_tasks(self) -> tuple[Node, ...]:
        """Every user task, in the order of the diagram."""
        return tuple(node for node in self.nodes.values() if node.kind == "userTask")

    def scope_of(self, scope_id: str) -> tuple[Node, ...]:
        """The nodes directly in a process or sub-process, in the order of the diagram."""
        return tuple(node for node in self.nodes.values() if node.scope_id == scope_id)

    def successors(self) -> Mapping[str, tuple[str, ...]]:
        """For every node the nodes one flow further, and the boundary events on it."""
        ahead: dict[str, list[str]] = {node_id: [] for node_id in self.nodes}
        for node in self.nodes.values():
            ahead[node.id].extend(self.flows[flow].target for flow in node.outgoing)
        for node in self.nodes.values():
            if node.attached_to in ahead:
                ahead[node.attached_to].append(node.id)
        return {
            node_id: tuple(dict.fromkeys(target for target in targets if target in self.nodes))
            for node_id, targets in ahead.items()
        }

    def outline(self) -> tuple[OutlineStep, ...]:
        """Every node once, in the order a reader meets them from the start; the text twin of the drawing."""
        scopes: dict[str, list[Node]] = {}
        for node in self.nodes.values():
            scopes.setdefault(node.scope_id, []).append(node)
        return tuple(self._outline(self.process_id, 0, scopes, self.successors()))

    def _outline(
        self, scope_id: str, depth: int, scopes: dict[str, list[Node]], ahead: Mapping[str, tuple[str, ...]]
    ) -> Iterator[OutlineStep]:
        # What a second call would repeat is told at the first.
        for node in _in_reading_order(scopes.pop(scope_id, []), ahead):
            exits = [self.flows[flow] for flow in node.outgoing]
            ways = tuple(OutlineExit(flow.id, flow.name, flow.name_en, flow.target) for flow in exits)
            yield OutlineStep(node, depth, ways)
            inner = node.called_element if node.kind == "callActivity" else node.id
            if inner in scopes:
                yield from self._outline(inner, depth + 1, scopes, ahead)


def _in_reading_order(members: Iterable[Node], ahead: Mapping[str, tuple[str, ...]]) -> list[Node]:
    """From the start onwards, a join after all that leads to it, loops apart: depth-first, last finished first."""
    nodes = {node.id: node for node in members}
    entries = sorted(nodes.values(), key=lambda node: (node.kind != "startEvent", bool(node.incoming)))
    order: list[Node] = []
    seen: set[str] = set()
    for entry in entries:
        finished: list[Node] = []
        stack = [(entry.id, False)]
        while stack:
            node_id, done = stack.pop()
            if done:
                finished.append(nodes[node_id])
            elif node_id not in seen:
                seen.add(node_id)
                stack.append((node_id, True))
                stack.extend((target, False) for target in ahead[node_id] if target in nodes and target not in seen)
        order.extend(reversed(finished))
    return order


def read_model(sources: Sources) -> ProcessModel:
    """Read a definition.

    Raises:
        DiagramRefusedError: a file is no readable BPMN.
    """
    return model_of(read_all(sources))


def model_of(roots: Mapping[str, Element]) -> ProcessModel:
    """The model of files that were read already, the main file first. Incomplete diagrams give incomplete models."""
    processes = {
        process.get("id", ""): process for root in roots.values() for process in root.iterfind(f"{BPMN_TAG}process")
    }
    main = main_process(next(iter(roots.values())))
    if main is None:
        return ProcessModel("", "", "", {}, {}, {})
    reader = _Reader()
    called: dict[str, Mapping[str, str]] = {}
    reader.process(main)
    while missing := [name for name in reader.wanted if name not in called and name in processes]:
        process = processes[missing[0]]
        called[missing[0]] = own_attributes(process)
        if process is not main:
            reader.process(process)
    return ProcessModel(
        process_id=main.get("id", ""),
        name=tidy(main.get("name")),
        name_en=main.get(f"{LIANBAN_TAG}nameEn") or tidy(main.get("name")),
        attributes=own_attributes(main),
        nodes=reader.finished_nodes(),
        flows=reader.flows,
        lanes=tuple(reader.lanes),
        called=called,
        variables=_variables(main),
    )


def main_process(root: Element) -> Element | None:
    """The first executable process of a file."""
    processes = root.iterfind(f"{BPMN_TAG}process")
    return next((process for process in processes if process.get("isExecutable", "true") == "true"), None)


def own_attributes(element: Element) -> dict[str, str]:
    """The attributes of our namespace, without prefix."""
    prefix = len(LIANBAN_TAG)
    return {str(key)[prefix:]: str(value) for key, value in element.attrib.items() if str(key).startswith(LIANBAN_TAG)}


def tidy(text: str | None) -> str:
    """A name on one line."""
    return " ".join((text or "").split())


def local_name(element: Element) -> str | None:
    """The element's name if it is of BPMN's own namespace."""
    tag = element.tag
    return tag[len(BPMN_TAG) :] if isinstance(tag, str) and tag.startswith(BPMN_TAG) else None


def _variables(process: Element) -> tuple[Variable, ...]:
    declared = process.iterfind(f"{BPMN_TAG}extensionElements/{LIANBAN_TAG}variable")
    return tuple(
        Variable(item.get("name", ""), item.get("type", "any"), tuple(item.get("fields", "").split()))
        for item in declared
    )


class _Reader:
    """Collects nodes and flows of one process after another."""

    def __init__(self) -> None:
        self.nodes: dict[str, tuple[Element, str]] = {}
        self.flows: dict[str, Flow] = {}
        self.lanes: list[Lane] = []
        self.wanted: list[str] = []
        self._lane_of: dict[str, str] = {}

    def process(self, process: Element) -> None:
        self._scope(process, process.get("id", ""))

    def _scope(self, scope: Element, scope_id: str) -> None:
        for lanes in scope.iterfind(f"{BPMN_TAG}laneSet"):
            self._lanes(lanes)
        defaults = {(child.get("id"), child.get("default")) for child in scope}
        for child in scope:
            kind = local_name(child)
            if kind in FLOW_NODES:
                self._node(child, kind, scope_id)
            elif kind == "sequenceFlow":
                self._flow(child, defaults, scope_id)

    def _lanes(self, lane_set: Element) -> None:
        for lane in lane_set.iterfind(f"{BPMN_TAG}lane"):
            ids = tuple((ref.text or "").strip() for ref in lane.iterfind(f"{BPMN_TAG}flowNodeRef"))
            name = tidy(lane.get("name"))
            self.lanes.append(Lane(lane.get("id", ""), name, lane.get(f"{LIANBAN_TAG}nameEn") or name, ids))
            self._lane_of.update(dict.fromkeys(ids, name))
            for inner in lane.iterfind(f"{BPMN_TAG}childLaneSet"):
                self._lanes(inner)

    def _node(self, element: Element, kind: str | None, scope_id: str) -> None:
        node_id = element.get("id", "")
        self.nodes.setdefault(node_id, (element, scope_id))
        if kind == "callActivity" and element.get("calledElement"):
            self.wanted.append(element.get("calledElement", ""))
        if kind in SUBPROCESSES:
            self._scope(element, node_id)

    def _flow(self, element: Element, defaults: set[tuple[str | None, str | None]], scope_id: str) -> None:
        flow_id, source = element.get("id", ""), element.get("sourceRef", "")
        name = tidy(element.get("name"))
        condition = element.find(f"{BPMN_TAG}conditionExpression")
        self.flows[flow_id] = Flow(
            id=flow_id,
            source=source,
            target=element.get("targetRef", ""),
            name=name,
            name_en=element.get(f"{LIANBAN_TAG}nameEn") or name,
            condition=None if condition is None else text_of(condition),
            is_default=bool(flow_id) and (source, flow_id) in defaults,
            scope_id=scope_id,
        )

    def finished_nodes(self) -> dict[str, Node]:
        incoming: dict[str, list[str]] = {}
        outgoing: dict[str, list[str]] = {}
        for flow in self.flows.values():
            outgoing.setdefault(flow.source, []).append(flow.id)
            incoming.setdefault(flow.target, []).append(flow.id)
        return {
            node_id: _node(
                element, scope_id, self._lane_of.get(node_id), incoming.get(node_id, []), outgoing.get(node_id, [])
            )
            for node_id, (element, scope_id) in self.nodes.items()
        }


def _node(element: Element, scope_id: str, lane: str | None, incoming: list[str], outgoing: list[str]) -> Node:
    kind, name = local_name(element) or "", tidy(element.get("name"))
    return Node(
        id=element.get("id", ""),
        kind=kind,
        name=name,
        name_en=element.get(f"{LIANBAN_TAG}nameEn") or name,
        attributes=own_attributes(element),
        decisions=_decisions(element),
        scope_id=scope_id,
        lane=lane,
        incoming=tuple(incoming),
        outgoing=tuple(outgoing),
        default=element.get("default"),
        attached_to=element.get("attachedToRef"),
        interrupting=element.get("cancelActivity", element.get("isInterrupting", "true")) != "false",
        multi_instance=_multi_instance(element),
        called_element=element.get("calledElement"),
        event_kind=_event_kind(element) if kind in EVENTS else None,
        timer=_timer(element),
        triggered_by_event=element.get("triggeredByEvent") == "true",
        line=_line(element),
    )


def _line(element: Element) -> int:
    line = element.sourceline
    return line if isinstance(line, int) else 0


def _decisions(element: Element) -> tuple[Decision, ...]:
    found = element.iterfind(f"{BPMN_TAG}extensionElements/{LIANBAN_TAG}decision")
    return tuple(
        Decision(
            id=item.get("id", ""),
            label=item.get("label", ""),
            label_en=item.get("labelEn", item.get("label", "")),
            opinion_required=item.get("opinion") == "required",
            notice=item.get("notice"),
        )
        for item in found
    )


def _multi_instance(element: Element) -> MultiInstance | None:
    loop = element.find(f"{BPMN_TAG}multiInstanceLoopCharacteristics")
    if loop is None:
        return None
    item, result = loop.find(f"{BPMN_TAG}inputDataItem"), loop.find(f"{BPMN_TAG}outputDataItem")
    return MultiInstance(
        sequential=loop.get("isSequential") == "true",
        input_name=_child_text(loop, "loopDataInputRef"),
        item_name=None if item is None else item.get("name") or item.get("id"),
        output_name=_child_text(loop, "loopDataOutputRef"),
        result_name=None if result is None else result.get("name") or result.get("id"),
        cardinality=_child_text(loop, "loopCardinality"),
        completion_condition=_child_text(loop, "completionCondition"),
    )


def event_definitions(element: Element) -> list[Element]:
    """The event definitions directly in an event."""
    return [child for child in element if (local_name(child) or "").endswith("EventDefinition")]


def _event_kind(element: Element) -> str:
    kinds = [(local_name(child) or "").removesuffix("EventDefinition") for child in event_definitions(element)]
    return "none" if not kinds else kinds[0] if len(kinds) == 1 else "multiple"


def _timer(element: Element) -> Timer | None:
    for definition in event_definitions(element):
        for child in definition:
            kind = local_name(child)
            if kind in ("timeDate", "timeDuration", "timeCycle"):
                return Timer(kind, text_of(child))
    return None


def _child_text(element: Element, name: str) -> str | None:
    child = element.find(BPMN_TAG + name)
    return None if child is None else text_of(child) or None


def text_of(element: Element) -> str:
    """All text in an element, trimmed."""
    return "".join(str(part) for part in element.itertext()).strip()
