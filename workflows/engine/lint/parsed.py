"""Our reading against the engine's: every node and flow of the files must be found in what the library parsed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workflows.engine.compiler import parse
from workflows.engine.findings import DiagramRefusedError, Finding, error
from workflows.engine.lint.diagram import Diagram, about_flow, about_node
from workflows.engine.types import Sources


def check_parsed(sources: Sources, diagram: Diagram) -> list[Finding]:
    """What the library refuses, or dropped without a word."""
    try:
        process, subprocesses = parse(sources)
    except DiagramRefusedError as refused:
        return list(refused.findings)
    except Exception as failure:  # the library raises whatever it stumbles over
        return [_refused(failure)]
    specs = {**subprocesses, process.name: process}
    missing = [
        about_node(
            "error",
            "node-lost",
            node,
            "引擎没有读到{it}，请删去后重画。",
            "the engine did not find {it}; delete it and draw it again.",
        )
        for node in diagram.model.nodes.values()
        if _find(specs, node.scope_id, node.id) is None
    ]
    for flow in diagram.model.flows.values():
        source = _find(specs, flow.scope_id, flow.source)
        outputs = () if source is None else source._outputs
        if flow.target not in outputs and f"{flow.target}.BoundaryEventSplit" not in outputs:
            missing.append(
                about_flow(
                    "error",
                    "flow-lost",
                    flow,
                    "引擎没有读到{it}，请删去后重画。",
                    "the engine did not find {it}; delete it and draw it again.",
                )
            )
    return missing


def _find(specs: Mapping[str, Any], scope_id: str, node_id: str) -> Any:
    spec = specs.get(scope_id)
    return None if spec is None else spec.task_specs.get(node_id)


def _refused(failure: Exception) -> Finding:
    text = " ".join(str(failure).split())[:300]
    return error(
        "engine-refuses",
        None,
        f"引擎不能读取本流程图，请把下面这句话交给技术人员：{text}",
        f"The engine cannot read this diagram; show this to a technician: {text}",
    )
