"""Run what needs nobody, until the case waits for something or has ended."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from SpiffWorkflow.bpmn.specs.defaults import EndEvent, ManualTask, ReceiveTask, UserTask
from SpiffWorkflow.bpmn.specs.mixins.multiinstance_task import MultiInstanceTask
from SpiffWorkflow.bpmn.specs.mixins.subworkflow_task import SubWorkflowTask
from SpiffWorkflow.util.task import TaskState

from workflows.engine.case import CaseWorkflow, is_instance
from workflows.errors import EngineError, LianbanError

MAX_ROUNDS = 1_000
"""More than any diagram has nodes in a row: beyond it the process goes round without ever waiting."""


@contextmanager
def engine_errors(task: Any = None) -> Iterator[None]:
    """Turn whatever the library raises into an `EngineError` that names the node."""
    try:
        yield
    except LianbanError:
        raise
    except Exception as error:
        where = getattr(error, "task_spec", None) or getattr(task, "task_spec", None)
        node_id = getattr(where, "bpmn_id", None)
        raise EngineError(node_id, f"{type(error).__name__}: {error}") from error


def advance(case: CaseWorkflow) -> None:
    """Run until nothing is ready that needs nobody.

    Raises:
        EngineError: the case cannot go on.
    """
    for _ in range(MAX_ROUNDS):
        ready = _ready(case)
        if not ready:
            return
        for task in ready:
            # an earlier one of the same round may have cancelled or removed it
            if task._state == TaskState.READY and task.id in task.workflow.tasks:
                run(case, task)
    raise EngineError(ready[0].task_spec.bpmn_id, "the process goes round without waiting for anything")


def _ready(case: CaseWorkflow) -> list[Any]:
    return [
        task
        for workflow in case.live_workflows()
        for task in workflow.tasks.values()
        if task._state == TaskState.READY and not task.task_spec.manual
    ]


def run(case: CaseWorkflow, task: Any) -> None:
    """Run one task that is ready."""
    with engine_errors(task):
        task.task_spec._predict_hook(task)
        if task.run():
            note(case, task)


def note(case: CaseWorkflow, task: Any) -> None:
    """Note that a task is complete: for the report, and for returns later on."""
    spec, workflow = task.task_spec, task.workflow
    if spec.bpmn_id is None:
        return
    case.passed(task)
    if isinstance(spec, EndEvent):
        if "end" not in workflow.data or not case.definition.graph(workflow.spec).is_aside(spec.name):
            workflow.data["end"] = spec.bpmn_id
    elif isinstance(spec, _RETURNABLE) and not is_instance(task):
        entry: Any = spec.bpmn_id
        if isinstance(spec, SubWorkflowTask) and task.id in case.subprocesses:
            entry = [spec.bpmn_id, case.subprocesses[task.id].data.get("seen", [])]
        seen = [e for e in workflow.data.get("seen", []) if entry_id(e) != spec.bpmn_id]
        workflow.data["seen"] = [*seen, entry]


def entry_id(entry: str | list[Any]) -> str:
    """Return the node of an entry in a process's list of passed nodes."""
    return entry if isinstance(entry, str) else entry[0]


_RETURNABLE = (UserTask, ManualTask, ReceiveTask, MultiInstanceTask, SubWorkflowTask)
