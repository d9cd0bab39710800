"""What completing a step does besides moving the case, such as proposing a payment.

A diagram names an effect; the package that knows the subject registers it. So money stays above cases, and a diagram
can name nothing that the program does not offer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy.orm import Session

from workflows.clock import Clock
from workflows.errors import EngineError
from workflows.permissions import Actor
from workflows.processes import offer_effects


@dataclass(frozen=True)
class EffectContext:
    """The moment of completion, as an effect sees it.

    Args:
        case_id: the case (or child case) the task belongs to.
        data: the task's own form, checked.
        form: the application as it stands.
        steps: node id → form of that step as last completed in this case or child case, such as `recognise`.
        item: the part of the application this task is about (one issuer), or None.
    """

    case_id: int
    case_no: str
    root_id: int
    task_id: int
    node_id: str
    decision: str
    data: Mapping[str, Any]
    form: Mapping[str, Any]
    steps: Mapping[str, Mapping[str, Any]]
    item: Mapping[str, Any] | None
    actor: Actor
    clock: Clock


class TaskEffect(Protocol):
    """Something that happens with a completion, in its transaction."""

    def __call__(self, session: Session, context: EffectContext, /) -> None:
        """Do it; raising refuses the completion."""


class EffectUndo(Protocol):
    """Takes back what an effect did when the case is returned to before it."""

    def __call__(self, session: Session, context: EffectContext, /) -> None:
        """Undo it; raising `StateConflictError` refuses the return."""


_EFFECTS: dict[str, tuple[TaskEffect, EffectUndo]] = {}
_APART: dict[str, frozenset[str]] = {}


def register_effect(name: str, effect: TaskEffect, *, undo: EffectUndo, apart: frozenset[str] = frozenset()) -> None:
    """Offer an effect to diagrams under `name`; called once at import by the package that owns it.

    Args:
        apart: effects whose steps nobody may do in a case where they do this one's, whatever the diagram says.
    """
    _EFFECTS[name] = (effect, undo)
    _APART[name] = apart


def apart_of(name: str) -> frozenset[str]:
    """Return the effects that must be other persons' than this one's."""
    return _APART.get(name, frozenset())


def registered_effects() -> frozenset[str]:
    """Names that a diagram may use."""
    return frozenset(_EFFECTS)


offer_effects(registered_effects)


def run_effect(name: str, session: Session, context: EffectContext) -> None:
    """Run a registered effect.

    Raises:
        EngineError: nobody offers it.
    """
    _find(name, context.node_id)[0](session, context)


def undo_effect(name: str, session: Session, context: EffectContext) -> None:
    """Undo a registered effect.

    Raises:
        EngineError: nobody offers it.
    """
    _find(name, context.node_id)[1](session, context)


def _find(name: str, node_id: str) -> tuple[TaskEffect, EffectUndo]:
    if name not in _EFFECTS:
        raise EngineError(node_id, f"effect {name} is not offered")
    return _EFFECTS[name]
