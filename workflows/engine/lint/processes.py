"""The processes of a definition: which one is started, and which ones it calls."""

from __future__ import annotations

from collections.abc import Iterator

from workflows.engine.findings import Finding, error
from workflows.engine.lint.diagram import Diagram, about_node
from workflows.engine.model import SUBPROCESSES
from workflows.engine.xml import BPMN_TAG

MAX_PARTS = 4000
"""Nodes and flows of one definition, called processes included."""
MAX_NESTING = 12
"""Sub-processes and calls inside one another."""


def check_processes(diagram: Diagram) -> Iterator[Finding]:
    """One process can be started, all called ones are here, none calls itself."""
    main = next(iter(diagram.roots))
    executable = [
        process.get("id") or ""
        for process in diagram.roots[main].iterfind(f"{BPMN_TAG}process")
        if process.get("isExecutable", "true") == "true"
    ]
    if not executable:
        yield error(
            "no-process",
            None,
            f"文件“{main}”中没有可执行的流程，请在流程属性中勾选“可执行”。",
            f"The file “{main}” has no executable process; tick “executable” in the properties of the process.",
        )
        return
    for extra in executable[1:]:
        if extra not in diagram.model.called:
            yield error(
                "process-extra",
                extra or None,
                f"流程（{extra}）不会被启动，也没有环节调用它；请移到单独的文件。",
                f"The process {extra} would never be started and nothing calls it; move it to a file of its own.",
            )
    if len(diagram.model.nodes) + len(diagram.model.flows) > MAX_PARTS:
        yield error(
            "too-many-parts",
            diagram.model.process_id,
            f"流程图的环节和连线合计超过 {MAX_PARTS} 个，请拆成几个流程。",
            f"The diagram has more than {MAX_PARTS} steps and flows; split it into several processes.",
        )
        return
    yield from _calls(diagram)
    yield from _nesting(diagram)


def _calls(diagram: Diagram) -> Iterator[Finding]:
    for node in diagram.model.nodes.values():
        if node.kind != "callActivity":
            continue
        called = diagram.processes.get(node.called_element or "")
        if called is None:
            yield about_node(
                "error",
                "called-process-missing",
                node,
                f"{{it}}要调用的流程“{node.called_element or ''}”不在本定义中，请一并上传，或改为已有流程的编号。",
                f"{{it}} calls “{node.called_element or ''}”, which is not part of this definition; upload it as well.",
            )
        elif called.get("isExecutable", "true") != "true":
            yield about_node(
                "error",
                "called-process-idle",
                node,
                f"{{it}}要调用的流程“{node.called_element}”没有设为可执行。",
                f"{{it}} calls “{node.called_element}”, which is not set to be executable.",
            )


def _nesting(diagram: Diagram) -> Iterator[Finding]:
    """Depth and circles of scopes, found by walking from the main process downwards."""
    inner: dict[str, list[tuple[str, str]]] = {}
    for node in diagram.model.nodes.values():
        scope = node.id if node.kind in SUBPROCESSES else node.called_element if node.kind == "callActivity" else None
        if scope is not None and scope in diagram.scopes:
            inner.setdefault(node.scope_id, []).append((node.id, scope))
    depths = {diagram.model.process_id: 0}
    waiting = [diagram.model.process_id]
    while waiting:
        scope = waiting.pop()
        for node_id, child in inner.get(scope, ()):
            if depths.get(child, -1) > depths[scope]:
                continue
            depths[child] = depths[scope] + 1
            if depths[child] > MAX_NESTING:
                yield about_node(
                    "error",
                    "process-calls-itself",
                    diagram.model.nodes[node_id],
                    f"{{it}}使流程层层嵌套超过 {MAX_NESTING} 层，或流程绕回调用自己；请减少层次。",
                    f"{{it}} nests processes more than {MAX_NESTING} deep, or makes one call itself; use fewer levels.",
                )
                return
            waiting.append(child)
