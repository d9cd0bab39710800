"""Events, messages and timers: only the kinds that really work, each complete (BPMN 2.0.2, 10.5)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta

from workflows.decisions import ExpressionError, compile_expression
from workflows.engine.findings import Finding
from workflows.engine.lint.diagram import Diagram, about_node
from workflows.engine.lint.words import EVENT_KINDS
from workflows.engine.model import EVENTS, Node, event_definitions, local_name
from workflows.engine.xml import BPMN_TAG, Element

_ALLOWED: Mapping[str, frozenset[str]] = {
    "startEvent": frozenset(["none", "message", "timer"]),
    "endEvent": frozenset(["none", "terminate", "error", "escalation", "message", "cancel"]),
    "intermediateCatchEvent": frozenset(["message", "timer"]),
    "intermediateThrowEvent": frozenset(["none", "message", "escalation"]),
    "boundaryEvent": frozenset(["timer", "message", "error", "escalation", "cancel"]),
}
_DURATION = re.compile(
    r"P(?=[0-9T])([0-9]+Y)?([0-9]+M)?([0-9]+W)?([0-9]+D)?(T(?=[0-9])([0-9]+H)?([0-9]+M)?([0-9]+(\.[0-9]+)?S)?)?"
)
_CYCLE = re.compile(r"R[0-9]*/(?:([^/]+)/)?(P[^/]+)")

_SOME_DAY = date(2000, 1, 1)
"""Stands for what a date variable or due_workdays will give."""


def check_events(diagram: Diagram) -> Iterator[Finding]:
    """Kinds of events, what they wait for, and the times of timers."""
    elements = {element.get("id"): element for element in diagram.process_elements()}
    messages = {message.get("id") for root in diagram.roots.values() for message in root.iterfind(f"{BPMN_TAG}message")}
    dates = [variable.name for variable in diagram.model.variables if variable.type == "date"]
    for node in diagram.model.nodes.values():
        element = elements.get(node.id)
        if element is None:
            continue
        if node.triggered_by_event:
            yield _event_subprocess(node)
        if node.kind in EVENTS:
            yield from _event(diagram, node)
            yield from _messages_of_event(node, element, messages)
        elif node.kind in ("receiveTask", "sendTask"):
            yield from _message_of_task(node, element, messages)
        if node.event_kind == "timer":
            yield from _timer(node, element, dates)


def _event_subprocess(node: Node) -> Finding:
    return about_node(
        "error",
        "event-subprocess",
        node,
        "{it}是事件子流程，会在立案时误启动或不能打断主流程；请改用附在环节边框上的边界事件。",
        "{it} is an event sub-process, which would start by itself or fail to interrupt; use a boundary event instead.",
    )


def _event(diagram: Diagram, node: Node) -> Iterator[Finding]:
    kind = node.event_kind or "none"
    kind_zh, kind_en = EVENT_KINDS.get(kind, (kind, kind))
    if kind == "none" and kind not in _ALLOWED[node.kind]:
        yield about_node(
            "error",
            "event-empty",
            node,
            "{it}没有写明等待什么，办件会直接走过去；请选择消息或定时。",
            "{it} does not say what it waits for, and a case would pass at once; choose a message or a timer.",
        )
    elif kind not in _ALLOWED[node.kind]:
        yield about_node(
            "error",
            f"event-{kind}",
            node,
            f"{{it}}不能是{kind_zh}事件，它不会起作用；请改用其他画法，例如用连线、消息或边界事件表达。",
            f"{{it}} cannot be a {kind_en} event, it would have no effect; use a flow, a message or a boundary event.",
        )
    if kind == "cancel":
        yield from _cancel(diagram, node)
    if (
        kind == "timer"
        and node.kind == "boundaryEvent"
        and node.interrupting
        and node.timer
        and node.timer.kind == "timeCycle"
    ):
        yield about_node(
            "error",
            "cycle-interrupts",
            node,
            "{it}反复触发却又打断环节，会不断生出新的分支；请改为不打断，或改为只触发一次的时长。",
            "{it} repeats and interrupts, and would open a branch each time; make it non-interrupting or fire once.",
        )
    if node.kind == "startEvent" and kind != "none" and node.scope_id not in (diagram.model.process_id,):
        yield about_node(
            "error",
            "start-inside",
            node,
            "{it}在子流程或被调用的流程里，只能是空的开始事件。",
            "{it} lies in a sub-process or called process and can only be a plain start event.",
        )


def _cancel(diagram: Diagram, node: Node) -> Iterator[Finding]:
    place = node.attached_to if node.kind == "boundaryEvent" else node.scope_id
    host = diagram.model.nodes.get(place or "")
    if host is None or host.kind != "transaction":
        yield about_node(
            "error",
            "cancel-outside",
            node,
            "{it}是取消事件，只能用于事务子流程。",
            "{it} is a cancel event, which belongs to a transaction only.",
        )


def _messages_of_event(node: Node, element: Element, messages: set[str | None]) -> Iterator[Finding]:
    for definition in event_definitions(element):
        if local_name(definition) == "messageEventDefinition" and definition.get("messageRef") not in messages:
            yield _no_message(node)


def _message_of_task(node: Node, element: Element, messages: set[str | None]) -> Iterator[Finding]:
    reference = element.get("messageRef")
    definitions = [d.get("messageRef") for d in event_definitions(element) if local_name(d) == "messageEventDefinition"]
    if any(name in messages for name in ([reference] if reference else definitions)):
        return
    if node.kind == "receiveTask" or reference or definitions:
        yield _no_message(node)
        return
    yield about_node(
        "warning",
        "message-missing",
        node,
        "{it}没有指定消息，办件会直接走过去。",
        "{it} names no message, and a case would pass at once.",
    )


def _no_message(node: Node) -> Finding:
    return about_node(
        "error",
        "message-missing",
        node,
        "{it}没有指定消息，办件会直接走过去；请在属性中选择一个消息。",
        "{it} names no message, and a case would pass at once; choose a message in its properties.",
    )


def _timer(node: Node, element: Element, dates: list[str]) -> Iterator[Finding]:
    definitions = [d for d in event_definitions(element) if local_name(d) == "timerEventDefinition"]
    times = [child for d in definitions for child in d if (local_name(child) or "").startswith("time")]
    if node.timer is None or len(times) != 1 or not node.timer.text:
        yield about_node(
            "error",
            "timer-empty",
            node,
            '{it}没有写明时间，请填写一个时长，例如 "P3D"（三天），或 due_workdays(5)（五个工作日）。',
            '{it} has no time; write one, such as "P3D" for three days or due_workdays(5) for five working days.',
        )
        return
    yield from _time(node, node.timer.kind, node.timer.text, dates)


def _time(node: Node, kind: str, text: str, dates: list[str]) -> Iterator[Finding]:
    if _DURATION.fullmatch(text) or _CYCLE.fullmatch(text):
        yield _bad_time(
            node, text, f'时长要加半角双引号，写成 "{text[:40]}"', f'put it in double quotes: "{text[:40]}"'
        )
        return
    try:
        expression = compile_expression(text, names=["due_workdays", *dates])
        value = expression.evaluate({**dict.fromkeys(dates, _SOME_DAY), "due_workdays": lambda days: _SOME_DAY})
    except ExpressionError as failure:
        yield _bad_time(node, text, failure.message.rstrip("。"), failure.message_en.rstrip("."))
        return
    except Exception:  # whatever an odd argument makes of it, it is no time
        value = None
    if not _is_time(kind, value, by_workdays="due_workdays" in expression.names):
        yield _bad_time(
            node,
            text,
            '请填写 ISO 8601 时长，例如 "P3D"，或 due_workdays(5)',
            'write an ISO 8601 duration such as "P3D", or due_workdays(5)',
        )


def _is_time(kind: str, value: object, *, by_workdays: bool) -> bool:
    if kind == "timeCycle":
        cycle = _CYCLE.fullmatch(value) if isinstance(value, str) else None
        return cycle is not None and bool(_DURATION.fullmatch(cycle[2])) and not cycle[0].startswith("R0/")
    if kind == "timeDuration":
        length = isinstance(value, timedelta) and value > timedelta()
        return length or by_workdays or (isinstance(value, str) and bool(_DURATION.fullmatch(value)))
    if isinstance(value, str):
        return _is_instant(value) or bool(_DURATION.fullmatch(value))
    return isinstance(value, date | datetime)


def _is_instant(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def _bad_time(node: Node, text: str, what: str, what_en: str) -> Finding:
    shown = text[:60]
    return about_node(
        "error",
        "timer-expression",
        node,
        f"{{it}}的时间“{shown}”不合写法：{what}。",
        f"the time “{shown}” of {{it}} is not understood: {what_en}.",
    )
