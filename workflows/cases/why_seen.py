"""Why somebody may see a case: every ground that lets them, with what it rests on, from the rules that decide."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from workflows.agencies.deputies import find_stand_in
from workflows.agencies.models import Agency, Person, Post
from workflows.cases.access import get_visible_case, require
from workflows.cases.collaboration.tables import CaseCopy
from workflows.cases.grounds import (
    COPIES,
    OWN,
    STEPS,
    Ground,
    case_in_scope,
    copied_to,
    may_read_copies,
    may_take_part,
    step_in_family,
    step_of_predecessor,
    supervises,
)
from workflows.cases.models import Case, HumanTask
from workflows.cases.names import node_name
from workflows.cases.views import Named
from workflows.clock import Clock, office_date
from workflows.permissions import Actor, Permission
from workflows.processes import load_version


@dataclass(frozen=True)
class StepGround:
    """A step on which a ground rests.

    Args:
        task_id: its key.
        name: as the diagram has it.
        role: `lead`, `support` or `cc`.
        since: when the agency got it.
        own: the reader holds it, did it or has delegated it.
        for_post: nobody has claimed it and the reader's kind of post may.
    """

    task_id: int
    name: Named
    role: str
    since: datetime
    own: bool
    for_post: bool


@dataclass(frozen=True)
class CopyGround:
    """A copy on which a ground rests: when, from which agency and person, to the one reader or the whole agency."""

    sent_at: datetime
    agency: Named
    person: Named
    personal: bool


@dataclass(frozen=True)
class Reason:
    """One ground that holds, with the steps or copies it rests on, and whose steps they were before a succession."""

    ground: Ground
    steps: tuple[StepGround, ...] = ()
    predecessors: tuple[Named, ...] = ()
    copies: tuple[CopyGround, ...] = ()


@dataclass(frozen=True)
class Seen:
    """Why somebody sees a case.

    Args:
        case_no, measure_no: the case.
        reasons: every ground that holds; empty for nobody who asks about themselves.
        person, agency, post: who, and in which post.
        principal: whose post it is, where they stand in for somebody.
        until: the last day of a 委托; None for a B角 and for an own post.
        scope: the one measure that standing in is limited to.
    """

    case_no: str
    measure_no: str
    reasons: tuple[Reason, ...]
    person: Named
    agency: Named
    post: Named
    principal: Named | None = None
    until: date | None = None
    scope: str | None = None


def explain(session: Session, case: Case, *, actor: Actor) -> tuple[Reason, ...]:
    """Return every ground on which the actor sees the case; empty where none does, and then it is hidden from them."""
    found = [Reason(Ground.SUPERVISION)] if supervises(actor) else []
    in_scope = session.scalar(select(Case.id).where(Case.id == case.id, case_in_scope(actor))) is not None
    if not in_scope:
        return tuple(found)
    if may_take_part(actor):
        found += _own(session, case, actor)
        found += _steps(session, case, actor)
        found += _taken_on(session, case, actor)
    if may_read_copies(actor):
        found += _copies(session, case, actor)
    return tuple(found)


def why_seen(session: Session, case_no: str, *, actor: Actor, clock: Clock) -> Seen:
    """Return why the actor sees a case.

    Raises:
        NotFoundError: no such case for the actor; whether there is one, they are not told.
    """
    require(actor, Permission.CASE_READ)
    case = get_visible_case(session, case_no, actor=actor)
    stand_in = None
    if actor.on_behalf_of is not None:
        stand_in = find_stand_in(session, actor.person_id, actor.post_id, office_date(clock.now()))
    return seen_by(session, case, actor, until=stand_in.to_on if stand_in else None)


def explain_step(session: Session, case: Case, task: HumanTask, *, actor: Actor) -> StepGround:
    """Return a step of the actor's agency as a ground rests on it."""
    node = load_version(session, case.process_version_id).process.model.nodes.get(task.node_id)
    return _step(task, node_name(node) if node else None, actor)


def seen_by(session: Session, case: Case, actor: Actor, *, until: date | None = None) -> Seen:
    """Return why an actor sees a case, or without reasons that nothing lets them.

    Args:
        until: the last day of the 委托 they act by.
    """
    person, post = session.get_one(Person, actor.person_id), session.get_one(Post, actor.post_id)
    agency = session.get_one(Agency, actor.agency_id)
    principal = session.get_one(Person, actor.on_behalf_of) if actor.on_behalf_of is not None else None
    return Seen(
        case_no=case.no,
        measure_no=case.measure_no,
        reasons=explain(session, case, actor=actor),
        person=_person(person),
        agency=_agency(agency),
        post=Named(post.kind, post.name_zh, post.name_en),
        principal=_person(principal) if principal else None,
        until=until,
        scope=actor.measure_only,
    )


def _own(session: Session, case: Case, actor: Actor) -> Iterator[Reason]:
    row = session.execute(select(*(column == actor.agency_id for column in OWN.values())).where(Case.id == case.id))
    for ground, holds in zip(OWN, row.one(), strict=True):
        if holds:
            yield Reason(ground)


def _steps(session: Session, case: Case, actor: Actor) -> Iterator[Reason]:
    rows = _rows(session, HumanTask, STEPS, case, step_in_family(actor))
    if not rows:
        return
    version = load_version(session, case.process_version_id)
    nodes = version.process.model.nodes
    for ground in STEPS:
        steps = tuple(
            _step(row[0], node_name(nodes[row[0].node_id]) if row[0].node_id in nodes else None, actor)
            for row in rows
            if row._mapping[ground.value]
        )
        if steps:
            yield Reason(ground, steps=steps)


def _taken_on(session: Session, case: Case, actor: Actor) -> Iterator[Reason]:
    query = select(HumanTask, Agency).join(Agency, Agency.id == HumanTask.agency_id).where(Case.id == case.id)
    rows = session.execute(query.where(step_of_predecessor(actor), or_(*STEPS.values())).order_by(HumanTask.id)).all()
    if rows:
        steps = (explain_step(session, case, row.HumanTask, actor=actor) for row in rows)
        agencies = dict.fromkeys(_agency(row.Agency) for row in rows)
        yield Reason(Ground.SUCCESSION, tuple(replace(step, for_post=False) for step in steps), tuple(agencies))


def _copies(session: Session, case: Case, actor: Actor) -> Iterator[Reason]:
    rows = _rows(session, CaseCopy, COPIES, case, *copied_to(actor))
    for ground in COPIES:
        copies = tuple(_copy(session, row[0]) for row in rows if row._mapping[ground.value])
        if copies:
            yield Reason(ground, copies=copies)


def _rows(
    session: Session,
    table: type[HumanTask] | type[CaseCopy],
    grounds: Mapping[Ground, ColumnElement[bool]],
    case: Case,
    *conditions: ColumnElement[bool],
) -> list[Any]:
    """Rows of a table on which grounds rest, each with one column for each ground that says whether it does."""
    labelled = (holds.label(ground.value) for ground, holds in grounds.items())
    query = select(table, *labelled).where(Case.id == case.id, or_(*grounds.values()), *conditions)
    return list(session.execute(query.order_by(table.id)).all())


def _step(task: HumanTask, name: Named | None, actor: Actor) -> StepGround:
    of_actor = {task.assignee_person_id, task.owner_person_id, task.completed_by_person_id}
    return StepGround(
        task_id=task.id,
        name=name or Named(task.node_id, task.node_id, task.node_id),
        role=task.role,
        since=task.created_at,
        own=actor.holder_id in of_actor,
        for_post=task.assignee_person_id is None and task.completed_at is None and task.post_kind == actor.post_kind,
    )


def _copy(session: Session, copy: CaseCopy) -> CopyGround:
    sender = session.get_one(Agency, copy.sent_by_agency_id)
    by = session.get_one(Person, copy.sent_by_person_id)
    return CopyGround(copy.sent_at, _agency(sender), _person(by), personal=copy.person_id is not None)


def _agency(agency: Agency) -> Named:
    return Named(agency.code, agency.short_zh, agency.short_en)


def _person(person: Person) -> Named:
    return Named(person.username, person.name_zh, person.name_en)
