"""Return a case to an earlier node.

A target is legal if it was passed, if the token's node can be reached from it, and if every parallel branch around the
target is also around the token: then all that the target led to can be closed, and one new token stands in its place.
Nothing of the closed tokens stays behind, so no join can count an old arrival.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from SpiffWorkflow.bpmn.specs.control import BoundaryEventSplit
from SpiffWorkflow.util.task import TaskState

from workflows.engine.advance import engine_errors, entry_id, run
from workflows.engine.case import CaseWorkflow, is_instance
from workflows.engine.codec import decode
from workflows.engine.graph import Branch, ProcessGraph
from workflows.engine.moves import NO_TIME, move
from workflows.engine.store import Spec
from workflows.engine.tokens import find
from workflows.engine.types import Members, Step, Workdays
from workflows.errors import StateConflictError


@dataclass(frozen=True)
class Target:
    """Where a token may go back to."""

    workflow: Any
    path: tuple[str, ...]
    """Node ids from the process in which tokens are closed inwards to the target."""

    @property
    def node_id(self) -> str:
        return self.path[-1]


def return_targets(spec: Spec, state: bytes, token: str) -> tuple[str, ...]:
    """Return the nodes to which a token may go back, outer processes first, each in the order they were passed.

    A multi-instance activity is offered as a whole; the nodes inside it only to a token in the same instance.

    Raises:
        StateConflictError: the token is not open.
    """
    with engine_errors():
        case, _ = decode(spec, state, NO_TIME)
        return tuple(target.node_id for target in targets(spec, case, find(case, token, "return").task))


def return_to(
    spec: Spec,
    state: bytes,
    token: str,
    node_id: str,
    *,
    now: datetime,
    workdays: Workdays | None = None,
    members: Members | None = None,
) -> Step:
    """Take a token back to `node_id`; the routing variables stay as they are.

    Raises:
        StateConflictError: the token is not open, or the node is no legal target for it.
    """

    def act(case: CaseWorkflow) -> None:
        task = find(case, token, "return").task
        target = next((t for t in targets(spec, case, task) if t.node_id == node_id), None)
        if target is None:
            raise StateConflictError("token", token, f"not after {node_id}", "return")
        entry = clear(spec, case, target)
        place(case, target.workflow, target.path, entry)

    return move(spec, state, act, now=now, workdays=workdays, members=members)


def targets(spec: Spec, case: CaseWorkflow, task: Any) -> list[Target]:
    """Return where a token may go back to, outer processes first."""
    found: list[Target] = []
    for workflow, here in positions(case, task):
        found[:0] = _targets_in(spec, workflow, here)
    return found


def positions(case: CaseWorkflow, task: Any) -> Iterator[tuple[Any, str]]:
    """Yield each process around a token, the innermost first, and the node the token stands on or in there."""
    at = task
    while at is not None:
        at = at.parent if is_instance(at) else at
        yield at.workflow, at.task_spec.name
        host = at.workflow.parent_task_id
        at = None if host is None else case.get_task_from_id(host)


def _targets_in(spec: Spec, workflow: Any, here: str) -> list[Target]:
    graph, around = spec.graph(workflow.spec), spec.graph(workflow.spec).branches(here)
    found: list[Target] = []
    for entry in workflow.data.get("seen", []):
        name = entrance(workflow.spec, entry_id(entry))
        if entry_id(entry) != here and graph.leads(name, here) and graph.branches(name) <= around:
            found.extend(Target(workflow, path) for path in _paths(entry))
    return found


def _paths(entry: Any) -> Iterator[tuple[str, ...]]:
    if isinstance(entry, str):
        yield (entry,)
        return
    for inner in entry[1]:
        for path in _paths(inner):
            yield (entry[0], *path)


def entrance(spec: Any, node_id: str) -> str:
    """Return where a token enters a node: before the events attached to it, if there are any."""
    split = f"{node_id}.BoundaryEventSplit"
    return split if split in spec.task_specs else node_id


def clear(spec: Spec, case: CaseWorkflow, target: Target) -> Any:
    """Close all that a target led to; return its entry among the nodes passed."""
    workflow, first = target.workflow, target.path[0]
    graph = spec.graph(workflow.spec)
    branch = graph.innermost(entrance(workflow.spec, first))
    close(case, workflow, graph, branch)
    seen = workflow.data["seen"]
    position = [entry_id(entry) for entry in seen].index(first)
    # what other branches passed meanwhile stays passed
    later = [e for e in seen[position:] if branch is not None and branch not in graph.branches(entry_id(e))]
    workflow.data["seen"] = [*seen[:position], *later]
    return seen[position]


def close(case: CaseWorkflow, workflow: Any, graph: ProcessGraph, branch: Branch | None) -> None:
    """Close all that is open in a parallel branch of a process, or in all of it."""
    if branch is None:
        case.drop_children(workflow.task_tree)
        return
    for task in list(workflow.tasks.values()):
        if task.id in workflow.tasks and branch in graph.branches(task.task_spec.name):
            case.drop(task)


def place(case: CaseWorkflow, workflow: Any, path: tuple[str, ...], entry: Any) -> None:
    """Put a new token where a path leads."""
    specs = workflow.spec.task_specs
    task = workflow.task_tree._add_child(specs[entrance(workflow.spec, path[0])], TaskState.FUTURE)
    task.task_spec._update(task)
    if len(path) == 1:
        return
    if isinstance(task.task_spec, BoundaryEventSplit):
        run(case, task)
        task = next(child for child in task.children if child.task_spec.bpmn_id == path[0])
    inner = case.subprocesses[task.id]
    case.drop_children(inner.task_tree)
    position = [entry_id(e) for e in entry[1]].index(path[1])
    inner.data["seen"] = entry[1][:position]
    place(case, inner, path[1:], entry[1][position])
