"""退回: the case goes back to an earlier step, and what was signed since is shown but no longer counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from workflows import audit, engine
from workflows.cases.access import require
from workflows.cases.aggregate import Family, current_form, lock_family_of_task
from workflows.cases.assignment.offering import write
from workflows.cases.assignment.rules import passed_by_rule
from workflows.cases.commands import ReturnTask
from workflows.cases.complete_task import effect_context
from workflows.cases.effects import undo_effect
from workflows.cases.holding import require_held, require_version
from workflows.cases.incidents import or_incident
from workflows.cases.members import members
from workflows.cases.models import OPEN, Case, CaseSnapshot, CaseStatus, HumanTask, TaskStatus
from workflows.cases.names import node_name
from workflows.cases.opinions.voiding import VoidReason
from workflows.cases.projection import plan
from workflows.cases.telling import tell_returned
from workflows.cases.texts import check_text
from workflows.cases.views import Moved, Named
from workflows.cases.ways import after
from workflows.cases.workdays import workdays
from workflows.clock import Clock
from workflows.engine.model import Node
from workflows.errors import FieldError, InvalidInputError, StateConflictError
from workflows.events import EventType
from workflows.permissions import Actor, Permission


def return_targets(session: Session, task_id: int, *, actor: Actor) -> tuple[Named, ...]:
    """List the earlier steps a task can be sent back to, nearest first.

    Raises:
        NotFoundError: no such task in the actor's agency.
    """
    require(actor, Permission.TASK_COMPLETE)
    family, task = lock_family_of_task(session, task_id, actor=actor, for_update=False)
    if task.status not in OPEN:
        return ()
    return tuple(node_name(family.node(node_id)) for node_id in targets_of(session, family, task))


def return_task(session: Session, command: ReturnTask, *, actor: Actor, clock: Clock) -> Moved:
    """Send the case back.

    If the engine, an undone effect or the routing fails, the case stays as it was and the answer names the incident.

    Raises:
        NotFoundError: no such task in the actor's agency.
        TaskAlreadyClaimedError: somebody else holds it.
        StateConflictError: not claimed, nowhere to go back to, or money has been sent since.
        ConcurrencyError: `row_version` is stale.
        InvalidInputError: no reason, or a step it cannot go back to.
    """
    require(actor, Permission.TASK_COMPLETE)
    reason = command.reason.strip()
    if not reason:
        raise InvalidInputError([FieldError("reason", "reason-required")])
    check_text(reason, "reason")
    family, task = lock_family_of_task(session, command.task_id, actor=actor)
    require_held(session, task, actor, "return")
    require_version(task, command.row_version)
    family.require_running("return")
    targets = targets_of(session, family, task)
    if not targets:
        raise StateConflictError("task", task.id, task.status, "return")
    to_node_id = command.to_node_id or targets[0]
    if to_node_id not in targets:
        raise InvalidInputError([FieldError("to_node_id", "not-in-list")])
    payload = {"node": task.node_id, "to": to_node_id, "reason": reason}

    since = decided_since(session, family, task, to_node_id)
    did_it = {done.completed_by_person_id for done in since if done.node_id == to_node_id}

    def back() -> Moved:
        moved = go_back(session, family, task, to_node_id, payload, EventType.TASK_RETURNED, actor=actor, clock=clock)
        told = [person_id for person_id in did_it if person_id is not None]
        tell_returned(session, task, to_node_id, told, reason=reason, actor=actor, clock=clock)
        return moved

    attempt = {"act": "return", **asdict(command)}
    return or_incident(session, family, task, attempt, back, actor=actor, clock=clock)


_SAID_OUTSIDE = frozenset({"payment.confirm"})
"""Effects of steps that nobody goes back to: the bank's word is not to be said again about an order that is void."""


def targets_of(session: Session, family: Family, task: HumanTask) -> Sequence[str]:
    """What the engine allows, nearest first, less what money forbids: once a payment is proposed, only its own steps
    can be gone back to, so that whoever pays cannot undo what the payment rests on; and less what passed by rule, which
    would only pass again.
    """
    legal = engine.return_targets(family.process.spec, family.state, task.token)
    by_nobody = _passed_by_rule(session, family)
    user_steps = [
        node_id for node_id in reversed(legal) if family.node(node_id).kind == "userTask" and node_id not in by_nobody
    ]
    user_steps = [each for each in user_steps if family.node(each).attributes.get("effect") not in _SAID_OUTSIDE]
    here = family.node(task.node_id).scope_id
    effects = done_effects(session, family)
    if not effects:
        return user_steps
    return [
        node_id
        for node_id in user_steps
        if family.node(node_id).scope_id == here and "effect" in family.node(node_id).attributes
    ]


def _passed_by_rule(session: Session, family: Family) -> set[str]:
    """Return the steps that nobody has done, though they are complete."""
    rows = session.execute(
        select(HumanTask.node_id, HumanTask.rule).where(
            HumanTask.root_id == family.id,
            HumanTask.status == TaskStatus.COMPLETED,
            HumanTask.voided_at.is_(None),
            HumanTask.node_id.in_(
                select(HumanTask.node_id).where(HumanTask.root_id == family.id, HumanTask.rule.is_not(None))
            ),
        )
    ).all()
    done = {row.node_id for row in rows if not passed_by_rule(row.rule)}
    return {row.node_id for row in rows} - done


def done_effects(session: Session, family: Family) -> Sequence[str]:
    """Return the steps whose effects stand, such as a payment that was proposed."""
    with_effect = [node.id for node in family.process.model.nodes.values() if "effect" in node.attributes]
    if not with_effect:
        return ()
    return session.scalars(
        select(HumanTask.node_id).where(
            HumanTask.root_id == family.id,
            HumanTask.node_id.in_(with_effect),
            HumanTask.status == TaskStatus.COMPLETED,
            HumanTask.voided_at.is_(None),
        )
    ).all()


def go_back(
    session: Session,
    family: Family,
    task: HumanTask,
    to_node_id: str,
    payload: Mapping[str, object],
    event: EventType,
    *,
    actor: Actor,
    clock: Clock,
) -> Moved:
    """Take the case from an open task back to a step among its targets, and void what was decided since."""
    session.add(
        CaseSnapshot(
            case_id=family.id,
            rev=family.rev,
            process_version_id=family.process_version_id,
            reason="return",
            state=family.state,
            taken_at=clock.now(),
        )
    )
    step = engine.return_to(
        family.process.spec,
        family.state,
        task.token,
        to_node_id,
        now=clock.now(),
        workdays=workdays(session),
        members=members(session, family.measure_no, clock),
    )
    planned = plan(session, family, step, clock=clock)
    form = current_form(session, family.id)
    _void(session, family, task, to_node_id, form, actor=actor, clock=clock)
    moved = write(session, family, planned, actor=actor, clock=clock, form=lambda: form)
    audit.append(session, actor=actor, event=event, case_id=task.case_id, task_id=task.id, payload=payload, clock=clock)
    return moved


def _void(
    session: Session,
    family: Family,
    task: HumanTask,
    to_node_id: str,
    form: object,
    *,
    actor: Actor,
    clock: Clock,
) -> None:
    """Mark what was decided at the target and after it as void, newest first, and undo its effects."""
    _reopen_children(session, family, to_node_id)
    for done in decided_since(session, family, task, to_node_id):
        node = family.node(done.node_id)
        _undo(session, family, node, done, form, actor=actor, clock=clock)
        session.execute(
            update(HumanTask)
            .where(HumanTask.id == done.id)
            .values(voided_at=clock.now(), void_reason=VoidReason.RETURNED)
            .execution_options(synchronize_session=False)
        )


def decided_since(session: Session, family: Family, task: HumanTask, to_node_id: str) -> Sequence[HumanTask]:
    """Return the decisions that going back from `task` to a step would void, newest first.

    Those behind the step, and no older than it: in a loop a step lies behind every other.
    """
    query = select(HumanTask).where(
        HumanTask.root_id == family.id,
        HumanTask.status == TaskStatus.COMPLETED,
        HumanTask.voided_at.is_(None),
        HumanTask.node_id.in_(after(family, to_node_id)),
    )
    if _inside(family, to_node_id):
        query = query.where(HumanTask.case_id == task.case_id)
    found = session.scalars(query.order_by(HumanTask.id.desc())).all()
    rounds = [done.id for done in found if done.node_id == to_node_id]
    if not rounds:
        return found
    signed_by_several = family.node(to_node_id).multi_instance is not None
    since = min(rounds) if signed_by_several else max(rounds)
    return [done for done in found if done.id >= since]


def _inside(family: Family, node_id: str) -> bool:
    """Whether a step lies inside a part of the process, such as that of one issuer, and concerns only that."""
    return family.node(node_id).scope_id != family.process.model.process_id


def _reopen_children(session: Session, family: Family, to_node_id: str) -> None:
    """What a child case had ended by is void when the whole case goes back."""
    if _inside(family, to_node_id):
        return
    session.execute(
        update(Case)
        .where(Case.parent_id == family.id, Case.status == CaseStatus.CLOSED)
        .values(status=CaseStatus.IN_PROGRESS, outcome=None, closed_at=None, rev=Case.rev + 1)
        .execution_options(synchronize_session=False)
    )


def _undo(
    session: Session, family: Family, node: Node, done: HumanTask, form: object, *, actor: Actor, clock: Clock
) -> None:
    name = node.attributes.get("effect")
    if name is None:
        return
    context = effect_context(
        session,
        family,
        node,
        done,
        done.decision or "",
        done.data or {},
        form if isinstance(form, dict) else {},
        actor=actor,
        clock=clock,
    )
    undo_effect(name, session, context)
