"""What goes into the engine and what comes out: frozen values, no SpiffWorkflow object among them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, TypeAlias

JsonValue: TypeAlias = "bool | int | float | str | Sequence[JsonValue] | Mapping[str, JsonValue] | None"

TokenKind = Literal["user", "receive", "message", "service", "timer"]


@dataclass(frozen=True)
class Sources:
    """The BPMN files of one definition.

    Args:
        main: name of the file whose first executable process is started.
        files: every file by name, `main` among them; call activities may call any process in them.
    """

    main: str
    files: Mapping[str, bytes]


@dataclass(frozen=True)
class CompiledSpec:
    """A definition ready to be stored.

    Args:
        sha256: over all source files, hexadecimal; the address of the definition.
        payload: compressed; opaque outside the engine.
    """

    sha256: str
    payload: bytes


@dataclass(frozen=True)
class ScopeItem:
    """One multi-instance around a token.

    Args:
        node_id: the multi-instance activity.
        index: which instance, from 0; kept when it is done again within one run of the activity.
        item: the element of the input collection this instance works on.
    """

    node_id: str
    index: int
    item: JsonValue


Workdays: TypeAlias = Callable[[datetime, int], datetime]
"""Tells when so many working days after an instant are over; the calendar behind `due_workdays(n)` in a diagram."""

Members: TypeAlias = Callable[[str], Sequence[JsonValue]]
"""Tells whom a collective name of a diagram stands for today, such as `leads`."""

GROUPS = frozenset(["leads", "supports"])
"""The lists every diagram may repeat a step over: who leads and who supports the line, as codes of agencies."""

Scope: TypeAlias = tuple[ScopeItem, ...]


@dataclass(frozen=True)
class Token:
    """Something the case waits for.

    Args:
        token: its name within the case; keeps while it is open, never used twice.
        node_id: where in the diagram.
        kind: what it waits for.
        scope: the multi-instances around it, outermost first.
        variables: routing variables as seen from here, the item variables among them.
    """

    token: str
    node_id: str
    kind: TokenKind
    scope: Scope = ()
    variables: Mapping[str, JsonValue] = field(default_factory=dict)


@dataclass(frozen=True)
class Visit:
    """A node that was passed, by itself or because it was completed."""

    node_id: str
    scope: Scope = ()


@dataclass(frozen=True)
class ScopeEnd:
    """One instance of a multi-instance sub-process or call activity has ended.

    Args:
        scope: the instance; its last item names the activity and the index.
        end_node_id: the end event reached inside, if one was.
    """

    scope: Scope
    end_node_id: str | None


@dataclass(frozen=True)
class TimerRequest:
    """Wake the case at `due_at` (aware UTC) by `fire_timer` with `token`."""

    token: str
    node_id: str
    due_at: datetime


@dataclass(frozen=True)
class Step:
    """What one move did to a case.

    Args:
        state: the new state, to be stored in place of the old one.
        opened: tokens that were not open before.
        closed: tokens that were open and ended without being completed.
        visited: nodes passed, in order.
        scopes_ended: instances of multi-instance sub-processes and call activities that ended.
        finished: the whole process has ended or was cancelled.
        end_node_id: the end event of the process, once finished by one.
        timers: timers that were started and are still running.
        waiting: the nodes of all user tasks that are open now.
    """

    state: bytes
    opened: tuple[Token, ...] = ()
    closed: tuple[Token, ...] = ()
    visited: tuple[Visit, ...] = ()
    scopes_ended: tuple[ScopeEnd, ...] = ()
    finished: bool = False
    end_node_id: str | None = None
    timers: tuple[TimerRequest, ...] = ()
    waiting: tuple[str, ...] = ()
