"""Which elements and attributes may stand in a file; what is not known here could change the meaning and is refused."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from workflows.engine.findings import Finding, error, warning
from workflows.engine.lint.diagram import Diagram
from workflows.engine.lint.words import element_title, sentence
from workflows.engine.model import FLOW_NODES, local_name
from workflows.engine.xml import BPMN, BPMN_TAG, LIANBAN, LIANBAN_TAG, Element

_DRAWN_ONLY = frozenset(
    """
    definitions documentation extensionElements collaboration participant participantMultiplicity
    messageFlow textAnnotation association text group category categoryValue laneSet lane flowNodeRef
    childLaneSet itemDefinition message error escalation auditing monitoring incoming outgoing process
    """.split()  # noqa: SIM905
)
_ACTIVE = frozenset(
    """
    sequenceFlow conditionExpression multiInstanceLoopCharacteristics loopDataInputRef loopDataOutputRef
    inputDataItem outputDataItem loopCardinality completionCondition timerEventDefinition timeDate
    timeDuration timeCycle messageEventDefinition errorEventDefinition escalationEventDefinition
    terminateEventDefinition cancelEventDefinition dataObject dataObjectReference dataState property
    ioSpecification dataInput dataOutput inputSet outputSet dataInputRefs dataOutputRefs
    dataInputAssociation dataOutputAssociation sourceRef targetRef
    """.split()  # noqa: SIM905
)
_REPORTED_ELSEWHERE = frozenset(
    """
    signalEventDefinition compensateEventDefinition linkEventDefinition conditionalEventDefinition condition
    source target signal
    """.split()  # noqa: SIM905
)
_REFUSED_NODES: Mapping[str, tuple[str, str, str]] = {
    "scriptTask": (
        "script-task",
        "{it}含有程序脚本，系统不运行脚本，请改为用户任务，或把判断写成网关条件。",
        "{it} holds a program, which would not be run; use a user task, or write the decision as a gateway condition.",
    ),
    "businessRuleTask": (
        "rule-task",
        "{it}暂不支持，请用排他网关的条件表达这一判断。",
        "{it} is not supported yet; express the decision by the conditions of an exclusive gateway.",
    ),
    "adHocSubProcess": (
        "ad-hoc",
        "{it}没有固定次序，系统无法办理，请改为普通子流程并画出先后。",
        "{it} has no fixed order and cannot be run; use an ordinary sub-process and draw the order.",
    ),
    "complexGateway": (
        "complex-gateway",
        "{it}不受支持，请改用排他、包容或并行网关。",
        "{it} is not supported; use an exclusive, inclusive or parallel gateway.",
    ),
    "standardLoopCharacteristics": (
        "loop-marker",
        "循环标记不受支持，请用连线画回前面的环节，并在网关上写明条件。",
        "The loop marker is not supported; draw a flow back to the earlier step with a condition at a gateway.",
    ),
}
_ATTRIBUTES: Mapping[str, frozenset[str]] = {
    "process": frozenset(["isExecutable", "processType", "isClosed", "definitionalCollaborationRef"]),
    "sequenceFlow": frozenset(["sourceRef", "targetRef", "isImmediate"]),
    "startEvent": frozenset(["isInterrupting", "parallelMultiple"]),
    "boundaryEvent": frozenset(["attachedToRef", "cancelActivity", "parallelMultiple"]),
    "intermediateCatchEvent": frozenset(["parallelMultiple"]),
    "callActivity": frozenset(["calledElement"]),
    "userTask": frozenset(["implementation"]),
    "serviceTask": frozenset(["implementation", "operationRef"]),
    "sendTask": frozenset(["implementation", "operationRef", "messageRef"]),
    "receiveTask": frozenset(["implementation", "operationRef", "messageRef", "instantiate"]),
    "subProcess": frozenset(["triggeredByEvent"]),
    "transaction": frozenset(["triggeredByEvent", "method", "protocol"]),
    "eventBasedGateway": frozenset(["instantiate", "eventGatewayType"]),
}
_ANY_NODE = frozenset(
    ["id", "name", "default", "startQuantity", "completionQuantity", "isForCompensation", "gatewayDirection"]
)
_ONLY_VALUE: Mapping[str, str] = {
    "startQuantity": "1",
    "completionQuantity": "1",
    "isForCompensation": "false",
    "instantiate": "false",
    "parallelMultiple": "false",
    "eventGatewayType": "Exclusive",
    "triggeredByEvent": "false",
}
_TASK_ATTRIBUTES = frozenset(
    """role duty member post form workingDays onExpiry clock distinctFrom returns effect message
    childCase caseStatus completion figures ifNobody ifSamePerson ifApplicant passDecision""".split()  # noqa: SIM905
)
_OWN_ATTRIBUTES: Mapping[str, frozenset[str]] = {
    "process": frozenset(
        """caseType measure prefix retention workingDays applyForm titleField applicantName
        applicantUscc ifNobody ifSamePerson ifApplicant""".split()  # noqa: SIM905
    ),
    "userTask": _TASK_ATTRIBUTES,
    "receiveTask": frozenset(["message"]),
    "intermediateCatchEvent": frozenset(["message"]),
    "serviceTask": frozenset(["connector"]),
    "endEvent": frozenset(["outcome", "notice"]),
    "callActivity": frozenset(["childCase", "completion"]),
    "subProcess": frozenset(["childCase", "completion"]),
    "transaction": frozenset(["childCase", "completion"]),
}
_OWN_ELEMENTS: Mapping[str, frozenset[str]] = {
    "decision": frozenset(["id", "label", "labelEn", "opinion", "notice"]),
    "variable": frozenset(["name", "type", "fields"]),
}
_CHANGES_BEHAVIOUR = frozenset(
    """
    executionListener taskListener eventListener script preScript postScript connector inputOutput
    inputParameter outputParameter in out field ioMapping taskDefinition assignmentDefinition calledElement
    calledDecision serviceTaskOperator unitTests messageVariable failedJobRetryTimeCycle formProperty
    formData formField variableAggregation collection userTaskForm taskSchedule formDefinition properties
    """.split()  # noqa: SIM905
)
_ATTRIBUTES_CHANGING = frozenset(
    """
    assignee candidateUsers candidateGroups class expression delegateExpression type topic resource
    resultVariable resultVariableName formKey formRef formHandlerClass dueDate followUpDate collection
    elementVariable skipExpression calledElementBinding calledElementType decisionRef variableName
    triggerable initiator skippable owner scriptFormat
    """.split()  # noqa: SIM905
)
_VENDOR_WORDS = ("activiti.org", "flowable.org", "camunda.org", "spiffworkflow", "spiff", "jboss", "bonitasoft")


def check_elements(diagram: Diagram) -> Iterator[Finding]:
    """Elements and attributes that are unknown, refused, or of another product."""
    for element in diagram.elements():
        kind = local_name(element)
        if kind is not None:
            yield from _bpmn_element(element, kind)
        elif _within_bpmn(element):
            yield from _other_element(element)


def _within_bpmn(element: Element) -> bool:
    """Whether a foreign element stands in a BPMN one: the drawing and parts of foreign elements are not looked at."""
    parent = element.getparent()
    name = None if parent is None else local_name(parent)
    return name is not None and name != "definitions"


def _bpmn_element(element: Element, kind: str) -> Iterator[Finding]:
    if refused := _REFUSED_NODES.get(kind):
        code, message, message_en = refused
        yield _filled(code, element, message, message_en)
    elif kind not in _DRAWN_ONLY | _ACTIVE | _REPORTED_ELSEWHERE | FLOW_NODES:
        yield _filled(
            "element-unknown",
            element,
            f"{{it}}中的“{kind}”不受支持，请在流程编辑器中删去。",
            f"“{kind}” is not supported ({{it}}); remove it in the process editor.",
        )
    if kind in FLOW_NODES or kind in ("process", "sequenceFlow"):
        yield from _attributes(element, kind)


def _attributes(element: Element, kind: str) -> Iterator[Finding]:
    allowed = _ANY_NODE | _ATTRIBUTES.get(kind, frozenset())
    own = _OWN_ATTRIBUTES.get(kind, frozenset()) | {"nameEn"}
    for key, value in element.attrib.items():
        namespace, _, name = str(key).rpartition("}")
        if namespace in ("", "{" + BPMN):
            if name not in allowed:
                yield _attribute(element, name)
            elif name in _ONLY_VALUE and value != _ONLY_VALUE[name] and name != "triggeredByEvent":
                yield _fixed_value(element, name, _ONLY_VALUE[name])
        elif namespace == "{" + LIANBAN:
            if name not in own:
                yield _attribute(element, f"lianban:{name}")
        elif name in _ATTRIBUTES_CHANGING and _vendor(namespace):
            yield _foreign(element, name)


def _attribute(element: Element, name: str) -> Finding:
    return _filled(
        "attribute-unknown",
        element,
        f"{{it}}的属性“{name}”不受支持，请核对拼写或删去。",
        f"{{it}} has the attribute “{name}”, which is not supported; check its spelling or remove it.",
    )


def _fixed_value(element: Element, name: str, value: str) -> Finding:
    return _filled(
        "attribute-value",
        element,
        f"{{it}}的属性“{name}”只能是“{value}”，请改正或删去。",
        f"{{it}}: the attribute “{name}” can only be “{value}”; correct or remove it.",
    )


def _vendor(namespace: str) -> bool:
    return any(word in namespace.lower() for word in _VENDOR_WORDS)


def _foreign(element: Element, name: str) -> Finding:
    return _filled(
        "foreign-behaviour",
        element,
        f"{{it}}带有其他软件的设置“{name}”，本系统不会执行，请删去，并在本系统的属性中重新设置。",
        f"{{it}} has the setting “{name}” of another product, which would not be obeyed; remove it and set it up here.",
    )


def _other_element(element: Element) -> Iterator[Finding]:
    parent = element.getparent()
    if parent is None:
        return
    tag = element.tag if isinstance(element.tag, str) else ""
    namespace, _, name = tag.rpartition("}")
    if tag.startswith(LIANBAN_TAG):
        yield from _own_element(element, parent, name)
        return
    holder = parent.getparent() if local_name(parent) == "extensionElements" else parent
    holder = parent if holder is None else holder
    if name in _CHANGES_BEHAVIOUR and _vendor(namespace):
        yield _foreign(holder, name)
        return
    title, title_en = element_title(holder)
    yield warning(
        "foreign-element",
        holder.get("id"),
        f"{title}带有其他软件的附加内容“{name}”，本系统不予理会。",
        sentence(f"{title_en} carries “{name}” of another product, which is ignored."),
    )


def _own_element(element: Element, parent: Element, name: str) -> Iterator[Finding]:
    holder = parent.getparent()
    holder = parent if holder is None else holder
    allowed = _OWN_ELEMENTS.get(name)
    wanted = {"decision": "userTask", "variable": "process"}.get(name)
    if allowed is None or local_name(parent) != "extensionElements" or local_name(holder) != wanted:
        yield _filled(
            "element-unknown",
            holder,
            f"{{it}}中的“lianban:{name}”不受支持或放错了位置。",
            f"{{it}}: “lianban:{name}” is not supported or is in the wrong place.",
        )
        return
    for key in map(str, element.attrib):
        if key not in allowed:
            yield _attribute(holder, f"lianban:{name} {key}")


def _filled(code: str, element: Element, message: str, message_en: str) -> Finding:
    title, title_en = element_title(element)
    holder: Element | None = element
    while holder is not None and not holder.get("id"):
        holder = holder.getparent()
    return error(
        code,
        None if holder is None else holder.get("id"),
        message.replace("{it}", title),
        sentence(message_en.replace("{it}", title_en)),
    )


def check_ids(diagram: Diagram) -> Iterator[Finding]:
    """Every node and flow has an id of its own, over all files."""
    counts: Counter[str] = Counter()
    for root in diagram.roots.values():
        for element in root.iter(f"{BPMN_TAG}*"):
            kind = local_name(element)
            if element_id := element.get("id"):
                counts[element_id] += 1
            elif kind in FLOW_NODES or kind in ("sequenceFlow", "process"):
                yield _no_id(element)
    for element_id, count in counts.items():
        if count > 1:
            yield error(
                "id-twice",
                element_id,
                f"编号“{element_id}”用了 {count} 次，只有一个会生效；请让每个元素的编号各不相同。",
                f"The id “{element_id}” is used {count} times and only one would count; give every element its own id.",
            )


def _no_id(element: Element) -> Finding:
    title, title_en = element_title(element)
    source, target = element.get("sourceRef"), element.get("targetRef")
    if source or target:
        title, title_en = f"从“{source}”到“{target}”的连线", f"the flow from “{source}” to “{target}”"
    return error(
        "id-missing",
        source,
        f"{title}没有编号（id），办件走到这里会停住；请删去后重画。",
        sentence(f"{title_en} has no id and a case would stop there; delete it and draw it again."),
    )
