"""What a case waits for, read off its open tasks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from SpiffWorkflow.bpmn.specs.defaults import EventBasedGateway, ReceiveTask, ServiceTask
from SpiffWorkflow.bpmn.specs.event_definitions import MessageEventDefinition
from SpiffWorkflow.bpmn.specs.mixins.events.event_types import CatchingEvent
from SpiffWorkflow.util.task import TaskState

from workflows.engine.case import CaseWorkflow
from workflows.engine.timers import DueTimer
from workflows.engine.types import TokenKind
from workflows.errors import StateConflictError

_OPEN = TaskState.READY | TaskState.WAITING | TaskState.STARTED


@dataclass(frozen=True)
class Waiting:
    """An open task, or one of the events behind an event-based gateway.

    Args:
        task: the library's task.
        node_id: what the token stands on.
        kind: what it waits for.
        event: index of the event behind the gateway, or None.
    """

    task: Any
    node_id: str
    kind: TokenKind
    event: int | None = None

    @property
    def suffix(self) -> str:
        return "" if self.event is None else f".{self.event}"

    @property
    def due_at(self) -> datetime | None:
        """When a timer is due, aware UTC."""
        due = self.task.internal_data.get("due", {}).get(self.node_id) if self.kind == "timer" else None
        if due is None:
            return None
        return datetime.fromisoformat(due if isinstance(due, str) else due["at"]).astimezone(UTC)


def waiting(case: CaseWorkflow) -> Iterator[Waiting]:
    """Yield all that a case at rest waits for."""
    if case.completed:
        return
    for workflow in case.live_workflows():
        for task in workflow.tasks.values():
            if task._state & _OPEN:
                yield from _of_task(task)


def _of_task(task: Any) -> Iterator[Waiting]:
    spec, state = task.task_spec, task._state
    if state == TaskState.READY:
        if spec.manual:
            yield Waiting(task, spec.bpmn_id, "user")
    elif state == TaskState.STARTED:
        if isinstance(spec, ServiceTask):
            yield Waiting(task, spec.bpmn_id, "service")
    elif isinstance(spec, EventBasedGateway):
        definitions = spec.event_definition.event_definitions
        for index, (definition, name) in enumerate(zip(definitions, spec._outputs, strict=False)):
            kind = _kind(definition, spec._wf_spec.task_specs[name])
            if kind is not None:
                yield Waiting(task, name, kind, index)
    elif isinstance(spec, CatchingEvent):
        kind = _kind(spec.event_definition, spec)
        if kind is not None:
            yield Waiting(task, spec.bpmn_id, kind)


def _kind(definition: Any, spec: Any) -> TokenKind | None:
    if isinstance(definition, DueTimer):
        return "timer"
    if isinstance(definition, MessageEventDefinition):
        return "receive" if isinstance(spec, ReceiveTask) else "message"
    return None


def find(case: CaseWorkflow, token: str, wanted: str) -> Waiting:
    """Return what the case waits for under the name `token`.

    Raises:
        StateConflictError: nothing; it was completed, cancelled or never was.
    """
    number, _, event = token.partition(".")
    for entry in waiting(case):
        if str(entry.task.id) == number and str(entry.event if entry.event is not None else "") == event:
            return entry
    raise StateConflictError("token", token, "closed", wanted)
