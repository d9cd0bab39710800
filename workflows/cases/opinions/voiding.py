"""作废: a signature or an opinion counts no more; it stays readable, with the reason."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from workflows import audit
from workflows.agencies.models import Agency
from workflows.cases.models import HumanTask
from workflows.clock import Clock
from workflows.events import EventType
from workflows.permissions import Actor


class VoidReason(StrEnum):
    """Why a decision counts no more."""

    RETURNED = "returned"
    """The case went back behind it."""
    FIGURES_CHANGED = "figures-changed"
    """A figure it was given for was corrected."""
    SIGNING_REPEATED = "signing-repeated"
    """Joint leads did not agree; after coordination all sign again."""
    ASKED_AGAIN = "asked-again"
    """The lead asked this agency for a new opinion."""


def mark_void(session: Session, task_ids: Iterable[int], reason: VoidReason, clock: Clock) -> None:
    """Mark decisions as void."""
    chosen = list(task_ids)
    if not chosen:
        return
    session.execute(
        update(HumanTask)
        .where(HumanTask.id.in_(chosen))
        .values(voided_at=clock.now(), void_reason=reason)
        .execution_options(synchronize_session=False)
    )


def void_signatures(
    session: Session,
    tasks: Iterable[HumanTask],
    reason: VoidReason,
    changed: Mapping[str, tuple[Any, Any]],
    *,
    actor: Actor,
    clock: Clock,
) -> None:
    """Void signatures, each with its entry in the trace.

    Args:
        changed: figure → value before and after, where that is why.
    """
    tasks = list(tasks)
    mark_void(session, [task.id for task in tasks], reason, clock)
    for task in tasks:
        agency = session.get_one(Agency, task.agency_id)
        audit.append(
            session,
            actor=actor,
            event=EventType.SIGNATURE_VOIDED,
            case_id=task.case_id,
            task_id=task.id,
            payload={
                "node": task.node_id,
                "of": [agency.code, agency.short_zh, agency.short_en],
                "void_reason": reason,
                "figures": {name: list(values) for name, values in changed.items()},
            },
            clock=clock,
        )
