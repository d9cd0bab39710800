"""主办变更、机构合并: open tasks pass to whoever is responsible now; what was signed keeps the old name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, case, func, select, update
from sqlalchemy.orm import Session

from workflows import audit, engine
from workflows.agencies.dating import in_force
from workflows.agencies.models import Agency
from workflows.agencies.posts import people_of
from workflows.cases.access import require
from workflows.cases.aggregate import Family, current_form, lock_family
from workflows.cases.assignment.offering import review_tasks, write
from workflows.cases.collaboration.parts import open_part
from workflows.cases.incidents import resolve_incidents_of
from workflows.cases.members import members
from workflows.cases.models import OPEN, Case, HumanTask, TaskRole, TaskStatus
from workflows.cases.names import node_name
from workflows.cases.notifications import NotificationKind, notify
from workflows.cases.opinions.steps import is_signing
from workflows.cases.projection import plan
from workflows.cases.routing import post_of
from workflows.cases.taking_on import take_on
from workflows.cases.telling import facts_of
from workflows.cases.texts import check_text
from workflows.cases.views import Named
from workflows.cases.workdays import workdays
from workflows.clock import Clock, office_date
from workflows.engine import Step
from workflows.errors import FieldError, InvalidInputError, NotFoundError
from workflows.events import EventType
from workflows.permissions import Actor, Permission
from workflows.policies.models import Responsibility, ResponsibilityKind
from workflows.policies.responsibilities import get_line_id
from workflows.processes import load_version


@dataclass(frozen=True)
class Succession:
    """An agency is merged into another.

    Args:
        agency, successor: codes.
        on: first day on which the successor acts; not after today.
        reason: required, such as the document that says so.
    """

    agency: str
    successor: str
    on: date
    reason: str


@dataclass(frozen=True)
class ChangeLead:
    """Another agency leads a responsibility line from a day on.

    Args:
        line_no: such as `2` or `5a`.
        old, new: codes.
        on: first day on which the new one leads; not after today.
        reason: required.
    """

    line_no: str
    old: str
    new: str
    on: date
    reason: str


@dataclass(frozen=True)
class PassedOn:
    """What a change moved."""

    cases: int
    tasks: int


@dataclass(frozen=True)
class MovingStep:
    """Open tasks of one step that would pass on.

    Args:
        cases, tasks: how many.
        unsigned: of the tasks, those that wait for receipt: their limit starts in the new agency.
        claimed: of the tasks, those that somebody has in hand and loses.
        due_at: the soonest end of a limit; limits stay as they are.
    """

    name: Named
    cases: int
    tasks: int
    unsigned: int
    claimed: int
    due_at: datetime | None


@dataclass(frozen=True)
class _Change:
    """A change of lead that may be made."""

    old: Agency
    new: Agency
    reason: str
    leading: Sequence[Responsibility]
    mine: Responsibility


def hand_to_successor(session: Session, command: Succession, *, actor: Actor, clock: Clock) -> PassedOn:
    """End an agency in favour of another, and pass its open tasks on.

    Raises:
        PermissionDeniedError: not the system administrator.
        InvalidInputError: no such agency or successor, a wrong day, or no reason.
    """
    require(actor, Permission.RESPONSIBILITY_CHANGE)
    reason = _reason(command.reason)
    old = _agency(session, command.agency, "agency", clock)
    new = _agency(session, command.successor, "successor", clock)
    _check(old, new, command.on, "successor", clock)
    old.valid_to, old.successor_id = command.on - timedelta(days=1), new.id
    session.flush()
    facts = {"agency": old.code, "successor": new.code, "on": command.on.isoformat(), "reason": reason}
    audit.append(session, actor=actor, event=EventType.AGENCY_SUCCEEDED, payload=facts, clock=clock)
    take_on(session, old, new, clock)
    roots = select(HumanTask.root_id).where(HumanTask.agency_id == old.id, HumanTask.status.in_(OPEN))
    return _pass_on(session, session.scalars(roots.distinct()).all(), old, new, reason, None, actor, clock)


def change_lead(session: Session, command: ChangeLead, *, actor: Actor, clock: Clock) -> PassedOn:
    """Have another agency lead a line, and pass the open tasks of its lead on.

    Raises:
        PermissionDeniedError: not the system administrator.
        InvalidInputError: no such line or agency, not a lead of the line by its own name, a wrong day, or no reason.
    """
    change = _check_change(session, command, actor, clock)
    old, new, reason = change.old, change.new, change.reason
    _change_line(session, command, change)
    facts = {
        "line": command.line_no,
        "old": old.code,
        "new": new.code,
        "on": command.on.isoformat(),
        "reason": reason,
    }
    audit.append(session, actor=actor, event=EventType.LEAD_CHANGED, payload=facts, clock=clock)
    take_on(session, old, new, clock, led=command.line_no)
    roots = select(HumanTask.root_id).join(Case, Case.id == HumanTask.root_id).where(*_led(old, command.line_no))
    found = session.scalars(roots.distinct()).all()
    moved = _pass_on(session, found, old, new, reason, TaskRole.LEAD, actor, clock)
    notify(
        session,
        person_ids=[each.person_id for each in people_of(session, new.id, office_date(clock.now()))],
        kind=NotificationKind.LEADS_NOW,
        facts={**facts_of(actor, reason), "line": command.line_no, "number": moved.tasks},
        clock=clock,
    )
    return moved


def foresee_change_of_lead(
    session: Session, command: ChangeLead, *, actor: Actor, clock: Clock
) -> tuple[MovingStep, ...]:
    """Return what `change_lead` would pass on, step by step; nothing is changed.

    Raises: as `change_lead`.
    """
    change = _check_change(session, command, actor, clock)
    rows = session.execute(
        select(
            Case.process_version_id,
            HumanTask.node_id,
            func.count().label("tasks"),
            func.count(HumanTask.root_id.distinct()).label("cases"),
            func.sum(case((HumanTask.status == TaskStatus.CREATED, 1), else_=0)).label("unsigned"),
            func.sum(case((HumanTask.status == TaskStatus.RESERVED, 1), else_=0)).label("claimed"),
            func.min(HumanTask.due_at).label("due_at"),
        )
        .join(Case, Case.id == HumanTask.root_id)
        .where(*_led(change.old, command.line_no))
        .group_by(Case.process_version_id, HumanTask.node_id)
        .order_by(Case.process_version_id, HumanTask.node_id)
    )
    return tuple(_moving(session, row) for row in rows)


def _moving(session: Session, row: Any) -> MovingStep:
    node = load_version(session, row.process_version_id).process.model.nodes.get(row.node_id)
    name = node_name(node) if node else Named(row.node_id, row.node_id, row.node_id)
    return MovingStep(name, row.cases, row.tasks, row.unsigned, row.claimed, row.due_at)


def _led(old: Agency, line_no: str) -> tuple[ColumnElement[bool], ...]:
    """The open tasks of an agency as the lead of a line, with their root cases."""
    own = HumanTask.agency_id == old.id
    return own, HumanTask.status.in_(OPEN), HumanTask.role == TaskRole.LEAD, Case.measure_no == line_no


def _reason(text: str) -> str:
    reason = text.strip()
    if not reason:
        raise InvalidInputError([FieldError("reason", "reason-required")])
    check_text(reason, "reason")
    return reason


def _agency(session: Session, code: str, field: str, clock: Clock) -> Agency:
    on = office_date(clock.now())
    known = code if code.isprintable() else ""
    found = session.scalar(
        select(Agency).where(Agency.code == known, in_force(Agency.valid_from, Agency.valid_to, on)).with_for_update()
    )
    if found is None:
        raise InvalidInputError([FieldError(field, "not-in-list")])
    return found


def _check(old: Agency, new: Agency, on: date, field: str, clock: Clock) -> None:
    if new.id == old.id or new.outside != old.outside:
        raise InvalidInputError([FieldError(field, "not-allowed")])
    if on > office_date(clock.now()) or (old.valid_from is not None and on <= old.valid_from):
        raise InvalidInputError([FieldError("on", "range")])


def _check_change(session: Session, command: ChangeLead, actor: Actor, clock: Clock) -> _Change:
    require(actor, Permission.RESPONSIBILITY_CHANGE)
    reason = _reason(command.reason)
    old = _agency(session, command.old, "old", clock)
    new = _agency(session, command.new, "new", clock)
    _check(old, new, command.on, "new", clock)
    known = command.line_no if command.line_no.isprintable() else ""
    try:
        line_id = get_line_id(session, known, command.on)
    except NotFoundError:
        raise InvalidInputError([FieldError("line", "not-in-list")]) from None
    leading = session.scalars(
        select(Responsibility).where(
            Responsibility.line_id == line_id,
            Responsibility.kind == ResponsibilityKind.LEAD,
            in_force(Responsibility.valid_from, Responsibility.valid_to, command.on),
        )
    ).all()
    mine = next((one for one in leading if one.agency_id == old.id), None)
    if mine is None:
        raise InvalidInputError([FieldError("old", "not-in-list")])
    if mine.valid_from >= command.on:
        raise InvalidInputError([FieldError("on", "range")])
    return _Change(old, new, reason, leading, mine)


def _change_line(session: Session, command: ChangeLead, change: _Change) -> None:
    change.mine.valid_to = command.on - timedelta(days=1)
    if all(one.agency_id != change.new.id for one in change.leading):
        session.add(
            Responsibility(
                line_id=change.mine.line_id,
                kind=ResponsibilityKind.LEAD,
                ordinal=change.mine.ordinal,
                agency_id=change.new.id,
                valid_from=command.on,
            )
        )
    session.flush()


def _pass_on(
    session: Session,
    root_ids: Sequence[int],
    old: Agency,
    new: Agency,
    reason: str,
    role: TaskRole | None,
    actor: Actor,
    clock: Clock,
) -> PassedOn:
    """Case by case, each under its lock, in the order of their keys."""
    moved = 0
    for root_id in sorted(root_ids):
        family = lock_family(session, root_id)
        query = select(HumanTask).where(
            HumanTask.root_id == root_id, HumanTask.agency_id == old.id, HumanTask.status.in_(OPEN)
        )
        if role is not None:
            query = query.where(HumanTask.role == role)
        tasks = session.scalars(query.order_by(HumanTask.id)).all()
        for task in tasks:
            how = _move(session, family, task, new, by_line=role is not None, actor=actor, clock=clock)
            audit.append(
                session,
                actor=actor,
                event=EventType.TASK_PASSED_ON,
                case_id=task.case_id,
                task_id=task.id,
                payload={
                    "node": task.node_id,
                    "from": [old.code, old.short_zh, old.short_en],
                    "to": [new.code, new.short_zh, new.short_en],
                    "how": how,
                    "reason": reason,
                },
                clock=clock,
            )
            moved += 1
        if family.is_running:  # whether anybody can do them there is another question
            form = partial(current_form, session, family.id)
            review_tasks(session, family, [task.id for task in tasks], actor=actor, clock=clock, form=form)
    return PassedOn(len(root_ids), moved)


def _move(
    session: Session, family: Family, task: HumanTask, new: Agency, *, by_line: bool, actor: Actor, clock: Clock
) -> str:
    if not is_signing(family.node(task.node_id)):
        _give(session, family, task, new, actor, clock)
        return "given"
    if _signs_too(session, task, new):
        _write(session, family, _without(session, family, task, clock), actor, clock)
        return "merged"
    if not by_line:
        _give(session, family, task, new, actor, clock)
        return "given"
    added = engine.add_signer(
        family.process.spec,
        family.state,
        task.token,
        new.code,
        now=clock.now(),
        workdays=workdays(session),
        members=members(session, family.measure_no, clock),
        grow=False,
    )
    _write(session, family, added, actor, clock)
    _write(session, family, _without(session, family, task, clock), actor, clock)
    return "given"


def _signs_too(session: Session, task: HumanTask, new: Agency) -> bool:
    """Whether the other agency has a vote of its own at the step: two that become one agency have one vote."""
    found = select(HumanTask.id).where(
        HumanTask.root_id == task.root_id,
        HumanTask.node_id == task.node_id,
        HumanTask.agency_id == new.id,
        HumanTask.status.in_({*OPEN, TaskStatus.COMPLETED}),
        HumanTask.voided_at.is_(None),
    )
    return session.scalar(found.limit(1)) is not None


def _give(session: Session, family: Family, task: HumanTask, new: Agency, actor: Actor, clock: Clock) -> None:
    """The limit goes on as it was; whoever had claimed it acts no more for the old agency. One that nobody has signed
    for waits in the other agency's inbox, and its limit starts when that signs. What a rule made of it in the old
    agency does not hold in the new one.
    """
    if task.owner_person_id is not None:
        open_part(session, task.id).taken_back_at = clock.now()
    resolve_incidents_of(session, HumanTask.id == task.id, actor=actor, clock=clock)
    session.execute(
        update(HumanTask)
        .where(HumanTask.id == task.id)
        .values(
            agency_id=new.id,
            post_kind=post_of(family.node(task.node_id)) if task.rule is not None else HumanTask.post_kind,
            rule=None,
            status=TaskStatus.CREATED if task.status == TaskStatus.CREATED else TaskStatus.READY,
            assignee_person_id=None,
            assignee_post_id=None,
            owner_person_id=None,
            owner_post_id=None,
            claimed_at=None,
            row_version=HumanTask.row_version + 1,
        )
        .execution_options(synchronize_session=False)
    )


def _without(session: Session, family: Family, task: HumanTask, clock: Clock) -> Step:
    return engine.remove_signer(
        family.process.spec,
        family.state,
        task.token,
        now=clock.now(),
        workdays=workdays(session),
        members=members(session, family.measure_no, clock),
    )


def _write(session: Session, family: Family, step: Step, actor: Actor, clock: Clock) -> None:
    planned = plan(session, family, step, clock=clock)
    write(session, family, planned, actor=actor, clock=clock, form=lambda: current_form(session, family.id))
