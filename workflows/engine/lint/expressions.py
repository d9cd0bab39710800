"""Every FEEL expression of a diagram, compiled with the names its place can see."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

from workflows.decisions import ExpressionError, compile_expression
from workflows.engine.findings import Finding, error
from workflows.engine.lint.diagram import Diagram, about_flow, about_node
from workflows.engine.lint.words import element_title, sentence
from workflows.engine.model import Flow, MultiInstance, Node
from workflows.engine.types import GROUPS

CASE_NAMES = frozenset(["applicant", "case", "county", "measure"])
"""Variables every case has."""
_T = TypeVar("_T")
COUNTERS = frozenset(["nrOfInstances", "nrOfActiveInstances", "nrOfCompletedInstances"])
_DECIDING = frozenset(
    ["userTask", "manualTask", "receiveTask", "serviceTask", "intermediateCatchEvent", "boundaryEvent"]
)
_TYPES = frozenset(["string", "number", "boolean", "date", "list", "context", "any"])


class Names:
    """Which variables can be seen where: those of the case everywhere, those of an instance only inside it."""

    def __init__(self, diagram: Diagram) -> None:
        self._diagram = diagram
        self._written: dict[str | None, set[str]] = {None: set(CASE_NAMES)}
        self._written[None].update(variable.name for variable in diagram.model.variables if variable.name)
        self._instance_of: dict[str, str | None] = {}
        self._seen: dict[str | None, frozenset[str]] = {}
        self.fields = {variable.name: variable.fields for variable in diagram.model.variables if variable.fields}
        for node in diagram.model.nodes.values():
            self._enter(node)
            loop = node.multi_instance
            if loop is not None and loop.item_name and loop.input_name in self.fields:
                self.fields.setdefault(loop.item_name, self.fields[loop.input_name])

    def _enter(self, node: Node) -> None:
        around = self.instance_around(node.scope_id)
        if node.multi_instance is None:
            if node.kind in _DECIDING:
                self._written.setdefault(around, set()).add(node.id)
            return
        inside = self._written.setdefault(node.id, set())
        if node.kind in _DECIDING:
            inside.add(node.id)
        if node.multi_instance.item_name:
            inside.add(node.multi_instance.item_name)
        if node.multi_instance.output_name:
            self._written.setdefault(around, set()).add(node.multi_instance.output_name)

    def instance_around(self, scope_id: str) -> str | None:
        """The innermost multi-instance activity that runs this scope."""
        if scope_id not in self._instance_of:
            self._instance_of[scope_id] = None  # a circle of calls ends here
            for host in self._diagram.hosts.get(scope_id, ())[:1]:
                node = self._diagram.model.nodes[host]
                repeated = node.multi_instance is not None
                self._instance_of[scope_id] = node.id if repeated else self.instance_around(node.scope_id)
        return self._instance_of[scope_id]

    def in_scope(self, scope_id: str) -> frozenset[str]:
        """What an expression directly in this scope sees."""
        return self._seen_from(self.instance_around(scope_id))

    def inside(self, node: Node) -> frozenset[str]:
        """What an expression of the node itself sees: of its own instance, where it is repeated."""
        return self._seen_from(node.id) if node.multi_instance is not None else self.in_scope(node.scope_id)

    def _seen_from(self, instance: str | None) -> frozenset[str]:
        if instance not in self._seen:
            seen, place = set(self._written[None]), instance
            while place is not None:
                seen |= self._written.get(place, set())
                place = self.instance_around(self._diagram.model.nodes[place].scope_id)
            self._seen[instance] = frozenset(seen)
        return self._seen[instance]


def check_expressions(diagram: Diagram) -> Iterator[Finding]:
    """Conditions, lists and members."""
    names = Names(diagram)
    yield from _variables(diagram)
    for flow in diagram.model.flows.values():
        if flow.condition and not flow.is_default:
            problem = _problem(flow.condition, names, names.in_scope(flow.scope_id))
            if problem:
                yield about_flow("error", *_worded("{it}的条件", "the condition of {it}", "condition", flow, problem))
            else:
                yield from _unknown_decisions(diagram, flow)
    for node in diagram.model.nodes.values():
        if node.multi_instance is not None:
            yield from _multi_instance(node, node.multi_instance, names)
        if member := node.attributes.get("member"):
            problem = _problem(member, names, names.inside(node) | GROUPS)
            if problem:
                yield about_node(
                    "error", *_worded("{it}的 member（办理单位）", "the member of {it}", "member", node, problem)
                )


def _problem(text: str, names: Names, seen: frozenset[str]) -> ExpressionError | None:
    try:
        expression = compile_expression(text, names=seen)
    except ExpressionError as failure:
        return failure
    for name, member in sorted(expression.members):
        fields = names.fields.get(name)
        if fields is not None and member not in fields:
            return ExpressionError(
                0,
                f"“{name}”没有“{member}”这一项，流程声明的只有：{'、'.join(fields)}。",
                f"“{name}” has no “{member}”; the process declares only {', '.join(fields)}.",
            )
    return None


def _unknown_decisions(diagram: Diagram, flow: Flow) -> Iterator[Finding]:
    """A misspelt decision compiles well and never holds, so that the default is taken without a word."""
    for name, text in sorted(compile_expression(flow.condition or "").compared):
        node = diagram.model.nodes.get(name)
        decisions = [] if node is None else [decision.id for decision in node.decisions]
        if node is not None and node.attributes.get("onExpiry") == "deem_no_opinion":
            decisions.append("deemed_no_opinion")
        if decisions and text not in decisions:
            yield about_flow(
                "warning",
                "decision-unknown",
                flow,
                f"{{it}}的条件里写了“{text[:40]}”，而任务（{name}）的决定只有：{'、'.join(decisions)}；请核对拼写。",
                f"the condition of {{it}} says “{text[:40]}”, but {name} offers only {', '.join(decisions)}; check it.",
            )


def _worded(subject: str, subject_en: str, code: str, about: _T, problem: ExpressionError) -> tuple[str, _T, str, str]:
    return (
        f"{code}-expression",
        about,
        f"{subject}不合写法：{problem.message}",
        f"{subject_en} is not understood: {problem.message_en}",
    )


def _multi_instance(node: Node, loop: MultiInstance, names: Names) -> Iterator[Finding]:
    outside, inside = names.in_scope(node.scope_id), names.inside(node)
    if loop.input_name is not None and loop.input_name not in outside | GROUPS:
        yield about_node(
            "error",
            "list-unknown",
            node,
            f"{{it}}用到的清单“{loop.input_name}”没有来源，请在流程属性中声明该变量（lianban:variable）。",
            f"the list “{loop.input_name}” of {{it}} comes from nowhere; declare it in the process (lianban:variable).",
        )
    if loop.item_name is not None and loop.item_name in (loop.input_name, loop.output_name):
        yield about_node(
            "error",
            "item-name-taken",
            node,
            f"{{it}}中每一项的名称“{loop.item_name}”与清单重名，请换一个。",
            f"in {{it}} the element is called “{loop.item_name}” like the list itself; choose another name.",
        )
    if loop.result_name is not None and loop.result_name not in inside:
        yield about_node(
            "error",
            "result-unknown",
            node,
            f"{{it}}要汇总的结果“{loop.result_name}”在各实例中没有来源，请填写其中某个任务的编号，或在流程属性中声明该变量。",
            f"{{it}} collects “{loop.result_name}”, which comes from nowhere; "
            "name one of its tasks, or declare the variable in the process.",
        )
    for text, code, seen in (
        (loop.completion_condition, "completion", inside | COUNTERS),
        (loop.cardinality, "cardinality", outside),
    ):
        problem = _problem(text, names, seen) if text else None
        if problem:
            yield about_node("error", *_worded("{it}的多实例设置", "the repetition of {it}", code, node, problem))


def _variables(diagram: Diagram) -> Iterator[Finding]:
    process = diagram.processes[diagram.model.process_id]
    title, title_en = element_title(process)
    seen: set[str] = set()
    for variable in diagram.model.variables:
        taken = variable.name in GROUPS or variable.name == "typename"
        wrong = not variable.name or variable.name in seen or taken or variable.type not in _TYPES
        seen.add(variable.name)
        if wrong:
            yield error(
                "variable-declaration",
                diagram.model.process_id,
                f"{title}声明的变量“{variable.name}”重名、无名或类型不对。",
                sentence(
                    f"{title_en} declares the variable “{variable.name}” twice, without a name or with a wrong type."
                ),
            )
