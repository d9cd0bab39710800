"""The state of a case as bytes: rows of tokens, scopes of variables; the definition is not in it.

Only what can still matter is written: open tasks, branches that wait at a join, and what holds boundary events
together. What is complete lives in the case's own log; so a case that went round a loop a thousand times is no larger
and no slower than one that went round once.
"""

from __future__ import annotations

from collections import deque
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import orjson
import zstandard
from SpiffWorkflow.bpmn.specs.control import BoundaryEventSplit
from SpiffWorkflow.bpmn.specs.mixins.events.event_types import CatchingEvent
from SpiffWorkflow.bpmn.util.subworkflow import BpmnSubWorkflow
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from workflows.engine.case import CaseWorkflow
from workflows.engine.elements import OPEN, AllOf, SomeOf
from workflows.engine.store import Spec
from workflows.engine.types import Members, Workdays
from workflows.engine.values import pack, unpack

VERSION = 1


class Encoded(NamedTuple):
    """A state and the lasting numbers of the tasks in it, by the names they had in memory."""

    state: bytes
    ids: dict[Any, int]


class _Writer:
    def __init__(self, following: int) -> None:
        self.following = following
        self.ids: dict[Any, int] = {}

    def number(self, task: Any) -> int:
        key = task.id
        if isinstance(key, UUID):
            self.ids[key] = self.following
            self.following += 1
            return self.ids[key]
        self.ids[key] = key
        return int(key)

    def rows(self, workflow: Any) -> list[list[Any]]:
        root = workflow.task_tree
        found = [self._row(root, 0)]
        top = found[0][0]
        # what hangs below a task that is left out moves to the root; one after the other, so that the order is stable
        loose = deque(root.children)
        while loose:
            todo = [(loose.popleft(), top)]
            while todo:
                task, parent = todo.pop()
                if _matters(task):
                    row = self._row(task, parent)
                    found.append(row)
                    todo.extend((child, row[0]) for child in reversed(task.children))
                elif task._state == TaskState.COMPLETED:
                    loose.extend(task.children)
        return found

    def _row(self, task: Any, parent: int) -> list[Any]:
        internal = pack(task.internal_data) if task._state & OPEN and task.internal_data else 0
        return [self.number(task), parent, task.task_spec.name, task._state, internal, int(task.triggered)]


def _matters(task: Any) -> bool:
    if task._state & OPEN:
        return True
    if task._state < TaskState.WAITING:
        return False
    if task._state == TaskState.CANCELLED and _is_join(task):
        return True
    spec, children = task.task_spec, task.children
    if any(c._state & _ARRIVED and _is_join(c) for c in children):
        return True
    if isinstance(spec, BoundaryEventSplit):
        return any(c._state & OPEN for c in children)
    parent = task.parent
    return isinstance(parent.task_spec, BoundaryEventSplit) and any(c._state & OPEN for c in parent.children)


def _is_join(task: Any) -> bool:
    return isinstance(task.task_spec, AllOf | SomeOf)


_ARRIVED = TaskState.WAITING | TaskState.CANCELLED


def encode(case: CaseWorkflow, following: int) -> Encoded:
    """Write a case.

    Args:
        case: at rest; nothing in it is ready that needs no person.
        following: the next number for a task that has none yet.
    """
    writer = _Writer(following)
    records: list[Any] = []
    for workflow in case.live_workflows():
        host = 0 if workflow is case else writer.ids[workflow.parent_task_id]
        flags = int(workflow.completed) + 2 * int(workflow.success)
        records.append([host, flags, workflow.data, [] if workflow.completed else writer.rows(workflow)])
    scopes = {str(writer.ids[key]): pack(scope) for key, scope in case.scopes.items() if key in writer.ids}
    document = [VERSION, writer.following, records, pack(case.variables), scopes]
    return Encoded(_compress(orjson.dumps(document)), writer.ids)


def decode(
    spec: Spec, state: bytes, now: datetime, workdays: Workdays | None = None, members: Members | None = None
) -> tuple[CaseWorkflow, int]:
    """Read a case; also returns the next number for a new task.

    Raises:
        ValueError: written by a later program.
    """
    version, following, records, variables, scopes = orjson.loads(_decompress(state))
    if version != VERSION:
        raise ValueError(f"state version {version}")
    case = CaseWorkflow(spec, now=now, workdays=workdays, members=members)
    case.variables = unpack(variables)
    case.scopes = {int(key): unpack(scope) for key, scope in scopes.items()}
    for host, flags, data, rows in records:
        workflow = _subworkflow(case, host) if host else case
        workflow.completed, workflow.success, workflow.data = bool(flags & 1), bool(flags & 2), data
        _plant(workflow, rows)
    return case, following


def _subworkflow(case: CaseWorkflow, host_id: int) -> Any:
    host = case.get_task_from_id(host_id)
    spec = case.subprocess_specs[host.task_spec.spec]
    workflow = BpmnSubWorkflow(spec, host_id, case, deserializing=True)
    case.subprocesses[host_id] = workflow
    workflow.completed_event.connect(host.task_spec._on_subworkflow_completed, host)
    return workflow


def _plant(workflow: Any, rows: list[list[Any]]) -> None:
    tasks, specs = workflow.tasks, workflow.spec.task_specs
    for key, parent, name, state, internal, triggered in rows:
        task = Task(workflow, specs[name], tasks.get(parent), state=state, id=key)
        task.triggered = bool(triggered)
        if internal:
            task.internal_data = unpack(internal)
        if state == TaskState.WAITING and isinstance(task.task_spec, CatchingEvent):
            workflow.top_workflow.event_manager.add_task(task)
    workflow.task_tree = tasks[rows[0][0]] if rows else Task(workflow, workflow.spec.start, state=TaskState.COMPLETED)


def _compress(data: bytes) -> bytes:
    return zstandard.compress(data, 3)


def _decompress(data: bytes) -> bytes:
    return zstandard.decompress(data)
