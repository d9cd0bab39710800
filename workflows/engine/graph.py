"""What can be told from a process alone: what reaches what, and which parallel branches enclose a node."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from SpiffWorkflow.bpmn.specs.control import BoundaryEventSplit
from SpiffWorkflow.bpmn.specs.defaults import BoundaryEvent, InclusiveGateway, ParallelGateway

Branch = tuple[str, str]
"""A flow out of a node that may send out several tokens: (that node, the node after it)."""


class ProcessGraph:
    """Reachability and enclosing branches of one restored process.

    A branch encloses a node if every way from the start to the node leads through it.
    """

    def __init__(self, spec: Any) -> None:
        self._next = {name: tuple(dict.fromkeys(task._outputs)) for name, task in spec.task_specs.items()}
        self._after: dict[str, frozenset[str]] = {}
        self._asides = frozenset(n for n, task in spec.task_specs.items() if isinstance(task, BoundaryEvent))
        everything = self._reach(["Start"], None)
        self._branches: dict[str, frozenset[Branch]] = {}
        enclosing: dict[str, set[Branch]] = {name: set() for name in everything}
        for name, task in spec.task_specs.items():
            for target in self._next[name] if name in everything and _forks(spec, task) else ():
                for inside in everything - self._reach(["Start"], (name, target)):
                    enclosing[inside].add((name, target))
        self._branches = {name: frozenset(found) for name, found in enclosing.items()}

    def _reach(self, start: Iterable[str], without: Branch | None) -> frozenset[str]:
        seen: set[str] = set()
        todo = list(start)
        while todo:
            name = todo.pop()
            if name not in seen:
                seen.add(name)
                todo.extend(n for n in self._next.get(name, ()) if (name, n) != without)
        return frozenset(seen)

    def leads(self, source: str, target: str) -> bool:
        """Tell whether a token that leaves `source` can come to `target`."""
        if source not in self._after:
            self._after[source] = self._reach(self._next.get(source, ()), None)
        return target in self._after[source]

    def branches(self, name: str) -> frozenset[Branch]:
        """Return the parallel branches that enclose a node."""
        return self._branches.get(name, frozenset())

    def exits(self, branch: Branch) -> frozenset[str]:
        """Return the nodes that a branch leads to and does not enclose."""
        inside = [name for name, around in self._branches.items() if branch in around]
        return frozenset(n for name in inside for n in self._next[name] if branch not in self.branches(n))

    def is_aside(self, name: str) -> bool:
        """Tell whether a node lies behind an event that leaves its activity running, such as a reminder."""
        return any(target in self._asides for _, target in self.branches(name))

    def innermost(self, name: str) -> Branch | None:
        """Return the narrowest parallel branch that encloses a node."""
        return max(self.branches(name), key=lambda branch: (len(self.branches(branch[1])), branch), default=None)


def _forks(spec: Any, task: Any) -> bool:
    if isinstance(task, BoundaryEventSplit):
        events = [spec.task_specs[name] for name in task._outputs]
        return any(isinstance(event, BoundaryEvent) and not event.cancel_activity for event in events)
    return isinstance(task, ParallelGateway | InclusiveGateway) and len(task._outputs) > 1
