"""The elements whose stock behaviour is not good enough, in our own words.

Variables live in scopes (see `case`), so nothing here copies or merges task data.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any

from SpiffWorkflow.bpmn.specs.defaults import (
    ExclusiveGateway,
    InclusiveGateway,
    ParallelGateway,
    ParallelMultiInstanceTask,
    SequentialMultiInstanceTask,
)
from SpiffWorkflow.util.task import TaskState

from workflows.engine.types import GROUPS
from workflows.engine.values import pack
from workflows.errors import EngineError

OPEN = TaskState.READY | TaskState.WAITING | TaskState.STARTED
_MOVING = OPEN | TaskState.FUTURE


class OneOf(ExclusiveGateway):
    """Exclusive gateway (BPMN 2.0, 10.6.2): creates the chosen branch only, and no guess at what follows."""

    def _predict_hook(self, my_task: Any) -> None:
        """Nothing is known before it runs."""

    def _run_hook(self, my_task: Any) -> bool:
        chosen = self.default_task_spec
        for condition, name in self.cond_task_specs:
            if condition is not None and condition._matches(my_task) is True:
                chosen = name
                break
        if chosen is None:
            raise EngineError(self.bpmn_id, "no condition holds and there is no default flow")
        my_task._sync_children([self._wf_spec.task_specs[chosen]], TaskState.FUTURE)
        return True


class AllOf(ParallelGateway):
    """Parallel gateway (BPMN 2.0, 10.6.4).

    A flow that comes back from behind the gateway itself is not waited for; it opens the next round alone.
    """

    def _check_threshold_unstructured(self, my_task: Any) -> bool:
        arrived = _arrived(self, my_task)
        if arrived.issuperset(self._inputs):
            return True
        ahead = _reached(self._wf_spec, ["Start"], avoiding=self.name).intersection(self._inputs)
        return arrived.issuperset(ahead) or not arrived.isdisjoint(set(self._inputs) - ahead)

    def _run_hook(self, my_task: Any) -> bool:
        forget_arrivals(my_task)
        return True


class SomeOf(InclusiveGateway):
    """Inclusive gateway (BPMN 2.0, 10.6.3 and table 13.3)."""

    def _predict_hook(self, my_task: Any) -> None:
        """Nothing is known before it runs."""

    def _check_threshold_unstructured(self, my_task: Any) -> bool:
        arrived = _arrived(self, my_task)
        empty = set(self._inputs) - arrived
        tasks = my_task.workflow.tasks.values()
        live = {t.task_spec.name for t in tasks if t._state & _MOVING and t.task_spec is not self}
        return not any(self._leads(name, empty) and not self._leads(name, arrived) for name in live)

    def _leads(self, start: str, goals: set[str]) -> bool:
        return not _reached(self._wf_spec, [start], avoiding=self.name).isdisjoint(goals)

    def _run_hook(self, my_task: Any) -> bool:
        forget_arrivals(my_task)
        matches = [name for c, name in self.cond_task_specs if c is not None and c._matches(my_task) is True]
        chosen = matches or [name for c, name in self.cond_task_specs if c is None]
        if not chosen:
            raise EngineError(self.bpmn_id, "no condition holds and there is no default flow")
        my_task._sync_children([self._wf_spec.task_specs[name] for name in chosen], TaskState.FUTURE)
        return True


def _arrived(gateway: Any, my_task: Any) -> set[str]:
    """Return the nodes before a gateway from which a token has come that it has not passed on."""
    tasks = my_task.workflow.tasks.values()
    held = [t.parent for t in tasks if t.task_spec is gateway and t._state != TaskState.COMPLETED]
    return {parent.task_spec.name for parent in held if parent._state == TaskState.COMPLETED}


def _reached(wf_spec: Any, start: list[str], *, avoiding: str) -> set[str]:
    """Return what a token can reach, its start included, without passing the node `avoiding`."""
    seen: set[str] = set()
    todo = list(start)
    while todo:
        name = todo.pop()
        if name not in seen and name != avoiding:
            seen.add(name)
            todo.extend(wf_spec.task_specs[name]._outputs)
    return seen


def forget_arrivals(my_task: Any) -> None:
    """Remove the marks of the branches that arrived before: in the next round of a loop they would count again."""
    workflow = my_task.workflow
    spent = [
        t for t in workflow.tasks.values() if t.task_spec is my_task.task_spec and t.has_state(TaskState.CANCELLED)
    ]
    for task in spent:
        if task.id in workflow.tasks:
            workflow._remove_task(task.id)


class _Instances:
    """What parallel and sequential multi-instances share (BPMN 2.0, 10.3.8).

    Kept in the activity's `internal_data`: `total`, `next` (index), `done` (index, output and item of each) and `queue`
    (items not yet started; sequential only). Each instance has its own scope of variables. What is left when the
    activity ends is kept in its process's data, so that one instance can be done again later.
    """

    parallel: bool

    def _update_hook(self: Any, my_task: Any) -> bool | None:
        left = my_task.workflow.data.pop("instances", {})
        left.pop(self.bpmn_id, None)
        if left:
            my_task.workflow.data["instances"] = left
        resumed = my_task.workflow.top_workflow.resumed.pop(self.bpmn_id, None)
        if resumed is not None:
            my_task.internal_data.update(resumed["kept"], queue=[])
            my_task._set_state(TaskState.STARTED)
            self.redo(my_task, resumed["index"])
            return None
        items = self._items(my_task)
        my_task.internal_data.update(total=len(items), next=0, done=[], queue=list(items))
        self._collect(my_task)
        if not items:
            return True
        my_task._set_state(TaskState.STARTED)
        self._open(my_task)
        return None

    def _items(self: Any, my_task: Any) -> Sequence[Any]:
        case = my_task.workflow.top_workflow
        if self.data_input is None:
            count = case.evaluate(my_task, self.cardinality)
            if count is None or isinstance(count, bool | str) or count != int(count) or count < 0:
                raise EngineError(self.bpmn_id, f"the number of instances is {count!r}")
            return list(range(int(count)))
        name = item_name(self.data_input)
        if name in GROUPS:
            return list(case.members_of(self.bpmn_id, name))
        items = case.look_up(my_task, name)
        if isinstance(items, Mapping):
            return list(items.values())
        if not isinstance(items, list | tuple):
            raise EngineError(self.bpmn_id, f"{name} is not a list")
        return items

    def _open(self: Any, my_task: Any) -> None:
        data = my_task.internal_data
        while data["queue"]:
            item, index = data["queue"].pop(0), data["next"]
            if self._is_gone(my_task, item):
                data["total"] -= 1
                continue
            data["next"] += 1
            self._open_one(my_task, item, index)
            if not self.parallel:
                return

    def _is_gone(self: Any, my_task: Any, item: Any) -> bool:
        """Tell whether an agency whose turn has come leads or supports no more, be it merged into another."""
        name = None if self.data_input is None else item_name(self.data_input)
        if self.parallel or name not in GROUPS or not isinstance(item, str):
            return False
        return item not in my_task.workflow.top_workflow.members_of(self.bpmn_id, name)

    def _open_one(self: Any, my_task: Any, item: Any, index: int) -> None:
        child = my_task._add_child(self._wf_spec.task_specs[self.task_spec], TaskState.WAITING)
        child.triggered = True
        child.internal_data.update(index=index, item=item)
        scope = {} if self.input_item is None else {item_name(self.input_item): deepcopy(item)}
        my_task.workflow.top_workflow.scopes[child.id] = scope
        child.task_spec._update(child)

    def merge_child(self: Any, workflow: Any, child: Any) -> None:
        """Collect the output of an instance that is complete, and end the activity if that was enough."""
        my_task, case = child.parent, workflow.top_workflow
        scope = case.scopes.get(child.id, {})
        name = item_name(self.output_item) if self.output_item is not None else self.bpmn_id
        output = scope.get(name, scope.get(self.bpmn_id))
        my_task.internal_data["done"].append([child.internal_data["index"], output, child.internal_data["item"]])
        self._collect(my_task)
        case.instance_ended(child)
        self.settle(my_task, child)

    def _collect(self: Any, my_task: Any) -> None:
        if self.data_output is not None:
            done = sorted(my_task.internal_data["done"], key=lambda pair: pair[0])
            my_task.workflow.top_workflow.assign(my_task, {item_name(self.data_output): [one[1] for one in done]})

    def settle(self: Any, my_task: Any, last: Any = None) -> None:
        """End the activity if its completion condition holds or nothing is left; else open what comes next."""
        if my_task.state != TaskState.STARTED:
            return
        waiting = active_instances(my_task)
        if last is not None and self.condition is not None and self._enough(my_task, last, len(waiting)):
            for child in waiting:
                my_task.workflow.top_workflow.drop(child)
        elif my_task.internal_data["queue"]:
            if not waiting:
                self._open(my_task)
            if waiting or active_instances(my_task):
                return
        elif waiting:
            return
        data = my_task.internal_data
        kept = {"total": data["total"], "next": data["next"], "done": data["done"]}
        my_task.workflow.data.setdefault("instances", {})[self.bpmn_id] = pack(kept)
        my_task._set_state(TaskState.READY)

    def _enough(self: Any, my_task: Any, last: Any, active: int) -> bool:
        counters = {
            "nrOfInstances": my_task.internal_data["total"],
            "nrOfActiveInstances": active,
            "nrOfCompletedInstances": len(my_task.internal_data["done"]),
        }
        return my_task.workflow.top_workflow.evaluate(last, self.condition, counters) is True

    def redo(self: Any, my_task: Any, index: int) -> bool:
        """Have a complete instance done again; False if there is none, or one of a state that kept no item."""
        data = my_task.internal_data
        entry = next((one for one in data["done"] if one[0] == index and len(one) > 2), None)
        if entry is None:
            return False
        data["done"].remove(entry)
        self._collect(my_task)
        self._open_one(my_task, entry[2], index)
        return True

    def add(self: Any, my_task: Any, item: Any, *, grow: bool) -> None:
        """Open one more instance; the input collection grows with it if `grow`."""
        case, data = my_task.workflow.top_workflow, my_task.internal_data
        if grow and self.data_input is not None:
            items = case.look_up(my_task, item_name(self.data_input))
            if isinstance(items, list | tuple):
                case.assign(my_task, {item_name(self.data_input): [*items, item]})
        data["total"] += 1
        data["queue"].append(item)
        if self.parallel:
            self._open(my_task)

    def remove(self: Any, my_task: Any, child: Any) -> None:
        """Close an instance that is not complete; the input collection shrinks with it."""
        case, item = my_task.workflow.top_workflow, child.internal_data["item"]
        if self.data_input is not None:
            items = case.look_up(my_task, item_name(self.data_input))
            if isinstance(items, list | tuple) and item in items:
                rest = list(items)
                rest.remove(item)
                case.assign(my_task, {item_name(self.data_input): rest})
        my_task.internal_data["total"] -= 1
        case.drop(child)
        self.settle(my_task)


class ParallelInstances(_Instances, ParallelMultiInstanceTask):
    """All instances at once."""

    parallel = True


class SequentialInstances(_Instances, SequentialMultiInstanceTask):
    """One instance after the other."""

    parallel = False


def item_name(reference: Any) -> str:
    """Return the variable a data reference or item stands for: its name, or its id where it has none."""
    return str(reference.bpmn_name or reference.bpmn_id).strip()


def active_instances(my_task: Any) -> list[Any]:
    """Return the instances of a multi-instance activity that are not complete."""
    name = my_task.task_spec.task_spec
    return [c for c in my_task.children if c.task_spec.name == name and c.has_state(OPEN)]
