"""Which part of a family of cases somebody sees: an issuer, and its county, see that issuer's and what all share.

Whoever did a step of the whole case, or applied for it, sees all of it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from workflows.agencies.models import Agency
from workflows.cases.collaboration.tables import CaseCopy
from workflows.cases.grounds import copied_to
from workflows.cases.models import Case, CaseSuccession, HumanTask
from workflows.cases.views import TaskRow
from workflows.engine import ProcessModel
from workflows.events import EventType
from workflows.permissions import Actor, Permission, PostKind
from workflows.persistence import once


@dataclass(frozen=True)
class Part:
    """A part of a family.

    Args:
        root_id: the root case.
        children: child case id → index, of those that are seen.
        whole: nothing is left out.
        name: what the applicant is called instead of the first one's name; None where that is seen.
    """

    root_id: int
    children: Mapping[int, int]
    whole: bool
    name: str | None = None

    @property
    def case_ids(self) -> Collection[int]:
        """The cases that are seen."""
        return {self.root_id, *self.children}

    def form(self, model: ProcessModel, form: Mapping[str, Any]) -> Mapping[str, Any]:
        """Leave out of an application the rows of others."""
        if self.whole:
            return form
        own = dict(form)
        for node in model.nodes.values():
            name = node.multi_instance.input_name if node.multi_instance and "childCase" in node.attributes else None
            rows = form.get(name) if name else None
            if name and isinstance(rows, list):
                own[name] = [rows[index] for index in sorted(self.children.values()) if index < len(rows)]
        return own

    def task(self, row: TaskRow) -> TaskRow:
        """Leave the first applicant's name out of a step of the whole case."""
        if self.name is None or row.case_id != self.root_id:
            return row
        return replace(row, applicant_name=self.name)

    def payload(self, case_id: int, payload: Mapping[str, Any], *, with_opinion: bool) -> Mapping[str, Any]:
        """Leave the first applicant's name out of an event of the whole case, and what officers wrote if asked to."""
        hidden = set() if with_opinion else {"opinion"}
        if self.name is not None and case_id == self.root_id:
            hidden.add("applicant")
        return {key: value for key, value in payload.items() if key not in hidden} if hidden else payload


INTERNAL = frozenset(
    {
        EventType.TASK_CLAIMED,
        EventType.TASK_RELEASED,
        EventType.TASK_ASSIGNED,
        EventType.TASK_TRANSFERRED,
        EventType.TASK_DELEGATED,
        EventType.TASK_HANDED_BACK,
        EventType.TASK_TAKEN_BACK,
        EventType.TASK_RETURNED,
        EventType.TASK_RECALLED,
        EventType.OPINION_ASKED_AGAIN,
        EventType.TASK_PASSED_ON,
        EventType.SIGNATURE_VOIDED,
        EventType.OBJECTION_ANSWERED,
        EventType.TASK_OVERDUE,
        EventType.TASK_DEEMED_NO_OPINION,
        EventType.TASK_PASSED_BY_RULE,
        EventType.TASK_OFFERED_HIGHER,
        EventType.DEADLINE_MOVED,
        EventType.TASK_URGED,
        EventType.TASK_HANDED_OVER,
        EventType.CASE_HANDED_OVER,
        EventType.CASE_COPIED,
        EventType.COPY_ACKNOWLEDGED,
        EventType.COPY_WITHDRAWN,
        EventType.INTERNAL_DOCUMENT_ADDED,
        EventType.INTERNAL_DOCUMENT_BLOCKED,
        EventType.MATERIAL_SENT_BACK,
        EventType.MATERIAL_SEND_BACK_UNDONE,
        EventType.SIGNER_ADDED,
        EventType.SIGNER_REMOVED,
        EventType.INCIDENT_OPENED,
        EventType.INCIDENT_RESOLVED,
        EventType.PAYMENT_PROPOSED,
        EventType.PAYMENT_REVIEWED,
        EventType.PAYMENT_APPROVED,
        EventType.PAYMENT_UNKNOWN,
        EventType.PAYMENT_VOIDED,
    }
)
"""What happens inside the administration: applicants are told results, by notice and by the steps themselves."""


def may_read_opinion(row: TaskRow, actor: Actor) -> bool:
    """Officers read each other's opinions; an applicant only what it wrote itself. Reasons come by official notice."""
    return actor.post_kind is not PostKind.APPLICANT or row.agency.code == actor.agency_code


def part_of(session: Session, case: Case, *, actor: Actor) -> Part:
    """Return the part of a family that one sees who looks at `case`, which they may see."""
    return once(session, ("part of family", case.id, actor), lambda: _part_of(session, case, actor))


def _acting_as(root_id: int, actor: Actor) -> Select[int]:
    """The actor's agency, and those whose work in the family it has taken on."""
    taken_on = select(CaseSuccession.from_agency_id).where(
        CaseSuccession.to_agency_id == actor.agency_id, CaseSuccession.root_id == root_id
    )
    return select(Agency.id).where(or_(Agency.id == actor.agency_id, Agency.id.in_(taken_on)))


def _part_of(session: Session, case: Case, actor: Actor) -> Part:
    if case.parent_id is not None:
        return Part(case.parent_id, {case.id: case.child_index or 0}, whole=False, name=case.applicant_name)
    rows = session.execute(select(Case.id, Case.child_index).where(Case.parent_id == case.id)).all()
    children = {row.id: row.child_index or 0 for row in rows}
    agencies = {case.applicant_agency_id, case.opened_by_agency_id}
    if not children or actor.agency_id in agencies or actor.may(Permission.CASE_SUPERVISE):
        return Part(case.id, children, whole=True)
    reached = set(
        session.scalars(
            select(HumanTask.case_id)
            .where(HumanTask.root_id == case.id, HumanTask.agency_id.in_(_acting_as(case.id, actor)))
            .distinct()
        )
    )
    if actor.may(Permission.CASE_COPY):
        reached |= set(session.scalars(select(CaseCopy.case_id).where(CaseCopy.case_id == case.id, *copied_to(actor))))
    if case.id in reached:
        return Part(case.id, children, whole=True)
    return Part(case.id, {key: index for key, index in children.items() if key in reached}, whole=False)
