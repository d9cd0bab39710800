"""Steps as they are offered: what a move opens that nobody may do is refused, passed with a record, or goes higher.

Every move of a case ends here, so no way into a step leads round the rules.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from workflows import audit, engine
from workflows.agencies.posts import candidates
from workflows.cases.aggregate import Family
from workflows.cases.assignment.judging import Judge
from workflows.cases.assignment.rules import Rule, RuleActed
from workflows.cases.collaboration.parts import open_part
from workflows.cases.incidents import open_rule_incident, resolve_incidents_of
from workflows.cases.members import members
from workflows.cases.models import OPEN, HumanTask, TaskStatus
from workflows.cases.notifications import NotificationKind, notify
from workflows.cases.projection import Plan, plan, write_move
from workflows.cases.views import Moved, NextStep
from workflows.cases.workdays import workdays
from workflows.clock import Clock, office_date
from workflows.engine import Token
from workflows.engine.assignment import is_offered, passing_decision
from workflows.errors import EngineError, RoutingError
from workflows.events import EventType
from workflows.permissions import Actor, PostKind

Form = Callable[[], Mapping[str, Any]]


@dataclass(frozen=True)
class _Act:
    """What every step of following rules needs: the transaction, the locked case, whose act led here, and when."""

    session: Session
    family: Family
    actor: Actor | None
    clock: Clock
    form: Form


def write(
    session: Session,
    family: Family,
    plan: Plan,
    *,
    actor: Actor | None,
    clock: Clock,
    form: Form,
    values: Mapping[str, Any] | None = None,
) -> Moved:
    """Write a planned move, and follow the rules for what it opens; arguments and errors as `write_move`."""
    moved = write_move(session, family, plan, actor=actor, clock=clock, form=form, values=values)
    return _offer(_Act(session, family, actor, clock, form), plan, moved, frozenset())


def review_tasks(
    session: Session, family: Family, task_ids: Sequence[int], *, actor: Actor | None, clock: Clock, form: Form
) -> Sequence[RuleActed]:
    """Look again at open tasks of a locked case that goes on: who could do them may have left, or come.

    Doing it twice changes nothing. A task whose hindrance is gone has its incident closed. None passes by rule here: a
    post is empty for a while whenever its holder changes, and what has passed cannot be taken back.

    Returns:
        The rules that hold for those that still nobody may do.
    """
    act, judge = _Act(session, family, actor, clock, form), Judge(session, family, clock)
    found = []
    for task_id in task_ids:
        task = session.get_one(HumanTask, task_id, populate_existing=True)
        if task.status not in OPEN or not is_offered(family.node(task.node_id)):
            continue
        acted = judge.judge(task)
        if acted is None:
            settle(session, task, actor=actor, clock=clock)
            continue
        if acted.rule is Rule.PASS:
            acted = replace(acted, rule=Rule.REFUSE)
        found.append(acted)
        if task.rule is None or task.rule != acted.facts():
            _follow(act, task, acted, frozenset())
    return found


def settle(session: Session, task: HumanTask, *, actor: Actor | None, clock: Clock) -> None:
    """Somebody may do a task that was refused to all: the record of it goes, and its incident is closed."""
    if task.rule is not None and task.rule["rule"] == Rule.REFUSE.value:
        _set(session, task, {"rule": None})
        resolve_incidents_of(session, HumanTask.id == task.id, actor=actor, clock=clock)


def _offer(act: _Act, planned: Plan, moved: Moved, passed: frozenset[str]) -> Moved:
    """Judge what a move has opened. `passed` are the steps passed on the way here: none passes twice, or a loop of
    such steps would never end.
    """
    opened = [token for token in planned.step.opened if token.kind == "user"]
    judge = Judge(act.session, act.family, act.clock)
    looked_at = [token.token for token in opened if not _is_clear(judge, act.family, planned, token)]
    if not looked_at:
        return moved
    steps: dict[str, tuple[NextStep, ...]] = {}
    if len(moved.next_steps) == len(opened):
        steps = {token.token: (step,) for token, step in zip(opened, moved.next_steps, strict=True)}
    for token in looked_at:
        task = _open_task(act, token)
        acted = judge.judge(task) if task is not None else None
        if task is None or acted is None:
            continue
        after = _follow(act, task, acted, passed)
        if after is not None:  # passed
            steps[token] = after.next_steps
            moved = replace(moved, outcome=after.outcome or moved.outcome)
        elif acted.rule is Rule.SUPERIOR and token in steps:
            steps[token] = tuple(replace(step, post_kind=acted.offered_to) for step in steps[token])
    shown = tuple(dict.fromkeys(step for each in steps.values() for step in each)) if steps else moved.next_steps
    return replace(moved, next_steps=shown, case_status=act.family.status, row_version=act.family.rev)


def _is_clear(judge: Judge, family: Family, planned: Plan, token: Token) -> bool:
    """Most steps are: for them the task itself need not be read."""
    node, goes_to = family.node(token.node_id), planned.assignments[token.token]
    return not is_offered(node) or judge.is_clear(node, goes_to.agency.id, goes_to.post_kind)


def _open_task(act: _Act, token: str) -> HumanTask | None:
    query = select(HumanTask).where(
        HumanTask.root_id == act.family.id, HumanTask.token == token, HumanTask.status.in_(OPEN)
    )
    return act.session.scalars(query).one_or_none()


def _follow(act: _Act, task: HumanTask, acted: RuleActed, passed: frozenset[str]) -> Moved | None:
    """Do what the rule says; return how the case moved on, if it did."""
    if acted.rule is Rule.PASS and task.node_id not in passed:
        return _pass(act, task, acted, passed)
    if acted.rule is Rule.SUPERIOR:
        _offer_higher(act, task, acted)
        return None
    _refuse(act, task, replace(acted, rule=Rule.REFUSE))
    return None


def _refuse(act: _Act, task: HumanTask, acted: RuleActed) -> None:
    """The task stays where it is; whoever can mend it is told in plain words."""
    _set(act.session, task, {"rule": acted.facts()})
    open_rule_incident(act.session, task, acted.facts(), clock=act.clock)
    _tell(act, task, (PostKind.REVIEWER, PostKind.LEADER), NotificationKind.NOBODY_TO_DO_IT)


def _offer_higher(act: _Act, task: HumanTask, acted: RuleActed) -> None:
    values: dict[str, Any] = {"rule": acted.facts(), "post_kind": acted.offered_to}
    if task.status == TaskStatus.RESERVED:  # in the hands of somebody who has left
        if task.owner_person_id is not None:
            open_part(act.session, task.id).taken_back_at = act.clock.now()
        nobody = ("assignee_person_id", "assignee_post_id", "owner_person_id", "owner_post_id", "claimed_at")
        values |= {"status": TaskStatus.READY, **dict.fromkeys(nobody)}
    _set(act.session, task, values)
    resolve_incidents_of(act.session, HumanTask.id == task.id, actor=None, clock=act.clock)
    _record(act, task, EventType.TASK_OFFERED_HIGHER, acted.facts())
    _tell(act, task, (PostKind(acted.offered_to or task.post_kind),), NotificationKind.OFFERED_HIGHER)


def _pass(act: _Act, task: HumanTask, acted: RuleActed, passed: frozenset[str]) -> Moved | None:
    """Complete a step by rule, with the record in place of an opinion, and go on; or refuse, if the case cannot."""
    session, family, clock = act.session, act.family, act.clock
    decision = passing_decision(family.node(task.node_id))
    try:
        step = engine.complete(
            family.process.spec,
            family.state,
            task.token,
            {task.node_id: decision},
            now=clock.now(),
            workdays=workdays(session),
            members=members(session, family.measure_no, clock),
        )
        planned = plan(session, family, step, clock=clock)
    except (EngineError, RoutingError):
        _refuse(act, task, replace(acted, rule=Rule.REFUSE))
        return None
    values = {"status": TaskStatus.COMPLETED, "decision": decision, "completed_at": clock.now(), "rule": acted.facts()}
    _set(session, task, values)
    resolve_incidents_of(session, HumanTask.id == task.id, actor=None, clock=clock)
    _record(act, task, EventType.TASK_PASSED_BY_RULE, {**acted.facts(), "decision": decision, **planned.trace()})
    _tell(act, task, (PostKind.REVIEWER, PostKind.LEADER), NotificationKind.PASSED_BY_RULE)
    moved = write_move(session, family, planned, actor=None, clock=clock, form=act.form)
    return _offer(act, planned, moved, passed | {task.node_id})


def _set(session: Session, task: HumanTask, values: Mapping[str, Any]) -> None:
    session.execute(
        update(HumanTask)
        .where(HumanTask.id == task.id)
        .values(row_version=HumanTask.row_version + 1, **values)
        .execution_options(synchronize_session=False)
    )


def _record(act: _Act, task: HumanTask, event: EventType, facts: Mapping[str, Any]) -> None:
    audit.append(
        act.session,
        actor=None,
        event=event,
        case_id=task.case_id,
        task_id=task.id,
        payload={"node": task.node_id, **facts},
        clock=act.clock,
    )


def _tell(act: _Act, task: HumanTask, kinds: Sequence[PostKind], kind: NotificationKind) -> None:
    on = office_date(act.clock.now())
    heads = {each.person_id for post in kinds for each in candidates(act.session, task.agency_id, post, on)}
    notify(act.session, person_ids=heads, kind=kind, case_id=task.case_id, task_id=task.id, clock=act.clock)
