"""The yardstick: what the stock library needs for one persisted completion, measured beside ours in one process.

The stock round trip is deserialize → complete → `do_engine_steps` → serialize, with the full definition in the state,
as the library's own documentation does it.
"""

from __future__ import annotations

import gc
import statistics
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from time import perf_counter
from typing import Any

from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.parser import BpmnParser
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from SpiffWorkflow.util.task import TaskState

from workflows.engine.model import read_model
from workflows.engine.moves import active, complete, start
from workflows.engine.store import Spec, compile_unchecked, restore
from workflows.engine.types import JsonValue, Sources
from workflows.engine.xml import read_all


@dataclass(frozen=True)
class Comparison:
    """Medians of one completion, in milliseconds.

    Args:
        stock_ms: the stock library's round trip.
        ours_ms: decode → complete → advance → encode.
        stock_bytes: size of the stock state.
        ours_bytes: size of ours.
    """

    stock_ms: float
    ours_ms: float
    stock_bytes: int
    ours_bytes: int

    @property
    def ratio(self) -> float:
        """Ours over stock; below 1 is faster."""
        return self.ours_ms / self.stock_ms


def tasks_in_a_row(number: int) -> Sources:
    """Return a diagram of `number` user tasks one after the other."""
    ids = ["start", *(f"task_{n}" for n in range(number)), "end"]
    nodes = "".join(f'<bpmn:userTask id="{name}" name="{name}" />' for name in ids[1:-1])
    return _diagram(nodes, ids)


def countersign() -> Sources:
    """Return a diagram of a countersign by the signers in the variable `signers`, between two tasks."""
    loop = (
        "<bpmn:loopDataInputRef>signers</bpmn:loopDataInputRef>"
        "<bpmn:loopDataOutputRef>opinions</bpmn:loopDataOutputRef>"
        '<bpmn:inputDataItem id="signer" name="signer" /><bpmn:outputDataItem id="opinion" name="opinion" />'
    )
    nodes = (
        '<bpmn:userTask id="draft" name="draft" /><bpmn:userTask id="sign" name="sign">'
        f"<bpmn:multiInstanceLoopCharacteristics>{loop}</bpmn:multiInstanceLoopCharacteristics></bpmn:userTask>"
        '<bpmn:userTask id="issue" name="issue" />'
    )
    return _diagram(nodes, ["start", "draft", "sign", "issue", "end"])


def _diagram(nodes: str, ids: list[str]) -> Sources:
    flows = "".join(f'<bpmn:sequenceFlow id="{a}_{b}" sourceRef="{a}" targetRef="{b}" />' for a, b in pairwise(ids))
    text = (
        '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL">'
        '<bpmn:process id="reference" name="reference" isExecutable="true">'
        f'<bpmn:startEvent id="start" name="start" />{nodes}<bpmn:endEvent id="end" name="end" />{flows}'
        "</bpmn:process></bpmn:definitions>"
    )
    return Sources("reference.bpmn", {"reference.bpmn": text.encode()})


def measure(rounds: int = 200) -> dict[str, Comparison]:
    """Measure one completion of 3 and of 12 tasks in a row and of a 13-way countersign, in the middle of each."""
    signers: list[JsonValue] = [f"A{n:02}" for n in range(13)]
    return {
        "3 tasks": compare(tasks_in_a_row(3), {}, completions=1, rounds=rounds),
        "12 tasks": compare(tasks_in_a_row(12), {}, completions=6, rounds=rounds),
        "13-way multi-instance": compare(countersign(), {"signers": signers}, completions=7, rounds=rounds),
    }


class StockCase:
    """A case run by the stock library alone.

    Only for diagrams whose expressions are Python as well as FEEL, that is, which have none.
    """

    def __init__(self, sources: Sources, variables: Mapping[str, JsonValue], completions: int) -> None:
        parser = BpmnParser()
        for name, root in read_all(sources).items():
            parser.add_bpmn_xml(root, filename=name)
        main = read_model(sources).process_id
        workflow = BpmnWorkflow(parser.get_spec(main), parser.get_subprocess_specs(main))
        workflow.task_tree.data.update(variables)
        workflow.do_engine_steps()
        self._serializer = BpmnWorkflowSerializer()
        self.state: str = self._serializer.serialize_json(workflow)
        for _ in range(completions):
            self.state = self.round_trip()

    def round_trip(self) -> str:
        """Complete the first ready task and return the new state."""
        workflow = self._serializer.deserialize_json(self.state)
        task = workflow.get_next_task(state=TaskState.READY, manual=True)
        task.data[task.task_spec.bpmn_id] = "ok"
        for name in _output_items(task):
            task.data[name] = "ok"
        task.run()
        workflow.do_engine_steps()
        state: str = self._serializer.serialize_json(workflow)
        return state


def _output_items(task: Any) -> list[str]:
    item = getattr(task.parent.task_spec, "output_item", None)
    return [] if item is None else [item.bpmn_id]


def compare(
    sources: Sources, variables: Mapping[str, JsonValue], *, completions: int = 0, rounds: int = 200
) -> Comparison:
    """Measure one completion by the stock library and by us, alternating.

    Args:
        sources: a diagram without expressions.
        variables: routing variables at the start.
        completions: how many tasks are completed before the measured one.
        rounds: how often each is measured.
    """
    stock = StockCase(sources, variables, completions)
    compiled = compile_unchecked(sources)
    spec = restore(compiled.sha256, compiled.payload)
    state = _play(spec, variables, completions)
    token = active(spec, state)[0]
    now = datetime.now(UTC)

    def ours() -> object:
        return complete(spec, state, token.token, {token.node_id: "ok"}, now=now)

    times = _alternate(stock.round_trip, ours, rounds)
    return Comparison(*times, len(stock.state.encode()), len(state))


def _play(spec: Spec, variables: Mapping[str, JsonValue], completions: int) -> bytes:
    now = datetime.now(UTC)
    state = start(spec, variables, now=now).state
    for _ in range(completions):
        token = active(spec, state)[0]
        state = complete(spec, state, token.token, {token.node_id: "ok"}, now=now).state
    return state


def _alternate(first: Callable[[], object], second: Callable[[], object], rounds: int) -> tuple[float, float]:
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(5):
        first(), second()
    gc.collect()
    for _ in range(rounds):
        for measured, call in zip(times, (first, second), strict=True):
            begun = perf_counter()
            call()
            measured.append((perf_counter() - begun) * 1000)
    return statistics.median(times[0]), statistics.median(times[1])
