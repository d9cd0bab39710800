"""The grounds on which somebody may see a case, each named once; without one of them a case is not there.

What decides (`access`) joins these conditions, and what explains (`why_seen`) asks them one by one, so that an
explanation can never tell another story than the decision.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from sqlalchemy import ColumnElement, Select, and_, exists, false, func, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute

from workflows.cases.collaboration.tables import CaseCopy
from workflows.cases.models import Case, CaseSuccession, HumanTask
from workflows.permissions import Actor, Permission


class Ground(StrEnum):
    """Why a case is seen."""

    SUPERVISION = "supervision"
    """The post supervises all cases."""
    APPLICANT = "applicant"
    """The agency applies."""
    APPLIED_FOR = "applied-for"
    """The agency opened it, for itself or for the applicant."""
    STEP = "step"
    """A step of this very case was the agency's."""
    STEP_OF_PART = "step-of-part"
    """A step of one part was the agency's: it sees the whole as far as that part goes."""
    STEP_OF_WHOLE = "step-of-whole"
    """A step of the whole was the agency's: it sees every part."""
    SUCCESSION = "succession"
    """Steps were of an agency whose work in the case the reader's has taken on: it sees what that one saw."""
    COPY = "copy"
    """Copied to the agency or to the person, to be read."""
    COPY_OF_WHOLE = "copy-of-whole"
    """The whole was copied to them: they may read every part."""


OWN: Mapping[Ground, InstrumentedAttribute[int | None] | InstrumentedAttribute[int]] = {
    Ground.APPLICANT: Case.applicant_agency_id,
    Ground.APPLIED_FOR: Case.opened_by_agency_id,
}
"""The column that must name the agency."""

STEPS: Mapping[Ground, ColumnElement[bool]] = {
    Ground.STEP: HumanTask.case_id == Case.id,
    Ground.STEP_OF_PART: and_(Case.parent_id.is_(None), HumanTask.case_id != HumanTask.root_id),
    Ground.STEP_OF_WHOLE: and_(Case.parent_id.is_not(None), HumanTask.case_id == HumanTask.root_id),
}
"""What a step of the agency in the family must be to the case."""

COPIES: Mapping[Ground, ColumnElement[bool]] = {
    Ground.COPY: CaseCopy.case_id == Case.id,
    Ground.COPY_OF_WHOLE: CaseCopy.case_id == Case.root_id,
}
"""What a copy that is the reader's must be to the case."""


def supervises(actor: Actor) -> bool:
    """Tell whether the actor sees all cases by their post."""
    return actor.may(Permission.CASE_SUPERVISE)


def may_take_part(actor: Actor) -> bool:
    """Tell whether the agency's own part in a case counts for the actor."""
    return actor.may(Permission.CASE_READ)


def may_read_copies(actor: Actor) -> bool:
    """Tell whether copies count for the actor."""
    return actor.may(Permission.CASE_READ) and actor.may(Permission.CASE_COPY)


def case_in_scope(actor: Actor) -> ColumnElement[bool]:
    """Return the condition on `Case` that it is of the work the actor may do: a deputy may be limited to some."""
    return true() if actor.measure_only is None else Case.measure_no == actor.measure_only


def step_in_family(actor: Actor) -> ColumnElement[bool]:
    """Return the condition on `HumanTask` that it is a step of the actor's agency in the family of `Case`."""
    return and_(HumanTask.agency_id == actor.agency_id, HumanTask.root_id == func.coalesce(Case.root_id, Case.id))


def step_of_predecessor(actor: Actor) -> ColumnElement[bool]:
    """Return the condition on `CaseSuccession` and `HumanTask` that this is a step, in the family of `Case`, of an
    agency whose work there the actor's has taken on.
    """
    return and_(
        CaseSuccession.to_agency_id == actor.agency_id,
        CaseSuccession.root_id == func.coalesce(Case.root_id, Case.id),
        HumanTask.root_id == CaseSuccession.root_id,
        HumanTask.agency_id == CaseSuccession.from_agency_id,
    )


def copied_to(actor: Actor) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions on `CaseCopy` that a copy is the actor's to read."""
    to_them = or_(CaseCopy.person_id.is_(None), CaseCopy.person_id == actor.holder_id)
    return CaseCopy.agency_id == actor.agency_id, to_them, CaseCopy.withdrawn_at.is_(None)


def copied(actor: Actor) -> Select[int]:
    """Return the cases copied to the actor's agency or to them; what was copied may be read and nothing else."""
    return select(CaseCopy.case_id).where(*copied_to(actor))


def takes_part_in(actor: Actor) -> ColumnElement[bool]:
    """Return the condition on `Case`, asked of each row, that it is the actor's to work on or to supervise."""
    if supervises(actor):
        return true()
    if not may_take_part(actor):
        return false()
    reached = exists().where(step_in_family(actor), or_(*STEPS.values()))
    taken_on = exists().where(step_of_predecessor(actor), or_(*STEPS.values()))
    own = (column == actor.agency_id for column in OWN.values())
    return and_(case_in_scope(actor), or_(*own, reached.correlate(Case), taken_on.correlate(Case)))


def copied_among(actor: Actor) -> ColumnElement[bool]:
    """Return the condition on `Case`, asked of each row, that the actor may read it because it was copied."""
    if not may_read_copies(actor):
        return false()
    found = exists().where(or_(*COPIES.values()), *copied_to(actor))
    return and_(case_in_scope(actor), found.correlate(Case))
