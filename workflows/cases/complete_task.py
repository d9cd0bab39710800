"""提交: an officer decides, and the case goes on."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

from sqlalchemy import bindparam, update
from sqlalchemy.orm import Session

from workflows import audit, engine
from workflows.cases.access import require
from workflows.cases.aggregate import Family, current_form, lock_family_of_task
from workflows.cases.apart import applicants_of, require_other_person
from workflows.cases.assignment.offering import write
from workflows.cases.collaboration.parts import hand_back
from workflows.cases.commands import CompleteTask
from workflows.cases.effects import EffectContext, run_effect
from workflows.cases.forms import validate_form
from workflows.cases.holding import does_a_part, require_held, require_version
from workflows.cases.incidents import open_incident, resolve_incidents_of
from workflows.cases.items import case_no_of, item_of_task, steps_of_case
from workflows.cases.materials.deciding import decide_on_papers, record_paper_decision
from workflows.cases.members import members
from workflows.cases.models import HumanTask, TaskRole, TaskStatus
from workflows.cases.notices import issue_notice
from workflows.cases.open_case import form_context
from workflows.cases.opinions import signatures
from workflows.cases.opinions.answers import check_answers, record_answers
from workflows.cases.places import places
from workflows.cases.projection import Plan, plan
from workflows.cases.renewal import check_renewal, renew_application
from workflows.cases.texts import check_text as check_text
from workflows.cases.variables import routing_variables
from workflows.cases.views import Moved, Proposal
from workflows.cases.workdays import workdays
from workflows.clock import Clock
from workflows.engine.model import Decision, Node
from workflows.errors import EngineError, FieldError, InvalidInputError, RoutingError
from workflows.events import EventType
from workflows.permissions import Actor, Permission
from workflows.persistence import table_of

_TABLE = table_of(HumanTask)
_WRITTEN = (
    "status",
    "row_version",
    "completed_at",
    "completed_by_person_id",
    "completed_by_post_id",
    "completed_for_person_id",
    "decision",
    "opinion",
    "data",
)
_COMPLETE = update(_TABLE).where(_TABLE.c.id == bindparam("task")).values({n: bindparam(n) for n in _WRITTEN})
"""Built once: it runs with every completion."""


def complete_task(session: Session, command: CompleteTask, *, actor: Actor, clock: Clock) -> Moved:
    """Complete a task the actor has claimed, and move the case.

    If it was delegated to the actor, the case does not move: what they propose goes to whoever delegated it.

    If the engine or the routing fails, the case stays as it was and the answer names the incident that was opened.

    Raises:
        NotFoundError: no such task in the actor's agency.
        TaskAlreadyClaimedError: somebody else holds it.
        StateConflictError: not claimed, over, or the case stands still.
        ConcurrencyError: `row_version` is stale.
        SamePersonError: the actor did a step that must be kept apart from this one.
        ApplicantDecidesError: the actor is the applicant.
        InvalidInputError: decision, opinion or a field is wrong.
        ObjectionsUnansweredError: the step is the lead's, and an objection before it has no answer.
    """
    require(actor, Permission.TASK_COMPLETE)
    family, task = lock_family_of_task(session, command.task_id, actor=actor)
    if does_a_part(task, actor):
        return _hand_back(session, family, task, command, actor=actor, clock=clock)
    require_held(session, task, actor, "complete")
    require_version(task, command.row_version)
    return finish(session, family, task, command, actor=actor, clock=clock)


def _hand_back(
    session: Session, family: Family, task: HumanTask, command: CompleteTask, *, actor: Actor, clock: Clock
) -> Moved:
    require_version(task, command.row_version)
    family.require_running("complete")
    if command.answers:
        raise InvalidInputError([FieldError("answers", "not-allowed")])
    node = family.node(task.node_id)
    require_other_person(session, family.process.model, node, task, actor, clock=clock)
    decision = _decision(node, command)
    opinion = _opinion(decision, command.opinion)
    data, renewed = _data(session, family, node, command, clock)
    proposal = Proposal(decision=decision.id, opinion=opinion, data=data if renewed is None else renewed)
    hand_back(session, task, proposal, actor=actor, clock=clock)
    return Moved(family.no, family.status, task_id=task.id, row_version=task.row_version + 1)


def finish(
    session: Session, family: Family, task: HumanTask, command: CompleteTask, *, actor: Actor, clock: Clock
) -> Moved:
    """Complete a locked task on behalf of whoever may do so: its holder, or an outside system that answers it."""
    family.require_running("complete")
    node = family.node(task.node_id)
    decision = _decision(node, command)
    opinion = _opinion(decision, command.opinion)
    applicants = family.applicants = applicants_of(session, family.id, clock=clock)
    require_other_person(session, family.process.model, node, task, actor, clock=clock, applicants=applicants)
    if task.role == TaskRole.APPLICANT:
        family.applicants |= actor.person_ids
    with_papers, papers = decide_on_papers(session, family, node, task, decision, command, actor=actor)
    data, renewed = _data(session, family, node, with_papers, clock)
    answers = check_answers(session, family, task, command.answers)
    signing = signatures.prepare(session, family, node, task, data, renewed)
    changed_form = renewed if renewed is not None else signing.corrected

    def form() -> Mapping[str, Any]:
        return current_form(session, family.id) if changed_form is None else changed_form

    shared = None if changed_form is None else routing_variables(family.process.model, changed_form)
    try:
        step = engine.complete(
            family.process.spec,
            family.state,
            task.token,
            {node.id: decision.id},
            now=clock.now(),
            workdays=workdays(session),
            members=members(session, family.measure_no, clock),
            shared=shared,
            again=signing.again,
        )
        planned = plan(session, family, step, clock=clock)
        if "effect" in node.attributes:
            with session.begin_nested():
                _run_effect(session, family, node, task, decision, data, form(), actor=actor, clock=clock)
    except (EngineError, RoutingError) as error:
        return open_incident(session, family, task, asdict(command), error, actor=actor, clock=clock)
    _close(session, task, decision.id, opinion, data, actor, clock)
    record_answers(session, task, answers, actor=actor, clock=clock)
    if renewed is not None:
        renew_application(session, family, renewed, actor=actor, clock=clock)
    signatures.settle(session, family, node, task, signing, step, actor=actor, clock=clock)
    record_paper_decision(session, papers, family, task, actor=actor, clock=clock)
    _record(session, task, decision, opinion, data, planned, papers.lacking, actor, clock)
    moved = write(session, family, planned, actor=actor, clock=clock, form=form)
    if decision.notice:
        facts = {**data, "opinion": opinion}
        issue_notice(session, task.case_id, kind=decision.notice, facts=facts, actor=actor, clock=clock)
    if task.has_incident:
        resolve_incidents_of(session, HumanTask.id == task.id, actor=actor, clock=clock)
    return Moved(
        case_no=moved.case_no,
        case_status=moved.case_status,
        next_steps=moved.next_steps,
        task_id=task.id,
        row_version=task.row_version + 1,
        outcome=moved.outcome,
    )


def _decision(node: Node, command: CompleteTask) -> Decision:
    for decision in node.decisions:
        if decision.id == command.decision:
            return decision
    raise InvalidInputError([FieldError("decision", "not-in-list")])


def _opinion(decision: Decision, opinion: str | None) -> str | None:
    text = (opinion or "").strip()
    if decision.opinion_required and not text:
        raise InvalidInputError([FieldError("opinion", "opinion-required")])
    check_text(text, "opinion")
    return text or None


def _data(
    session: Session, family: Family, node: Node, command: CompleteTask, clock: Clock
) -> tuple[Mapping[str, Any], Mapping[str, Any] | None]:
    """Return the task's checked data, and the application if this task is to renew it."""
    form_key = node.attributes.get("form")
    schema = family.process.form(form_key)
    if schema is None:
        if command.data:
            raise InvalidInputError([FieldError(name, "unknown-field") for name in command.data])
        return {}, None
    apply_key = family.process.model.attributes.get("applyForm")

    def known_places() -> Collection[str]:
        return places(family.process.form(apply_key) or {}, current_form(session, family.id))

    context = replace(form_context(session, clock, command.decision), places=known_places)
    data = validate_form(schema, command.data, context)
    if form_key == apply_key:
        check_renewal(session, family, data)
        return {}, data
    return data, None


def _run_effect(
    session: Session,
    family: Family,
    node: Node,
    task: HumanTask,
    decision: Decision,
    data: Mapping[str, Any],
    form: Mapping[str, Any],
    *,
    actor: Actor,
    clock: Clock,
) -> None:
    context = effect_context(session, family, node, task, decision.id, data, form, actor=actor, clock=clock)
    run_effect(node.attributes["effect"], session, context)


def effect_context(
    session: Session,
    family: Family,
    node: Node,
    task: HumanTask,
    decision: str,
    data: Mapping[str, Any],
    form: Mapping[str, Any],
    *,
    actor: Actor,
    clock: Clock,
) -> EffectContext:
    """Gather what an effect may want to know."""
    return EffectContext(
        case_id=task.case_id,
        case_no=case_no_of(session, task.case_id),
        root_id=task.root_id,
        task_id=task.id,
        node_id=node.id,
        decision=decision,
        data=data,
        form=form,
        steps=steps_of_case(session, task),
        item=item_of_task(session, family, task, form),
        actor=actor,
        clock=clock,
    )


def _close(
    session: Session,
    task: HumanTask,
    decision: str,
    opinion: str | None,
    data: Mapping[str, Any],
    actor: Actor,
    clock: Clock,
) -> None:
    session.connection().execute(
        _COMPLETE,
        {
            "task": task.id,
            "status": TaskStatus.COMPLETED,
            "row_version": task.row_version + 1,
            "completed_at": clock.now(),
            "completed_by_person_id": actor.person_id,
            "completed_by_post_id": actor.post_id,
            "completed_for_person_id": actor.on_behalf_of,
            "decision": decision,
            "opinion": opinion,
            "data": dict(data) if data else None,
        },
    )


def _record(
    session: Session,
    task: HumanTask,
    decision: Decision,
    opinion: str | None,
    data: Mapping[str, Any],
    planned: Plan,
    lacking: Sequence[str],
    actor: Actor,
    clock: Clock,
) -> None:
    payload: dict[str, Any] = {"node": task.node_id, "decision": decision.id, **planned.trace()}
    if lacking:
        payload["lacking"] = list(lacking)
    if opinion:
        payload["opinion"] = opinion
    if data:
        payload["data"] = dict(data)
    audit.append(
        session,
        actor=actor,
        event=EventType.TASK_COMPLETED,
        case_id=task.case_id,
        task_id=task.id,
        payload=payload,
        clock=clock,
    )
