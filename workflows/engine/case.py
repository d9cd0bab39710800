"""One case in memory while it moves: the token tree, the scopes of variables and what was passed.

Variables belong to scopes, as properties belong to a process or activity instance in BPMN 2.0 (10.4.1), not to tokens:
one scope for the case and one for each instance of a multi-instance activity. So branches never lose what another
wrote, and a return keeps what is known.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.script_engine import BasePythonScriptEngineEnvironment, PythonScriptEngine
from SpiffWorkflow.bpmn.specs.mixins.multiinstance_task import MultiInstanceTask
from SpiffWorkflow.bpmn.specs.mixins.subworkflow_task import SubWorkflowTask
from SpiffWorkflow.bpmn.util.subworkflow import BpmnSubWorkflow
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from workflows.decisions import Expression, compile_expression
from workflows.engine.store import Spec
from workflows.engine.timers import is_iso_literal
from workflows.engine.types import Members, Scope, ScopeEnd, ScopeItem, Visit, Workdays
from workflows.errors import EngineError

Variables = dict[str, Any]


@lru_cache(maxsize=8192)
def _compiled(text: str) -> Expression:
    return compile_expression(text)


class _NoPython(BasePythonScriptEngineEnvironment):
    """Stands where the library would use `eval` and `exec`."""

    def evaluate(self, expression: str, context: Mapping[str, Any], external_context: Any = None) -> Any:
        return _compiled(expression).evaluate({**context, **(external_context or {})})

    def execute(self, script: str, context: Any, external_context: Any = None) -> Any:
        raise EngineError(None, "scripts are not run")

    def call_service(self, context: Any, **kwargs: Any) -> Any:
        raise EngineError(None, "services are not called from inside the engine")


class _Feel(PythonScriptEngine):
    """Evaluates the expressions of a diagram over the scopes of a case."""

    def evaluate(self, task: Any, expression: str, external_context: Mapping[str, Any] | None = None) -> Any:
        return task.workflow.top_workflow.evaluate(task, expression, external_context)


FEEL = _Feel(environment=_NoPython())


class CaseWorkflow(BpmnWorkflow):
    """A case being moved; lives for one call and is thrown away.

    Args:
        definition: what it runs by.
        now: aware UTC; the only time known here.
        workdays: the working calendar, if there is one.
        members: tells who `leads` and `supports` are, if somebody does.
    """

    def __init__(
        self, definition: Spec, *, now: datetime, workdays: Workdays | None = None, members: Members | None = None
    ) -> None:
        super().__init__(definition.process, definition.subprocesses, FEEL, deserializing=True)
        self.definition = definition
        self.now = now
        self.workdays = workdays
        self.members = members
        self.resumed: dict[str, Variables] = {}
        """Multi-instance activities about to be entered again, with what stands of their last run."""
        self.variables: Variables = {}
        self.scopes: dict[Any, Variables] = {}
        self.visits: list[Visit] = []
        self.ended: list[ScopeEnd] = []

    # -- tree

    def create_subprocess(self, my_task: Any, spec_name: str) -> Any:
        """Start a sub-process without guessing the whole way ahead, which is most of the library's cost."""
        spec = self.subprocess_specs[spec_name]
        workflow = BpmnSubWorkflow(spec, parent_task_id=my_task.id, top_workflow=self, deserializing=True)
        self.subprocesses[my_task.id] = workflow
        workflow.task_tree = Task(workflow, spec.start, state=TaskState.READY)
        spec.start._predict_hook(workflow.task_tree)
        return workflow

    def live_workflows(self) -> Iterator[Any]:
        """Yield the case's workflow and every sub-process that is running, outer ones first."""
        todo: list[Any] = [self]
        while todo:
            workflow = todo.pop(0)
            yield workflow
            if self.subprocesses:
                started = [t.id for t in workflow.tasks.values() if t._state == TaskState.STARTED]
                todo.extend(self.subprocesses[key] for key in started if key in self.subprocesses)

    def drop(self, task: Any) -> None:
        """Remove a task with everything under it, sub-processes and scopes included."""
        for part in _subtree(task):
            self.event_manager.remove_task(part)
            self.scopes.pop(part.id, None)
            workflow = self.subprocesses.get(part.id)
            if workflow is not None:
                self.drop_children(workflow.task_tree)
                del self.subprocesses[part.id]
        task.workflow._remove_task(task.id)

    def drop_children(self, task: Any) -> None:
        """Remove everything under a task."""
        for child in task.children:
            self.drop(child)

    # -- scopes

    def ancestors(self, task: Any) -> Iterator[Any]:
        """Yield `task` and what is above it, out of sub-processes too."""
        while task is not None:
            yield task
            parent = task.parent
            if parent is None and task.workflow is not self:
                parent = self.get_task_from_id(task.workflow.parent_task_id)
            task = parent

    def _scope_chain(self, task: Any) -> list[Variables]:
        scopes = self.scopes
        if not scopes:
            return [self.variables]
        found = [scopes[part.id] for part in self.ancestors(task) if part.id in scopes]
        found.append(self.variables)
        return found

    def look_up(self, task: Any, name: str) -> Any:
        """Return the variable `name` as seen from `task`, or None."""
        return next((scope[name] for scope in self._scope_chain(task) if name in scope), None)

    def members_of(self, node_id: str, name: str) -> Sequence[Any]:
        """Return whom `leads` or `supports` of a node stands for.

        Raises:
            EngineError: nobody tells.
        """
        if self.members is None:
            raise EngineError(node_id, f"nobody tells who {name} are")
        return self.members(name)

    def visible(self, task: Any) -> Variables:
        """Return all variables as seen from `task`, inner ones hiding outer ones."""
        merged: Variables = {}
        for scope in reversed(self._scope_chain(task)):
            merged.update(scope)
        return merged

    def assign(self, task: Any, values: Mapping[str, Any]) -> None:
        """Write to the innermost scope around `task`."""
        self._scope_chain(task)[0].update(values)

    def scope_of(self, task: Any) -> Scope:
        """Return the multi-instances around `task`, outermost first."""
        if not self.scopes:
            return ()
        items = [
            ScopeItem(part.task_spec.bpmn_id, part.internal_data["index"], part.internal_data["item"])
            for part in self.ancestors(task)
            if part.id in self.scopes
        ]
        return tuple(reversed(items))

    def evaluate(self, task: Any, expression: str, extra: Mapping[str, Any] | None = None) -> Any:
        """Evaluate FEEL over the variables seen from `task`.

        Raises:
            EngineError: naming the task's node.
        """
        text = expression.strip()
        if is_iso_literal(text):
            return text
        try:
            return _compiled(text).evaluate({"due_workdays": self._due, **self.visible(task), **(extra or {})})
        except Exception as error:
            raise EngineError(task.task_spec.bpmn_id, f"{text}: {error}") from error

    def _due(self, days: Any) -> datetime:
        if self.workdays is None:
            raise ValueError("there is no working calendar")
        return self.workdays(self.now, int(days))

    # -- what happened

    def passed(self, task: Any) -> None:
        """Note that `task` is complete."""
        node_id = task.task_spec.bpmn_id
        if node_id is None:
            return
        self.visits.append(Visit(node_id, self.scope_of(task)))

    def instance_ended(self, child: Any) -> None:
        """Note that an instance of a multi-instance sub-process or call activity is complete."""
        if isinstance(child.task_spec, SubWorkflowTask):
            workflow = self.subprocesses.get(child.id)
            end = None if workflow is None else workflow.data.get("end")
            self.ended.append(ScopeEnd(self.scope_of(child), end))


def is_instance(task: Any) -> bool:
    """Tell whether `task` is one instance of a multi-instance activity."""
    parent = task.parent
    return parent is not None and isinstance(parent.task_spec, MultiInstanceTask) and "index" in task.internal_data


def instance_around(case: CaseWorkflow, task: Any) -> Any | None:
    """Return the instance of the innermost multi-instance that `task` is in, or None."""
    return next((part for part in case.ancestors(task) if is_instance(part)), None)


def _subtree(task: Any) -> list[Any]:
    found, todo = [], [task]
    while todo:
        part = todo.pop()
        found.append(part)
        todo.extend(part.children)
    return found
