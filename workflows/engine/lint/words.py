"""How an element is called in a sentence for a person who looks at the drawing."""

from __future__ import annotations

from workflows.engine.model import Flow, Node, local_name, tidy
from workflows.engine.xml import Element

_KINDS = {
    "process": ("流程", "process"),
    "startEvent": ("开始事件", "start event"),
    "endEvent": ("结束事件", "end event"),
    "intermediateCatchEvent": ("等待事件", "catching event"),
    "intermediateThrowEvent": ("发出事件", "throwing event"),
    "boundaryEvent": ("边界事件", "boundary event"),
    "task": ("任务", "task"),
    "userTask": ("用户任务", "user task"),
    "manualTask": ("手工任务", "manual task"),
    "serviceTask": ("服务任务", "service task"),
    "sendTask": ("发送任务", "send task"),
    "receiveTask": ("接收任务", "receive task"),
    "scriptTask": ("脚本任务", "script task"),
    "businessRuleTask": ("规则任务", "business rule task"),
    "callActivity": ("调用活动", "call activity"),
    "subProcess": ("子流程", "sub-process"),
    "transaction": ("事务子流程", "transaction"),
    "adHocSubProcess": ("自由子流程", "ad hoc sub-process"),
    "exclusiveGateway": ("排他网关", "exclusive gateway"),
    "inclusiveGateway": ("包容网关", "inclusive gateway"),
    "parallelGateway": ("并行网关", "parallel gateway"),
    "eventBasedGateway": ("事件网关", "event-based gateway"),
    "complexGateway": ("复杂网关", "complex gateway"),
    "sequenceFlow": ("连线", "sequence flow"),
}
EVENT_KINDS = {
    "none": ("空", "none"),
    "message": ("消息", "message"),
    "timer": ("定时", "timer"),
    "error": ("错误", "error"),
    "escalation": ("升级", "escalation"),
    "signal": ("信号", "signal"),
    "terminate": ("终止", "terminate"),
    "cancel": ("取消", "cancel"),
    "compensate": ("补偿", "compensation"),
    "link": ("链接", "link"),
    "conditional": ("条件", "conditional"),
    "multiple": ("多重", "multiple"),
}


def _title(kind: str, name: str, element_id: str | None) -> tuple[str, str]:
    kind_zh, kind_en = _KINDS.get(kind, (kind, kind))
    shown = name[:60]
    if not element_id:
        return (f"{kind_zh}“{shown}”", f"the {kind_en} “{shown}”") if shown else (kind_zh, f"a {kind_en}")
    if not shown:
        return f"{kind_zh}（{element_id}）", f"the {kind_en} {element_id}"
    return f"{kind_zh}“{shown}”（{element_id}）", f"the {kind_en} “{shown}” ({element_id})"


def node_title(node: Node) -> tuple[str, str]:
    """A node in Chinese and English."""
    return _title(node.kind, node.name, node.id)[0], _title(node.kind, node.name_en, node.id)[1]


def flow_title(flow: Flow) -> tuple[str, str]:
    """A flow in Chinese and English."""
    return _title("sequenceFlow", flow.name, flow.id)[0], _title("sequenceFlow", flow.name_en, flow.id)[1]


def element_title(element: Element) -> tuple[str, str]:
    """Any element of a file in Chinese and English."""
    return _title(local_name(element) or str(element.tag), tidy(element.get("name")), element.get("id"))


def sentence(text: str) -> str:
    """English with a capital first letter."""
    return text[:1].upper() + text[1:]
