"""Ask one of several again: one instance of a repeated activity is done anew, and what the others gave stands."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from SpiffWorkflow.bpmn.specs.mixins.multiinstance_task import MultiInstanceTask
from SpiffWorkflow.util.task import TaskState

from workflows.engine.advance import entry_id
from workflows.engine.case import CaseWorkflow
from workflows.engine.elements import AllOf
from workflows.engine.graph import Branch, ProcessGraph
from workflows.engine.moves import move
from workflows.engine.returns import clear, close, entrance, place, positions, targets
from workflows.engine.store import Spec
from workflows.engine.tokens import find
from workflows.engine.types import Members, Step, Workdays
from workflows.engine.values import unpack
from workflows.errors import StateConflictError


def ask_again(
    spec: Spec,
    state: bytes,
    token: str,
    node_id: str,
    index: int,
    *,
    now: datetime,
    workdays: Workdays | None = None,
    members: Members | None = None,
) -> Step:
    """Have one instance of a multi-instance activity done again; what the others gave stands.

    While the activity runs, nothing else changes; once it has ended, the token goes back to it. Behind the join of
    parallel branches, what the other branches brought stands as well.

    Args:
        token: an open token outside the activity.
        node_id: the multi-instance activity.
        index: which instance.

    Raises:
        StateConflictError: the token is not open, or cannot go back there, or there is no such instance that is
            complete.
    """

    def act(case: CaseWorkflow) -> None:
        task = find(case, token, "ask again").task
        running = _running(case, task, node_id)
        if running is not None:
            if not running.task_spec.redo(running, index):
                raise StateConflictError("instance", index, "not complete", "ask again")
            return
        target = next((t for t in targets(spec, case, task) if t.path == (node_id,)), None)
        if target is not None:
            case.resumed[node_id] = {"kept": _kept(target.workflow, node_id, index), "index": index}
            place(case, target.workflow, target.path, clear(spec, case, target))
        elif not _behind_join(spec, case, task, node_id, index):
            raise StateConflictError("token", token, f"not after {node_id}", "ask again")

    return move(spec, state, act, now=now, workdays=workdays, members=members)


def _running(case: CaseWorkflow, task: Any, node_id: str) -> Any | None:
    """Return the multi-instance activity of that node if it runs in a process around `task`."""
    for workflow, _here in positions(case, task):
        for other in workflow.tasks.values():
            at_node = other.task_spec.bpmn_id == node_id and isinstance(other.task_spec, MultiInstanceTask)
            if at_node and other._state == TaskState.STARTED:
                return other
    return None


def _kept(workflow: Any, node_id: str, index: int) -> Mapping[str, Any]:
    packed = workflow.data.get("instances", {}).get(node_id)
    kept = {"done": []} if packed is None else unpack(packed)
    if index not in [one[0] for one in kept["done"] if len(one) > 2]:
        raise StateConflictError("instance", index, "not complete", "ask again")
    return kept


def _behind_join(spec: Spec, case: CaseWorkflow, task: Any, node_id: str, index: int) -> bool:
    """Go back into one branch although all have joined: the other branches are put down as having arrived."""
    for workflow, here in positions(case, task):
        if node_id not in [entry_id(entry) for entry in workflow.data.get("seen", [])]:
            continue
        graph, name = spec.graph(workflow.spec), entrance(workflow.spec, node_id)
        closed = graph.branches(name) - graph.branches(here)
        branch = next(iter(closed), None)
        join = None if branch is None else _join_of(workflow.spec, graph, branch)
        if len(closed) != 1 or branch is None or join is None or not graph.leads(join.name, here):
            return False
        case.resumed[node_id] = {"kept": _kept(workflow, node_id, index), "index": index}
        _reenter(case, workflow, graph, node_id, branch, join)
        return True
    return False


def _join_of(wf_spec: Any, graph: ProcessGraph, branch: Branch) -> Any | None:
    """Return the parallel gateway a branch ends in, if it ends in one and in nothing else."""
    exits = {wf_spec.task_specs[name] for name in graph.exits(branch)}
    join = exits.pop() if len(exits) == 1 else None
    return join if isinstance(join, AllOf) else None


def _reenter(case: CaseWorkflow, workflow: Any, graph: ProcessGraph, node_id: str, branch: Branch, join: Any) -> None:
    fork = branch[0]
    around = graph.innermost(fork)
    close(case, workflow, graph, around)
    root, specs = workflow.task_tree, workflow.spec.task_specs
    for name in join._inputs:
        if branch not in graph.branches(name):
            root._add_child(specs[name], TaskState.COMPLETED)._add_child(join, TaskState.WAITING)
    seen = workflow.data["seen"]
    forked = [any(other[0] == fork for other in graph.branches(entry_id(entry))) for entry in seen]
    workflow.data["seen"] = [
        entry
        for position, entry in enumerate(seen)
        if entry_id(entry) != node_id
        and (
            position < forked.index(True)
            or forked[position]
            or (around is not None and around not in graph.branches(entry_id(entry)))
        )
    ]
    place(case, workflow, (node_id,), node_id)
