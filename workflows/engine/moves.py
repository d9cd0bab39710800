"""The moves of a case: pure functions from a stored state to a `Step`.

The in-memory workflow never outlives a call; if anything fails, the stored state is as it was.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from SpiffWorkflow.bpmn.specs.control import BoundaryEventJoin
from SpiffWorkflow.bpmn.specs.mixins.subworkflow_task import SubWorkflowTask
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from workflows.engine.advance import advance, engine_errors, note, run
from workflows.engine.case import CaseWorkflow, instance_around
from workflows.engine.codec import Encoded, decode, encode
from workflows.engine.store import Spec
from workflows.engine.timers import DueTimer, next_round
from workflows.engine.tokens import Waiting, find, waiting
from workflows.engine.types import JsonValue, Members, Scope, ScopeEnd, Step, TimerRequest, Token, Visit, Workdays
from workflows.errors import EngineError, StateConflictError

NO_TIME = datetime.min.replace(tzinfo=UTC)
"""For reading only: no timer starts then."""


@dataclass(frozen=True)
class _Before:
    tokens: Mapping[str, Token]
    due: Mapping[str, datetime | None]
    instances: Mapping[Any, Scope]


Act = Callable[[CaseWorkflow], str | None]
"""Changes a case; returns the token that was completed, if one was."""


def start(
    spec: Spec,
    variables: Mapping[str, JsonValue],
    *,
    now: datetime,
    workdays: Workdays | None = None,
    members: Members | None = None,
) -> Step:
    """Start a case.

    Args:
        variables: the routing variables known at the start.
        now: aware UTC.
        workdays: the working calendar, wanted by timers that count working days; likewise in every move.
        members: tells who `leads` and `supports` are, wanted by steps repeated over them; likewise in every move.

    Raises:
        EngineError: the process cannot start; nothing exists then.
    """
    with engine_errors():
        case = CaseWorkflow(spec, now=now, workdays=workdays, members=members)
        case.variables = dict(variables)
        case.task_tree = Task(case, spec.process.start, state=TaskState.READY)
        advance(case)
        return _report(case, 1, _Before({}, {}, {}), None)


def active(spec: Spec, state: bytes) -> tuple[Token, ...]:
    """Return all that a case waits for."""
    with engine_errors():
        case, _ = decode(spec, state, NO_TIME)
        return tuple(_token(case, entry, str(entry.task.id)) for entry in waiting(case))


def complete(
    spec: Spec,
    state: bytes,
    token: str,
    result: Mapping[str, JsonValue],
    *,
    now: datetime,
    workdays: Workdays | None = None,
    members: Members | None = None,
    shared: Mapping[str, JsonValue] | None = None,
    again: Sequence[int] = (),
) -> Step:
    """Complete a user or service task.

    Args:
        result: merged into the routing variables of the token's scope; `{node_id: decision, ...}`.
        shared: merged into the routing variables of the whole case.
        again: which instances of the multi-instance around the token, complete by now, must be done again first.

    Raises:
        StateConflictError: no such task is open.
        EngineError: the case cannot go on from there.
    """

    def act(case: CaseWorkflow) -> str:
        entry = _find(case, token, "complete", "user", "service")
        for index in again:
            redo(case, entry.task, index)
        case.variables.update(shared or {})
        case.assign(entry.task, result)
        if entry.kind == "user":
            run(case, entry.task)
        else:
            entry.task.task_spec._predict_hook(entry.task)
            entry.task.complete()
            note(case, entry.task)
        return token

    return move(spec, state, act, now=now, workdays=workdays, members=members)


def fire_timer(
    spec: Spec,
    state: bytes,
    token: str,
    *,
    now: datetime,
    workdays: Workdays | None = None,
    members: Members | None = None,
) -> Step:
    """Let a timer fire; whether it is due is the caller's knowledge.

    Raises:
        StateConflictError: no such timer is running.
    """

    def act(case: CaseWorkflow) -> str | None:
        entry = _find(case, token, "fire", "timer")
        definition = entry.task.task_spec.event_definition
        if isinstance(definition, DueTimer) and definition.kind == "cycle":
            return _next_cycle(case, entry, token)
        _fire(entry)
        return token

    return move(spec, state, act, now=now, workdays=workdays, members=members)


def deliver_message(
    spec: Spec,
    state: bytes,
    token: str,
    payload: Mapping[str, JsonValue],
    *,
    now: datetime,
    workdays: Workdays | None = None,
    members: Members | None = None,
) -> Step:
    """Deliver a message to one receive task or message event.

    Args:
        payload: merged into the routing variables of the token's scope.

    Raises:
        StateConflictError: nothing waits for a message under that token; keep it in the inbox.
    """

    def act(case: CaseWorkflow) -> str:
        entry = _find(case, token, "receive a message", "receive", "message")
        case.assign(entry.task, payload)
        _fire(entry)
        return token

    return move(spec, state, act, now=now, workdays=workdays, members=members)


def cancel(spec: Spec, state: bytes, *, now: datetime, workdays: Workdays | None = None) -> Step:
    """End a case at once, with all that is open in it."""

    def act(case: CaseWorkflow) -> None:
        case.drop_children(case.task_tree)
        case.completed, case.success = True, False

    return move(spec, state, act, now=now, workdays=workdays)


def move(
    spec: Spec,
    state: bytes,
    act: Act,
    *,
    now: datetime,
    workdays: Workdays | None = None,
    members: Members | None = None,
) -> Step:
    """Read a case, change it, let it run on and report what happened."""
    with engine_errors():
        case, following = decode(spec, state, now, workdays, members)
        before = _survey(case)
        done = act(case)
        advance(case)
        return _report(case, following, before, done)


def redo(case: CaseWorkflow, task: Any, index: int) -> None:
    """Have a complete instance of the multi-instance around `task` done again."""
    instance = instance_around(case, task)
    if instance is None or not instance.parent.task_spec.redo(instance.parent, index):
        raise StateConflictError("instance", index, "not complete", "do again")


def _find(case: CaseWorkflow, token: str, wanted: str, *kinds: str) -> Waiting:
    entry = find(case, token, wanted)
    if entry.kind not in kinds:
        raise StateConflictError("token", token, entry.kind, wanted)
    return entry


def _fire(entry: Waiting) -> None:
    task = entry.task
    if entry.event is None:
        task.internal_data["event_fired"] = True
        task.task_spec._update(task)
        return
    chosen = task.task_spec._wf_spec.task_specs[entry.node_id]
    task.workflow.top_workflow.event_manager.remove_task(task)
    task._sync_children([chosen], TaskState.FUTURE)
    task.complete()
    note(task.workflow.top_workflow, task)


def _next_cycle(case: CaseWorkflow, entry: Waiting, token: str) -> str | None:
    task, due = entry.task, entry.task.internal_data["due"]
    following = next_round(due[entry.node_id], case.now)
    if following is None:
        _fire(entry)
        return token
    due[entry.node_id] = following
    case.visits.append(Visit(entry.node_id, case.scope_of(task)))
    root = task.workflow.task_tree
    for output in task.task_spec.outputs:
        if not isinstance(output, BoundaryEventJoin):
            # under the root: whatever the activity does later must not take the branch with it
            branch = root._add_child(output, TaskState.FUTURE)
            branch.task_spec._update(branch)
    return None


def _survey(case: CaseWorkflow) -> _Before:
    tokens, due = {}, {}
    for entry in waiting(case):
        name = f"{entry.task.id}{entry.suffix}"
        tokens[name] = Token(name, entry.node_id, entry.kind, case.scope_of(entry.task))
        due[name] = entry.due_at
    return _Before(tokens, due, _instances(case))


def _instances(case: CaseWorkflow) -> dict[Any, Scope]:
    """Return the running instances of multi-instance sub-processes and call activities."""
    found = {}
    for key in case.scopes if case.subprocesses else ():
        if key in case.subprocesses:
            host = case.get_task_from_id(key)
            if isinstance(host.task_spec, SubWorkflowTask):
                found[key] = case.scope_of(host)
    return found


def _report(case: CaseWorkflow, following: int, before: _Before, done: str | None) -> Step:
    open_now = list(waiting(case))
    if not open_now and not case.completed:
        raise EngineError(None, "nothing is left to wait for, yet the process has not ended")
    encoded = encode(case, following)
    named = [(f"{encoded.ids[entry.task.id]}{entry.suffix}", entry) for entry in open_now]
    names = {name for name, _ in named}
    return Step(
        state=encoded.state,
        opened=tuple(_token(case, entry, name) for name, entry in named if name not in before.tokens),
        closed=tuple(t for name, t in before.tokens.items() if name not in names and name != done),
        visited=tuple(case.visits),
        scopes_ended=_scopes_ended(case, encoded, before),
        finished=case.completed,
        end_node_id=case.data.get("end") if case.completed and case.success else None,
        timers=tuple(_timers(named, before)),
        waiting=tuple(entry.node_id for _, entry in named if entry.kind == "user"),
    )


def _token(case: CaseWorkflow, entry: Waiting, name: str) -> Token:
    if "." not in name:
        name += entry.suffix
    return Token(name, entry.node_id, entry.kind, case.scope_of(entry.task), case.visible(entry.task))


def _scopes_ended(case: CaseWorkflow, encoded: Encoded, before: _Before) -> tuple[ScopeEnd, ...]:
    ended = [end.scope for end in case.ended]  # items may be rows, so scopes are compared, not hashed
    cut = [ScopeEnd(s, None) for key, s in before.instances.items() if key not in encoded.ids and s not in ended]
    return (*case.ended, *cut)


def _timers(named: list[tuple[str, Waiting]], before: _Before) -> list[TimerRequest]:
    found = []
    for name, entry in named:
        due_at = entry.due_at
        if due_at is not None and before.due.get(name) != due_at:
            found.append(TimerRequest(name, entry.node_id, due_at))
    return found
