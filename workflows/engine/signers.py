"""Add and remove an instance of a multi-instance activity while it runs."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from workflows.engine.case import CaseWorkflow, instance_around
from workflows.engine.moves import move
from workflows.engine.store import Spec
from workflows.engine.tokens import find
from workflows.engine.types import JsonValue, Members, Step, Workdays
from workflows.errors import StateConflictError


def add_signer(
    spec: Spec,
    state: bytes,
    token: str,
    item: JsonValue,
    *,
    now: datetime,
    workdays: Workdays | None = None,
    members: Members | None = None,
    grow: bool = True,
) -> Step:
    """Open one more instance of the multi-instance that `token` is in.

    Args:
        token: any token inside an instance; the innermost multi-instance around it is meant.
        item: the element the new instance works on.
        grow: the input collection grows by it, so that later repetitions over the same list have it, too.

    Raises:
        StateConflictError: the token is not open, or in no multi-instance.
    """

    def act(case: CaseWorkflow) -> None:
        instance = _instance(case, token, "add a signer")
        instance.parent.task_spec.add(instance.parent, item, grow=grow)

    return move(spec, state, act, now=now, workdays=workdays, members=members)


def remove_signer(
    spec: Spec,
    state: bytes,
    token: str,
    *,
    now: datetime,
    workdays: Workdays | None = None,
    members: Members | None = None,
) -> Step:
    """Close the instance that `token` is in; the activity ends if that was the last one awaited.

    Raises:
        StateConflictError: the token is not open, or in no multi-instance.
    """

    def act(case: CaseWorkflow) -> None:
        instance = _instance(case, token, "remove a signer")
        instance.parent.task_spec.remove(instance.parent, instance)

    return move(spec, state, act, now=now, workdays=workdays, members=members)


def _instance(case: CaseWorkflow, token: str, wanted: str) -> Any:
    instance = instance_around(case, find(case, token, wanted).task)
    if instance is None:
        raise StateConflictError("token", token, "in no multi-instance", wanted)
    return instance
