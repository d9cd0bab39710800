"""Who may not do a step because of what they did before: by person, whatever post they act in and for whom.

Kept apart are the steps a diagram names (`distinctFrom`), the steps of one payment, whatever the diagram says, and the
applicant from every step that decides on the application.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import ColumnElement, Date, bindparam, literal, or_, select, union_all
from sqlalchemy.orm import Session

from workflows import audit
from workflows.agencies.dating import held
from workflows.agencies.models import Appointment, Post
from workflows.cases.collaboration.parts import did_a_part
from workflows.cases.collaboration.tables import TaskPart
from workflows.cases.effects import apart_of
from workflows.cases.models import Case, HumanTask, TaskRole, TaskStatus
from workflows.clock import Clock, office_date
from workflows.engine.model import Node, ProcessModel
from workflows.errors import ApplicantDecidesError, SamePersonError
from workflows.events import EventType
from workflows.permissions import Actor, PostKind
from workflows.persistence import BigKey, JsonText


def steps_apart(model: ProcessModel, node: Node) -> tuple[str, ...]:
    """Return the steps whose performers may not do this one: those named, and those of the same payment."""
    effects = apart_of(node.attributes.get("effect", ""))
    of_money = (other.id for other in model.user_tasks() if other.attributes.get("effect") in effects)
    return tuple(dict.fromkeys((*node.attributes.get("distinctFrom", "").split(), *of_money)))


def require_other_person(
    session: Session,
    model: ProcessModel,
    node: Node,
    task: HumanTask,
    actor: Actor,
    *,
    clock: Clock,
    applicants: frozenset[int] | None = None,
) -> None:
    """Refuse an actor who did a step that must be kept apart from this one, or who is the applicant.

    Whoever did a part of a step that was delegated, and whose work it was where somebody stood in for them, counts as
    having done it; and whom the actor stands in for counts like the actor.

    Raises:
        SamePersonError: the actor did one of those steps in this case.
        ApplicantDecidesError: the step decides on the actor's own application.
    """
    done = _first_done(session, task, steps_apart(model, node), actor.person_ids)
    if done is not None:
        raise SamePersonError(node.id, done)
    if task.role == TaskRole.APPLICANT:
        return
    if applicants is None:
        applicants = applicants_of(session, task.root_id, clock=clock)
    if actor.person_ids & applicants:
        raise ApplicantDecidesError(node.id)


def who_did(session: Session, task: HumanTask, steps: Sequence[str]) -> dict[int, str]:
    """Return everybody who counts as having done one of these steps in the case → which step."""
    if not steps:
        return {}
    rows = session.execute(
        select(
            HumanTask.node_id,
            HumanTask.completed_by_person_id,
            HumanTask.completed_for_person_id,
            TaskPart.delegate_person_id,
            TaskPart.handed_back_by_person_id,
        )
        .outerjoin(TaskPart, (TaskPart.task_id == HumanTask.id) & TaskPart.handed_back_at.is_not(None))
        .where(*_done(task, steps))
        .order_by(HumanTask.id)
    )
    return {person_id: row[0] for row in rows for person_id in row[1:] if person_id is not None}


def applicants_of(session: Session, root_id: int, *, clock: Clock) -> frozenset[int]:
    """Return the persons who are the applicant or acted for them.

    That is whoever opened the case and for whom, whoever has the case as their own since, whoever did an applicant's
    step, and whoever holds a post at the applicant's today.
    """
    parameters = {"root": root_id, "on": office_date(clock.now())}
    found: set[int | None] = set()
    for person_id, payload in session.execute(_APPLICANTS, parameters):
        found |= {person_id, (payload or {}).get("on_behalf_of")}
    return frozenset(person_id for person_id in found if person_id is not None)


_ROOT = bindparam("root", type_=BigKey)
_NO_PAYLOAD = literal(None, JsonText).label("payload")
_THEIR_STEPS = (
    HumanTask.root_id == _ROOT,
    HumanTask.role == TaskRole.APPLICANT,
    HumanTask.status == TaskStatus.COMPLETED,
)
_APPLICANTS = union_all(
    select(audit.AuditEntry.person_id, audit.AuditEntry.payload).where(
        audit.AuditEntry.case_id == _ROOT, audit.AuditEntry.event == EventType.CASE_OPENED
    ),
    select(Case.opened_by_person_id, _NO_PAYLOAD).where(Case.id == _ROOT),
    select(HumanTask.completed_by_person_id, _NO_PAYLOAD).where(*_THEIR_STEPS),
    select(HumanTask.completed_for_person_id, _NO_PAYLOAD).where(*_THEIR_STEPS),
    select(Appointment.person_id, _NO_PAYLOAD)
    .join(Post, Post.id == Appointment.post_id)
    .join(Case, Case.applicant_agency_id == Post.agency_id)
    .where(Case.id == _ROOT, Post.kind == PostKind.APPLICANT, held(bindparam("on", type_=Date))),
)
"""Built once: asked with every claim and every completion."""


def _first_done(session: Session, task: HumanTask, steps: Sequence[str], person_ids: Iterable[int]) -> str | None:
    if not steps:
        return None
    ids = tuple(person_ids)
    return session.scalar(
        select(HumanTask.node_id)
        .where(
            *_done(task, steps),
            or_(
                HumanTask.completed_by_person_id.in_(ids),
                HumanTask.completed_for_person_id.in_(ids),
                did_a_part(ids),
            ),
        )
        .limit(1)
    )


def _done(task: HumanTask, steps: Sequence[str]) -> tuple[ColumnElement[bool], ...]:
    return (
        HumanTask.root_id == task.root_id,
        HumanTask.case_id.in_({task.case_id, task.root_id}),
        HumanTask.node_id.in_(steps),
        HumanTask.status == TaskStatus.COMPLETED,
        HumanTask.voided_at.is_(None),
    )
