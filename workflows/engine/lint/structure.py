"""Nodes, flows and gateways taken one by one."""

from __future__ import annotations

from collections.abc import Iterator

from workflows.engine.findings import Finding
from workflows.engine.lint.diagram import Diagram, about_flow, about_node
from workflows.engine.model import GATEWAYS, SUBPROCESSES, TASKS, Flow, Node

_CHOOSING = ("exclusiveGateway", "inclusiveGateway")
_ACTIVITIES = TASKS | SUBPROCESSES | {"callActivity"}
_RESERVED = frozenset(
    """typename item partial nrOfInstances nrOfActiveInstances nrOfCompletedInstances true false null and or not if then
    else for in return some every""".split()  # noqa: SIM905
)


def check_structure(diagram: Diagram) -> Iterator[Finding]:
    """Ends of flows, ways in and out of nodes, conditions and defaults."""
    for flow in diagram.model.flows.values():
        yield from _flow(diagram, flow)
    for node in diagram.model.nodes.values():
        yield from _node(diagram, node)
        if node.kind in GATEWAYS:
            yield from _gateway(diagram, node)


def _flow(diagram: Diagram, flow: Flow) -> Iterator[Finding]:
    nodes = diagram.model.nodes
    source, target = nodes.get(flow.source), nodes.get(flow.target)
    if source is None or target is None:
        yield about_flow(
            "error",
            "flow-end-missing",
            flow,
            "{it}的一端没有接在环节上，请重新连接。",
            "{it} is not joined to a step at one end; connect it again.",
        )
        return
    if source.scope_id != flow.scope_id or target.scope_id != flow.scope_id:
        yield about_flow(
            "error",
            "flow-crosses",
            flow,
            "{it}跨越了子流程的边框，请让连线只连接同一层的环节。",
            "{it} crosses the border of a sub-process; connect only steps of the same level.",
        )
    if flow.condition is not None and source.kind not in _CHOOSING:
        yield about_flow(
            "error",
            "condition-ignored",
            flow,
            f"{{it}}写了条件，但起点（{source.id}）不是排他或包容网关，条件不会生效；请在中间加一个排他网关。",
            f"{{it}} has a condition, but it leaves {source.id}, which is no exclusive or inclusive gateway, and "
            "would be ignored; put an exclusive gateway in between.",
        )
    elif flow.condition == "":
        yield about_flow(
            "error", "condition-empty", flow, "{it}的条件是空的，请填写。", "{it} has an empty condition; fill it in."
        )


def _node(diagram: Diagram, node: Node) -> Iterator[Finding]:
    if node.id in _RESERVED:
        yield about_node(
            "error",
            "id-reserved",
            node,
            "{it}的编号是系统保留的词，请换一个编号。",
            "{it} has an id that is reserved; choose another one.",
        )
    if node.kind == "startEvent" and node.incoming:
        yield about_node("error", "start-entered", node, "不能有连线进入{it}。", "no flow may lead into {it}.")
    if node.kind == "boundaryEvent":
        yield from _boundary(diagram, node)
    if node.kind == "endEvent" and node.outgoing:
        yield about_node("error", "end-left", node, "不能有连线从{it}出发。", "no flow may leave {it}.")
    if node.kind != "endEvent" and not node.outgoing and not node.triggered_by_event:
        yield about_node(
            "error",
            "dead-end",
            node,
            "{it}之后没有下一步，请连到下一环节或结束事件。",
            "{it} leads nowhere; connect it to the next step or to an end event.",
        )
    if len(node.outgoing) > 1 and node.kind not in GATEWAYS and node.kind != "startEvent":
        yield about_node(
            "error",
            "implicit-fork",
            node,
            "{it}有多条连线出去，请用并行网关（同时办）或排他网关（选一条）分开。",
            "{it} has several flows out; put a parallel gateway (all) or an exclusive gateway (one) after it.",
        )
    if node.default is not None and node.default not in node.outgoing:
        yield about_node(
            "error",
            "default-missing",
            node,
            "{it}的默认连线不是从它出发的连线，请重新指定。",
            "the default flow of {it} does not leave it; choose it again.",
        )
    if node.multi_instance is not None:
        yield from _multi_instance(node)


def _boundary(diagram: Diagram, node: Node) -> Iterator[Finding]:
    host = diagram.model.nodes.get(node.attached_to or "")
    if host is None or host.kind not in _ACTIVITIES or host.scope_id != node.scope_id:
        yield about_node(
            "error",
            "boundary-loose",
            node,
            "{it}没有附着在环节上，请拖到环节的边框上。",
            "{it} is attached to no step; drag it onto one.",
        )
    if node.incoming:
        yield about_node("error", "boundary-entered", node, "不能有连线进入{it}。", "no flow may lead into {it}.")


def _multi_instance(node: Node) -> Iterator[Finding]:
    loop = node.multi_instance
    if loop is None:
        return
    if (loop.input_name is None) == (loop.cardinality is None):
        yield about_node(
            "error",
            "multi-instance-source",
            node,
            "{it}是多实例，请指定一个清单（loopDataInputRef）或一个数目（loopCardinality），二者取一。",
            "{it} is repeated: name either a list (loopDataInputRef) or a number (loopCardinality).",
        )
    if loop.input_name is not None and loop.item_name is None:
        yield about_node(
            "error",
            "multi-instance-item",
            node,
            "{it}是多实例，请给清单中的每一项起一个名称（inputDataItem）。",
            "{it} is repeated: give the element of the list a name (inputDataItem).",
        )
    if (loop.output_name is None) != (loop.result_name is None):
        yield about_node(
            "error",
            "multi-instance-result",
            node,
            "{it}是多实例，汇总清单（loopDataOutputRef）和每项结果（outputDataItem）须同时填写或同时留空。",
            "{it} is repeated: give both the list of results (loopDataOutputRef) and the result of each "
            "(outputDataItem), or neither.",
        )


def _gateway(diagram: Diagram, node: Node) -> Iterator[Finding]:
    flows = diagram.outgoing(node)
    if node.kind == "eventBasedGateway":
        yield from _event_gateway(diagram, node, flows)
    if node.kind not in _CHOOSING:
        return
    for flow in flows:
        if flow.is_default and flow.condition is not None:
            yield about_flow(
                "error",
                "default-with-condition",
                flow,
                "{it}是默认连线，其条件不会生效；请删去条件，或改用别的默认连线。",
                "{it} is the default flow, so its condition would be ignored; remove it or choose another default.",
            )
        if len(flows) > 1 and not flow.is_default and flow.condition is None:
            yield about_flow(
                "error",
                "condition-missing",
                flow,
                '{it}没有条件，也不是默认连线，请填写条件，例如 formal_check = "accept"。',
                '{it} has no condition and is not the default; write one, such as formal_check = "accept".',
            )
    conditional = len(flows) > 1 or any(flow.condition is not None for flow in flows)
    if conditional and not any(flow.is_default for flow in flows):
        yield about_node(
            "error",
            "no-default",
            node,
            "{it}没有默认连线，各条件都不成立时办件会卡住；请指定一条默认连线。",
            "{it} has no default flow, and a case would stop where no condition holds; choose one.",
        )


def _event_gateway(diagram: Diagram, node: Node, flows: tuple[Flow, ...]) -> Iterator[Finding]:
    targets = [diagram.model.nodes[flow.target] for flow in flows if flow.target in diagram.model.nodes]
    if len(targets) < 2 or any(target.kind not in ("intermediateCatchEvent", "receiveTask") for target in targets):
        yield about_node(
            "error",
            "event-gateway",
            node,
            "{it}之后须接两个以上的等待事件或接收任务。",
            "{it} must be followed by two or more catching events or receive tasks.",
        )
