"""What every check works on: the files as read, our model of them, and a few maps made once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from workflows.engine.findings import Finding, Severity
from workflows.engine.lint.words import flow_title, node_title, sentence
from workflows.engine.model import SUBPROCESSES, Flow, Node, ProcessModel, local_name, model_of
from workflows.engine.xml import BPMN_TAG, Element


@dataclass(frozen=True)
class Diagram:
    """A definition under check.

    Args:
        roots: root element of each file by name, the main file first.
        model: our reading of it.
        processes: every process element of every file by id.
    """

    roots: Mapping[str, Element]
    model: ProcessModel
    processes: Mapping[str, Element] = field(default_factory=dict)

    @classmethod
    def of(cls, roots: Mapping[str, Element]) -> Diagram:
        """The diagram of files that were read."""
        found: dict[str, Element] = {}
        for root in roots.values():
            for process in root.iterfind(f"{BPMN_TAG}process"):
                found.setdefault(process.get("id", ""), process)
        return cls(roots, model_of(roots), found)

    @cached_property
    def scopes(self) -> Mapping[str, list[Node]]:
        """The nodes of each process and sub-process, in the order of the diagram."""
        scopes: dict[str, list[Node]] = {}
        for node in self.model.nodes.values():
            scopes.setdefault(node.scope_id, []).append(node)
            if node.kind in SUBPROCESSES:
                scopes.setdefault(node.id, [])
        scopes.setdefault(self.model.process_id, [])
        for called in self.model.called:
            scopes.setdefault(called, [])
        return scopes

    @cached_property
    def successors(self) -> Mapping[str, tuple[str, ...]]:
        """As `ProcessModel.successors`, made once."""
        return self.model.successors()

    @cached_property
    def hosts(self) -> Mapping[str, tuple[str, ...]]:
        """For each scope the activities that run it: the sub-process itself, or the call activities."""
        hosts: dict[str, list[str]] = {}
        for node in self.model.nodes.values():
            if node.kind in SUBPROCESSES:
                hosts.setdefault(node.id, []).append(node.id)
            elif node.called_element is not None and node.called_element in self.model.called:
                hosts.setdefault(node.called_element, []).append(node.id)
        return {scope: tuple(found) for scope, found in hosts.items()}

    def outgoing(self, node: Node) -> tuple[Flow, ...]:
        """The flows out of a node."""
        return tuple(self.model.flows[flow] for flow in node.outgoing)

    def elements(self) -> Iterator[Element]:
        """Every element of every file, drawing included, without comments and processing instructions."""
        for root in self.roots.values():
            yield from root.iter("*")

    def process_elements(self) -> Iterator[Element]:
        """The BPMN elements inside the processes of all files."""
        for process in self.processes.values():
            for element in process.iter("*"):
                if local_name(element) is not None:
                    yield element


def about_node(severity: Severity, code: str, node: Node, message: str, message_en: str) -> Finding:
    """A finding on a node; `{it}` in the texts stands for its title."""
    title, title_en = node_title(node)
    return _filled(severity, code, node.id, title, title_en, message, message_en)


def about_flow(severity: Severity, code: str, flow: Flow, message: str, message_en: str) -> Finding:
    """A finding on a flow; `{it}` in the texts stands for its title."""
    title, title_en = flow_title(flow)
    return _filled(severity, code, flow.id or flow.source or None, title, title_en, message, message_en)


def _filled(
    severity: Severity, code: str, element_id: str | None, title: str, title_en: str, message: str, message_en: str
) -> Finding:
    chinese, english = message.replace("{it}", title), sentence(message_en.replace("{it}", title_en))
    return Finding(severity, code, element_id or None, chinese, english)
