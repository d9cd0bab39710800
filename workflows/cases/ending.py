"""终止: a case ends without a decision, because the applicant withdraws or is deemed to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from workflows import engine, outbox
from workflows.cases.aggregate import Family, write_back
from workflows.cases.incidents import resolve_incidents_of
from workflows.cases.models import ENDED, OPEN, Case, CaseStatus, HumanTask, TaskStatus
from workflows.cases.notices import issue_notice
from workflows.clock import Clock
from workflows.deadlines import PauseKind, cancel_for_case, start_clock
from workflows.permissions import Actor


def terminate(
    session: Session,
    family: Family,
    outcome: str,
    *,
    notice: str,
    facts: Mapping[str, Any],
    actor: Actor | None,
    clock: Clock,
) -> None:
    """End a case with all its children, tasks, clocks and timers, and tell the applicant.

    Args:
        session: the transaction, with `family` locked.
        family: the case.
        outcome: what it is said to have come to.
        notice: the kind of the official document that tells so.
        facts: what that document needs.
        actor: whose act it is, or None for the system.
        clock: tells when.

    Raises:
        EngineError: the process could not be ended.
    """
    step = engine.cancel(family.process.spec, family.state, now=clock.now())
    resolve_incidents_of(session, HumanTask.root_id == family.id, actor=actor, clock=clock)
    session.execute(
        update(HumanTask)
        .where(HumanTask.root_id == family.id, HumanTask.status.in_(OPEN))
        .values(status=TaskStatus.EXITED, completed_at=clock.now(), row_version=HumanTask.row_version + 1)
        .execution_options(synchronize_session=False)
    )
    cancel_for_case(session, family.id, now=clock.now())
    start_clock(session, family.id, list(PauseKind), at=clock.now())
    ended: dict[str, Any] = {"status": CaseStatus.TERMINATED, "outcome": outcome, "closed_at": clock.now()}
    session.execute(
        update(Case)
        .where(Case.parent_id == family.id, Case.status.not_in(ENDED))
        .values(rev=Case.rev + 1, **ended)
        .execution_options(synchronize_session=False)
    )
    write_back(session, family, {"state": step.state, "waiting_since": None, **ended})
    issue_notice(session, family.id, kind=notice, facts=facts, actor=actor, clock=clock)
    outbox.enqueue(
        session, topic="case.archive", key=f"case.archive:{family.id}", payload={"case_id": family.id}, clock=clock
    )


def money_moved(session: Session, family: Family) -> bool:
    """Tell whether a payment has been proposed for a case: then nobody ends it by withdrawing."""
    with_effect = [node.id for node in family.process.model.nodes.values() if "effect" in node.attributes]
    return bool(
        with_effect
        and session.scalar(
            select(HumanTask.id)
            .where(
                HumanTask.root_id == family.id,
                HumanTask.node_id.in_(with_effect),
                HumanTask.status == TaskStatus.COMPLETED,
                HumanTask.voided_at.is_(None),
            )
            .limit(1)
        )
    )
